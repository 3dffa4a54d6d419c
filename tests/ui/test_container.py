"""The container and compose files, as far as they can be checked without an engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.settings import load_settings, unknown_variables
from ui.auth import check_exposure

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
