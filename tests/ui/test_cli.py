from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from corpus.errors import ArticleError, LaunchError

ARTICLE = (
    "Brightwell unveiled the Kestrel 2 telescope on 3 February 2025 in Leeds. It costs 1,290 euros and weighs "
    "4.2 kilograms. Sales begin in Germany and Austria."
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("launch home")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("my articles")
    (folder / "kestrel.txt").write_text(ARTICLE, "utf-8")
    (folder / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    return folder


def run(
    *args: str, home: Path, corpus: Path | None = None, stdin: str = "", **env: str
) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("LAUNCH_")}
    clean |= {"LAUNCH_HOME": str(home), **({"LAUNCH_CORPUS": str(corpus)} if corpus else {}), **env}
    command = [sys.executable, "-m", "ui", *args]
    return subprocess.run(
        command, capture_output=True, text=True, env=clean, input=stdin, timeout=240, check=False
    )


def test_ask_builds_the_index_once_and_prints_json(home: Path, folder: Path) -> None:
    done = run("ask", "--json", "how much does the kestrel 2 cost", home=home, corpus=folder)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["outcome"] == "answered"
    (citation,) = answer["citations"]
    assert ARTICLE[citation["start"] : citation["end"]] == citation["quote"]
    assert "1,290 euros" in citation["quote"]
    assert "embedding" in done.stderr


def test_a_fact_check_pack_is_written_and_verified(home: Path, folder: Path, tmp_path: Path) -> None:
    asked = ("ask", "how much does the kestrel 2 cost", "--format")
    done = run(*asked, "json", home=home, corpus=folder)
    pack = json.loads(done.stdout)
    assert pack["citations"][0]["quote"] in ARTICLE
    saved = tmp_path / "pack.json"
    saved.write_text(done.stdout, "utf-8")
    calls = (("verify", str(saved)), (*asked, "csv"), (*asked, "docx"))
    with ThreadPoolExecutor() as pool:
        verified, written, wrong = pool.map(lambda args: run(*args, home=home, corpus=folder), calls)
    assert verified.returncode == 0, verified.stderr
    assert "current" in verified.stdout
    assert "1,290 euros" in written.stdout
    saved.write_text(written.stdout, "utf-8")
    table = run("verify", str(saved), home=home, corpus=folder)
    assert (table.returncode, table.stdout) == (0, verified.stdout), table.stderr
    assert wrong.returncode == 1
    assert "json, markdown, csv, html" in wrong.stderr


def test_rebuild_names_what_was_skipped(home: Path, folder: Path) -> None:
    done = run("rebuild", home=home, corpus=folder)
    assert done.returncode == 0, done.stderr
    assert "picture.md: it is not text" in done.stdout
    assert " 0 embedded" in done.stdout.splitlines()[0]


def test_articles_and_verify(home: Path, folder: Path, tmp_path: Path) -> None:
    listed = run("articles", "--json", home=home, corpus=folder)
    assert [a["id"] for a in json.loads(listed.stdout)] == ["kestrel"]
    saved = tmp_path / "answer.json"
    citation = {"marker": 1, "article_id": "kestrel", "quote": "Leeds", "start": 66, "end": 71}
    saved.write_text(
        json.dumps({"citations": [citation, {**citation, "marker": 2, "article_id": "gone"}]}), "utf-8"
    )
    done = run("verify", str(saved), home=home, corpus=folder)
    assert done.stdout.splitlines() == ["[1] current", "[2] withdrawn"], done.stderr
    assert done.returncode == 1
    assert "1 of the quotes no longer stand" in done.stderr


def test_errors_are_one_message_and_status_1(home: Path, folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    cases = (
        ("", folder, "question is empty"),
        ("x" * 100_000, folder, "100,000 characters"),
        ("anything", empty, "no article that can be read"),
        ("anything", tmp_path / "missing", "is not a folder"),
    )
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(run, "ask", asked, home=home, corpus=corpus) for asked, corpus, _ in cases]
    for running, (_, _, expected) in zip(runs, cases, strict=True):
        done = running.result()
        assert done.returncode == 1, done.stderr
        assert done.stdout == ""
        assert expected in done.stderr
        assert "Traceback" not in done.stderr


def test_a_setting_that_cannot_be_is_named(home: Path) -> None:
    done = run("articles", home=home, LAUNCH_INDEX__TOP_K="many")
    assert done.returncode == 1
    assert "LAUNCH_INDEX__TOP_K" in done.stderr
    typo = run("articles", home=home, LAUNCH_INDEX__TOPK="3")
    assert typo.returncode == 1
    assert "LAUNCH_INDEX__TOPK" in typo.stderr


def test_a_wrong_call_is_status_2(home: Path) -> None:
    assert run("ask", home=home).returncode == 2
    assert run("nonsense", home=home).returncode == 2


def test_version_and_help_answer_at_once(home: Path) -> None:
    assert run("--version", home=home).stdout.startswith("launch-assistant ")
    shown = run("--help", home=home).stdout
    for command in ("ask", "chat", "rebuild", "articles", "eval", "verify", "doctor"):
        assert command in shown


def test_doctor_says_what_it_found(home: Path, folder: Path) -> None:
    done = run("doctor", home=home, corpus=folder, LAUNCH_TYPO="1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "LAUNCH_TYPO" in done.stdout
    assert "checksum right" in done.stdout


def test_question_from_standard_input(home: Path, folder: Path) -> None:
    done = run("ask", "-", home=home, corpus=folder, stdin="Where do sales begin?\n")
    assert "Germany and Austria" in done.stdout, done.stderr


def test_every_error_of_ours_is_a_launch_error() -> None:
    import assistant.errors
    import index.errors
    import ui.errors

    for module in (assistant.errors, index.errors, ui.errors):
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, Exception):
                assert issubclass(value, LaunchError), name
    assert issubclass(ArticleError, LaunchError)
