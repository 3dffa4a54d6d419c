"""The container and compose files, as far as they can be checked without an engine."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from assistant.chain import Assistant
from assistant.settings import ServeConfig, Settings, load_settings, unknown_variables
from ui.auth import check_exposure, is_among
from ui.cli import app as cli
from ui.server import mount

ROOT = Path(__file__).parents[2]


def compose() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return data


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n", " ", (ROOT / "Containerfile").read_text("utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def test_the_container_runs_as_a_numbered_user_and_copies_only_what_exists() -> None:
    known = {
        "FROM",
        "ARG",
        "WORKDIR",
        "COPY",
        "RUN",
        "ENV",
        "USER",
        "VOLUME",
        "EXPOSE",
        "HEALTHCHECK",
        "ENTRYPOINT",
        "CMD",
    }
    steps = instructions()
    assert {name for name, _ in steps} <= known
    last_stage = max(i for i, (name, _) in enumerate(steps) if name == "FROM")
    (user,) = [value for name, value in steps[last_stage:] if name == "USER"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    let_in = {
        line[1:]
        for line in (ROOT / ".containerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    for name, value in steps:
        if name == "COPY" and not value.startswith("--from"):
            for source in value.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert source in let_in


def test_ports_stay_on_this_computer_and_volumes_are_declared() -> None:
    data = compose()
    for service in data["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        assert {v.split(":")[0] for v in service.get("volumes", ())} <= set(data["volumes"])
    assert data["services"]["app"]["read_only"] is True


def test_the_settings_in_the_compose_file_exist_and_let_it_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in compose()["services"]["app"]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:-(\S*?)\}", r"\1", value))
    assert unknown_variables() == ()
    settings = load_settings()
    assert settings.chat.model == ""
    check_exposure(settings.serve.model_copy(update={"host": "0.0.0.0"}))


def test_what_the_compose_file_offers_in_comments_exists_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    named = re.sub(r"^(\s+)# (- \"\./users|LAUNCH_SERVE__)", r"\1\2", text, flags=re.MULTILINE)
    app = yaml.safe_load(named)["services"]["app"]
    environment = app["environment"]
    assert environment.pop("LAUNCH_SERVE__EXPOSED") == "true"
    for name, value in environment.items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:-(\S*?)\}", r"\1", value))
    assert unknown_variables() == ()
    serve = load_settings().serve
    assert f"./users.txt:{serve.auth}:ro" in app["volumes"]
    assert is_among("172.18.0.5", serve.proxies)
    check_exposure(serve.model_copy(update={"host": "0.0.0.0"}))


def test_every_setting_that_a_file_or_a_readme_names_exists() -> None:
    known = {f"LAUNCH_{name.upper()}" for name in Settings.model_fields}
    for section in ("index", "evidence", "chat", "fetch", "serve"):
        model = type(getattr(Settings(), section))
        known |= {f"LAUNCH_{section.upper()}__{name.upper()}" for name in model.model_fields}
    for path in ("compose.yaml", "Containerfile", "README.md", "ui/README.md"):
        found = re.findall(r"LAUNCH_[A-Z]+(?:__[A-Z_]*[A-Z])?", (ROOT / path).read_text("utf-8"))
        assert set(found) - {"LAUNCH_SERVE", "LAUNCH_NAME"} <= known, path


def test_the_container_answers_where_its_supervisor_looks(
    page_assistant: Assistant, page_settings: Settings
) -> None:
    steps = dict(instructions())
    port = steps["EXPOSE"]
    found = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", steps["HEALTHCHECK"])
    assert found
    assert found[1] == port == str(ServeConfig().port)
    assert compose()["services"]["app"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    client = TestClient(mount(page_assistant, page_settings), base_url="http://127.0.0.1")
    assert client.get(found[2]).status_code == 200
    command = [*json.loads(steps["ENTRYPOINT"])[1:], *json.loads(steps["CMD"])]
    assert CliRunner().invoke(cli, [*command, "--help"]).exit_code == 0


def test_stopping_the_container_leaves_time_for_the_answers() -> None:
    app = compose()["services"]["app"]
    grace = float(app["stop_grace_period"].removesuffix("s"))
    assert grace >= float(app["environment"]["LAUNCH_SERVE__STOP_SECONDS"]) + 10


def test_every_image_is_named_with_its_version_and_torch_has_an_index_of_its_own() -> None:
    for service in compose()["services"].values():
        if "image" in service:
            image = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", service["image"])
            assert re.search(r":v?\d+(\.\d+)+$", image), image
    steps = instructions()
    assert all(re.match(r"python:3\.\d+-slim", value) for name, value in steps if name == "FROM")
    assert [value for name, value in steps if name == "ARG" and value.startswith("TORCH_INDEX=")]
    (install,) = [value for name, value in steps if name == "RUN" and "constraints.txt" in value]
    assert install.index('${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch') < install.index('".${EXTRAS}"')


def test_services_ask_each_other_where_they_listen() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    services = compose()["services"]
    for host, port in re.findall(r"_URL=http://(\w+):(\d+)", text):
        assert port in services[host]["expose"]
    for used in re.findall(r"\$\{(\w+):-", text):
        assert used.isupper()
    assert set(re.findall(r"(?:set|and) ([A-Z_]+)=", text)) <= set(re.findall(r"\$\{(\w+):-", text))


def test_the_store_is_of_the_clients_version_and_reached_from_inside_only() -> None:
    store = compose()["services"]["store"]
    pinned = re.search(r"^chromadb==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    assert pinned
    assert store["image"] == f"chromadb/chroma:${{CHROMA_VERSION:-{pinned[1]}}}"
    assert "ports" not in store


def test_with_a_store_the_vectors_go_there(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = compose()["services"]["app"]["environment"]
    assert environment["LAUNCH_INDEX__CHROMA_URL"] == "${CHROMA_URL:-}"
    monkeypatch.setenv("LAUNCH_INDEX__CHROMA_URL", "http://store:8000")
    assert load_settings().index.chroma_url == "http://store:8000"
