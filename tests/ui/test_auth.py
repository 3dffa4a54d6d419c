"""Who gets in: on the real server with a file of users, with a trusted header, and open on loopback."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.chain import Assistant
from assistant.rebuilding import rebuild_index
from assistant.settings import ServeConfig, Settings, load_settings
from index.embedding import Embedder
from tests.conftest import served as serving
from tests.ui.calling import call
from ui.auth import Role, Users, check_exposure, check_password, hash_password, read_users, user_line
from ui.errors import AccessError

WORDS = {"ann": "correct horse battery", "bob": "another long word"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Settings:
    folder = tmp_path_factory.mktemp("auth")
    (folder / "articles").mkdir()
    (folder / "articles" / "kestrel.txt").write_text(
        "Brightwell unveiled the Kestrel 2 telescope on 3 February 2025 in Leeds. It costs 1,290 euros.",
        "utf-8",
    )
    settings = load_settings().model_copy(update={"home": folder / "home", "corpus": folder / "articles"})
    rebuild_index(settings, embedder=embedder)
    return settings


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("users") / "users.txt"
    lines = [user_line("ann", WORDS["ann"], Role.CURATE), user_line("bob", WORDS["bob"], Role.ASK)]
    path.write_text("# who may ask\n" + "\n".join(lines) + "\n", "utf-8")
    return path


@contextmanager
def served(settings: Settings, **serve: Any) -> Iterator[str]:
    settings = settings.model_copy(update={"serve": ServeConfig(**serve)})
    with serving(Assistant.from_settings(settings), settings) as url:
        yield url


@pytest.fixture(scope="module")
def guarded(settings: Settings, users: Path) -> Iterator[str]:
    with served(settings, auth=users) as url:
        yield url


def login(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


QUESTION = {"question": "What does the Kestrel 2 cost?"}


def test_a_password_is_known_again_and_its_hash_is_salted() -> None:
    first, second = hash_password("pässword with ü"), hash_password("pässword with ü")
    assert first != second
    assert check_password("pässword with ü", first)
    assert not check_password("password with u", first)
    assert not check_password("x", "md5$abc")
    assert not check_password("x", "scrypt$3$0$0$??$")


@pytest.mark.parametrize(
    "path",
    ["/", "/config", "/api", "/openapi.json", "/metrics", "/gradio_api/info", "/launch-assets/page.css"],
)
def test_nothing_is_shown_without_a_password(guarded: str, path: str) -> None:
    status, said = call(guarded + path)
    assert status == 401
    assert json.loads(said)["error"]["code"] == "login"
    assert call(guarded + path, headers=login("ann", WORDS["ann"]))[0] == 200


def test_asking_needs_the_right_password(guarded: str) -> None:
    assert call(f"{guarded}/api/answer", QUESTION)[0] == 401
    assert call(f"{guarded}/api/answer", QUESTION, login("ann", WORDS["bob"]))[0] == 401
    assert call(f"{guarded}/api/answer", QUESTION, login("nobody", WORDS["bob"]))[0] == 401
    assert call(f"{guarded}/api/answer", QUESTION, {"Authorization": "Basic ???"})[0] == 401
    status, answer = call(f"{guarded}/api/answer", QUESTION, login("bob", WORDS["bob"]))
    assert status == 200
    assert "1,290 euros" in json.loads(answer)["text"]


def test_a_supervisor_needs_no_password(guarded: str) -> None:
    assert call(f"{guarded}/healthz")[0] == 200
    assert call(f"{guarded}/readyz")[0] == 200


def rebuild_from_page(url: str, headers: dict[str, str]) -> str:
    """Press the page's rebuild button, as its script does, and return all that comes back."""
    _, config = call(f"{url}/config", headers=headers)
    page = json.loads(config)
    (button,) = [c["id"] for c in page["components"] if c["props"].get("elem_id") == "rebuild"]
    (event,) = [d for d in page["dependencies"] if [button, "click"] in d["targets"]]
    session = f"s{time.monotonic_ns()}"
    body = {"data": [], "fn_index": event["id"], "session_hash": session, "trigger_id": button}
    status, said = call(f"{url}/gradio_api/queue/join?", body, headers)
    assert status == 200, said
    return call(f"{url}/gradio_api/queue/data?session_hash={session}", headers=headers)[1]


def test_only_a_curator_rebuilds(guarded: str) -> None:
    assert "Only a curator" in rebuild_from_page(guarded, login("bob", WORDS["bob"]))
    allowed = rebuild_from_page(guarded, login("ann", WORDS["ann"]))
    assert "Only a curator" not in allowed
    assert "up to date" in allowed


def test_guessing_is_slowed_and_does_not_lock_out_who_is_in(settings: Settings, users: Path) -> None:
    with served(settings, auth=users) as url:
        good = login("bob", WORDS["bob"])
        assert call(f"{url}/api", headers=good)[0] == 200
        seen = [call(f"{url}/api", headers=login("ann", f"guess number {n}"))[0] for n in range(12)]
        assert seen[:10] == [401] * 10
        assert seen[10:] == [429, 429]
        assert call(f"{url}/api", headers=good)[0] == 200


def test_a_user_asks_so_often_and_others_are_not_affected(settings: Settings, users: Path) -> None:
    with served(settings, auth=users, per_minute=2) as url:
        bob = login("bob", WORDS["bob"])
        got = [call(f"{url}/api/answer", QUESTION, bob) for _ in range(3)]
        assert [status for status, _ in got] == [200, 200, 429]
        assert json.loads(got[2][1])["error"]["code"] == "rate"
        assert call(f"{url}/api/answer", QUESTION, login("ann", WORDS["ann"]))[0] == 200


def test_the_header_of_a_trusted_proxy_names_the_user(settings: Settings) -> None:
    with served(settings, user_header="X-Remote-User", curators=("ann",)) as url:
        assert call(f"{url}/api")[0] == 401
        assert call(f"{url}/api", headers={"X-Remote-User": "bob"})[0] == 200
        assert "Only a curator" in rebuild_from_page(url, {"X-Remote-User": "bob"})
        assert "up to date" in rebuild_from_page(url, {"X-Remote-User": "ann"})


def test_the_header_of_anybody_else_is_not_believed(settings: Settings) -> None:
    with served(settings, user_header="X-Remote-User", proxies=("192.0.2.7",)) as url:
        forged = {"X-Remote-User": "ann", "X-Forwarded-For": "192.0.2.7"}
        assert call(f"{url}/api", headers=forged)[0] == 401


def test_other_sites_and_forged_names_are_turned_away(page_url: str) -> None:
    assert call(f"{page_url}/api", headers={"Host": "evil.example"})[0] == 403
    status, said = call(f"{page_url}/api/answer", QUESTION, {"Sec-Fetch-Site": "cross-site"})
    assert status == 403
    assert json.loads(said)["error"]["code"] == "origin"
    assert call(f"{page_url}/api", headers={"Host": "localhost:7860"})[0] == 200


def test_a_large_body_is_refused(page_url: str) -> None:
    status, said = call(f"{page_url}/api/answer", {"question": "x" * 600_000})
    assert status == 413
    assert json.loads(said)["error"]["code"] == "size"


@pytest.mark.parametrize(
    "line", ["bob", "bob:ask:plain words", "b b:ask:scrypt$1$1$1$a$a", "bob:root:scrypt$1$1$1$a$a", ""]
)
def test_a_file_that_is_none_names_the_line_and_keeps_its_words(tmp_path: Path, line: str) -> None:
    path = tmp_path / "users"
    path.write_text(line + "\n", "utf-8")
    with pytest.raises(AccessError, match="launch-assistant passwd") as caught:
        read_users(path)
    assert "plain words" not in str(caught.value)


def test_a_user_taken_from_the_file_is_out_at_once(tmp_path: Path) -> None:
    path = tmp_path / "users"
    ann, bob = user_line("ann", WORDS["ann"], Role.ASK), user_line("bob", WORDS["bob"], Role.ASK)
    path.write_text(f"{ann}\n{bob}\n", "utf-8")
    users = Users(path)
    assert users.known("bob", WORDS["bob"]) is None
    assert users.check("bob", WORDS["bob"]) is not None
    assert users.known("bob", WORDS["bob"]) is not None
    path.write_text(f"{ann}\n", "utf-8")
    assert users.known("bob", WORDS["bob"]) is None
    assert users.check("bob", WORDS["bob"]) is None


def test_the_network_is_not_served_without_a_password(users: Path) -> None:
    for host in ("127.0.0.1", "::1", "localhost"):
        check_exposure(ServeConfig(host=host))
    with pytest.raises(AccessError, match="--auth"):
        check_exposure(ServeConfig(host="0.0.0.0"))
    check_exposure(ServeConfig(host="0.0.0.0", auth=users))
    check_exposure(ServeConfig(host="0.0.0.0", exposed=True))


def test_passwd_prints_a_line_that_lets_in(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ui", "passwd", "eve", "--role", "curate"],
        input="a long enough word\n", capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    path = tmp_path / "users"
    path.write_text(done.stdout, "utf-8")
    user = Users(path).check("eve", "a long enough word")
    assert user is not None
    assert user.role is Role.CURATE


def test_passwd_refuses_a_short_password_and_an_unknown_role() -> None:
    from ui.cli import app

    short = CliRunner().invoke(app, ["passwd", "eve"], input="short\n")
    assert isinstance(short.exception, AccessError)
    unknown = CliRunner().invoke(app, ["passwd", "eve", "--role", "king"], input="long enough words\n")
    assert isinstance(unknown.exception, AccessError)
