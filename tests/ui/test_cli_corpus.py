"""Adding, rebuilding and going back from the command line, on the real index and embedding model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import Result
from filelock import FileLock
from typer.testing import CliRunner

from assistant.settings import load_settings
from corpus.errors import CorpusError
from index.errors import IndexLockedError, SnapshotError
from ui.cli import app

KESTREL = """---
title: Brightwell shows the Kestrel 2
publisher: {publisher}
url: https://news.example/kestrel
published: 2025-02-03
---
Brightwell unveiled the Kestrel 2 telescope on 3 February 2025 in Leeds.
The Kestrel 2 telescope costs {price} euros.
The Kestrel 2 telescope weighs 4.2 kilograms and folds into a small bag.
Sales of the telescope begin in Germany and Austria, and later in Portugal.
The engineers ground its mirror by hand in a workshop near the river, which took them eleven weeks.
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAUNCH_HOME", str(tmp_path / "launch home"))
    monkeypatch.setenv("LAUNCH_EVIDENCE__MODEL", "heuristic")
    return tmp_path / "launch home"


@pytest.fixture
def folder(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "my articles"
    folder.mkdir()
    write(folder / "kestrel.md")
    monkeypatch.setenv("LAUNCH_CORPUS", str(folder))
    return folder


def write(path: Path, *, price: str = "1,290", publisher: str = "The Paper") -> Path:
    path.write_text(KESTREL.format(price=price, publisher=publisher), "utf-8")
    return path


def run(*args: str) -> Result:
    return CliRunner().invoke(app, list(args))


def good(*args: str) -> str:
    done = run(*args)
    assert done.exit_code == 0, (done.output, done.exception)
    return str(done.stdout)


def standings(saved: Path) -> list[str]:
    done = run("verify", str(saved))
    found = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("[")]
    assert done.exit_code == int(set(found) != {"current"}), done.output
    return found


def test_an_article_is_added_corrected_removed_and_brought_back(home: Path, tmp_path: Path) -> None:
    """And an answer given before is checked after each of these."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    write(inbox / "kestrel.md")
    write(inbox / "reprint.md", publisher="The Other Paper")
    (inbox / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    (inbox / "reprint.md").write_text(
        (inbox / "reprint.md").read_text("utf-8").replace("news.example", "other.example"), "utf-8"
    )

    told = good("add", str(inbox), "--no-rebuild")
    assert "added: 1\n  brightwell-shows-the-kestrel-2" in told
    assert "near-copies: 1" in told
    assert "skipped: 1" in told
    assert "picture.png: " in told
    assert not (home / "index").exists()

    planned = json.loads(good("rebuild", "--dry-run", "--json"))
    assert "brightwell-shows-the-kestrel-2" in planned["added"]
    assert planned["embedded"] == planned["passages"] > 0
    assert not (home / "index").exists()

    done = good("add", str(inbox))
    assert "unchanged: 2" in done
    assert "generation 1" in done
    saved = {}
    for name, question in (
        ("price", "How many euros does the Kestrel 2 telescope cost?"),
        ("weight", "What does the Kestrel 2 telescope weigh?"),
    ):
        saved[name] = tmp_path / f"{name}.json"
        saved[name].write_text(good("ask", "--json", question), "utf-8")
        assert set(standings(saved[name])) == {"current"}

    good("add", str(write(tmp_path / "corrected.md", price="1,450")), "--json")
    assert list((home / "versions" / "brightwell-shows-the-kestrel-2").glob("*.md"))
    assert "changed" in standings(saved["price"])
    quotes = [c["quote"] for c in json.loads(saved["weight"].read_text("utf-8"))["citations"]]
    expected = ["changed" if "1,290" in quote else "current" for quote in quotes]
    assert standings(saved["weight"]) == expected
    assert "current" in expected

    assert "removed: brightwell-shows-the-kestrel-2" in good("remove", "brightwell-shows-the-kestrel-2")
    assert set(standings(saved["price"])) == {"withdrawn"}
    assert isinstance(run("remove", "brightwell-shows-the-kestrel-2").exception, CorpusError)
    good("restore-article", "brightwell-shows-the-kestrel-2")
    assert "changed" in standings(saved["price"])


def test_nothing_usable_is_status_1_and_names_why(home: Path, tmp_path: Path) -> None:
    done = run("add", str(tmp_path / "missing.md"), "http://127.0.0.1:9/page", "--no-rebuild")
    assert done.exit_code == 1
    assert "skipped: 2" in done.stdout
    assert "missing.md" in done.stdout
    assert "127.0.0.1" in done.stdout


def test_a_folder_of_ones_own_takes_no_added_articles(folder: Path) -> None:
    done = run("add", str(folder / "kestrel.md"))
    assert isinstance(done.exception, CorpusError)
    assert str(folder) in str(done.exception)


def test_a_dry_run_tells_the_change_and_changes_nothing(home: Path, folder: Path) -> None:
    write(folder / "second.md", price="2,000")
    good("rebuild")
    write(folder / "kestrel.md", price="1,450")
    write(folder / "third.md", price="3,000")
    (folder / "second.md").unlink()
    (folder / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    before = {p: p.stat().st_mtime_ns for p in home.rglob("*")}
    told = good("rebuild", "--dry-run")
    for line in (
        "Nothing was changed",
        "added: third",
        "changed: kestrel",
        "removed: second",
        "picture.md: ",
    ):
        assert line in told
    assert {p: p.stat().st_mtime_ns for p in home.rglob("*")} == before


def test_a_state_is_named_and_gone_back_to(folder: Path) -> None:
    good("rebuild")
    assert "before: 1 articles" in good("snapshot", "before")
    assert isinstance(run("snapshot", "before").exception, SnapshotError)
    write(folder / "kestrel.md", price="1,450")
    good("rebuild")
    assert "1,450" in good("ask", "How many euros does the Kestrel 2 telescope cost?")
    good("restore", "before")
    assert "1,290" in good("ask", "How many euros does the Kestrel 2 telescope cost?")
    assert [s["name"] for s in json.loads(good("snapshots", "--json"))] == ["before"]
    assert "changed: kestrel" in good("rebuild")
    good("snapshots", "--remove", "before")
    assert isinstance(run("restore", "before").exception, SnapshotError)


def test_a_second_rebuilder_names_the_first_or_waits_for_it(folder: Path) -> None:
    index = load_settings().index_home
    index.mkdir(parents=True)
    lock = FileLock(index / "rebuild.lock")
    with lock:
        owner = {"process": 4711, "since": "2026-04-08 10:11:12+00:00"}
        (index / "rebuild.owner").write_text(json.dumps(owner), "utf-8")
        refused = run("rebuild")
        assert isinstance(refused.exception, IndexLockedError)
        assert "4711, since 2026-04-08 10:11:12" in str(refused.exception)
    held = threading.Event()

    def hold() -> None:
        with FileLock(index / "rebuild.lock"):
            held.set()
            time.sleep(1.0)

    other = threading.Thread(target=hold)
    other.start()
    held.wait()
    assert "generation 1" in good("rebuild", "--wait", "60")
    other.join()


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_watching_follows_the_folder_and_ends_cleanly(home: Path, folder: Path) -> None:
    watching = started("rebuild", "--watch")
    try:
        assert wait_for(watching, "generation 1")
        write(folder / "kestrel.md", price="1,450")
        assert wait_for(watching, "changed: kestrel")
        watching.send_signal(signal.SIGINT)
        rest, _ = watching.communicate(timeout=60)
    finally:
        watching.kill()
        watching.wait()
    assert watching.returncode == 0
    assert "Stopped watching." in rest
    assert "Traceback" not in rest


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_leaves_the_old_index(home: Path, folder: Path) -> None:
    good("rebuild")
    manifest = next(home.rglob("manifest.json"))
    before = manifest.read_bytes()
    for number in range(80):
        body = " ".join(f"Fact {n} of report {number} concerns crane {n * number}." for n in range(60))
        (folder / f"report-{number}.md").write_text(body, "utf-8")
    rebuilding = started("rebuild")
    try:
        assert wait_for(rebuilding, "embedding")
        rebuilding.send_signal(signal.SIGINT)
        rest, _ = rebuilding.communicate(timeout=120)
    finally:
        rebuilding.kill()
        rebuilding.wait()
    assert rebuilding.returncode == 130, rest
    assert "the index is as it was" in rest
    assert "Traceback" not in rest
    assert manifest.read_bytes() == before
    assert "1,290" in good("ask", "How many euros does the Kestrel 2 telescope cost?")


def started(*args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ui", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def wait_for(process: subprocess.Popen[str], words: str) -> bool:
    assert process.stdout
    return any(words in line for line in process.stdout)
