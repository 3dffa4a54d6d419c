"""Feedback from the real server's answers to a question set that `eval` reads."""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.evaluation import load_cases
from ui.errors import FeedbackError, FeedbackStoreError
from ui.feedback import MAX_NOTE, Export, Feedback, Verdict, as_lines, export

QUESTION = "Does Muse Spark have open weights?"


def call(url: str, body: object) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as exc:
        return exc.code, json.loads(exc.read())


def answered(**changes: Any) -> dict[str, Any]:
    quotes = ["The “new” price is 1,290 euros (net).", "Sales  begin in May."]
    return {
        "question": "And the price?", "standalone_question": "What is the price of the Kestrel 2?",
        "text": "It costs 1,290 euros. [1] Sales begin in May. [2]", "outcome": "answered", "generation": 3,
        "as_of": None,
        "citations": [{"marker": n, "article_id": "kestrel", "quote": q} for n, q in enumerate(quotes, 1)],
        **changes,
    }  # fmt: skip


def refused() -> dict[str, Any]:
    return answered(text="The articles do not say.", outcome="no_evidence", citations=[])


def said(tmp_path: Path, *words: tuple[dict[str, Any], Verdict, dict[str, Any]]) -> Export:
    store = Feedback.of_home(tmp_path / "new home")
    for answer, verdict, more in words:
        store.add(answer, verdict, **more)
    return export(store.entries())


def test_an_answer_from_the_server_comes_back_as_a_case_of_a_question_set(
    page_url: str, tmp_path: Path
) -> None:
    _, answer = call(f"{page_url}/api/answer", {"question": QUESTION})
    status, reply = call(f"{page_url}/api/feedback", {"answer": answer, "verdict": "up", "note": "right"})
    assert status == 201
    assert reply["id"] >= 1
    marker = answer["citations"][0]["marker"]
    wrong = {"answer": answer, "verdict": "citation", "marker": marker, "note": "says something else"}
    assert call(f"{page_url}/api/feedback", wrong)[0] == 201


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"marker": 99, "verdict": "citation"}, 422),
        ({"verdict": "meh"}, 400),
        ({"note": "x" * (MAX_NOTE + 1)}, 400),
        ({"answer": {"question": "only"}}, 400),
    ],
)
def test_feedback_that_cannot_be_is_refused(page_url: str, change: dict[str, Any], status: int) -> None:
    _, answer = call(f"{page_url}/api/answer", {"question": QUESTION})
    got, reply = call(f"{page_url}/api/feedback", {"answer": answer, "verdict": "up", **change})
    assert got == status
    assert reply["error"]["message"]


def test_a_liked_answer_gives_its_quotes_and_its_own_quotes_pass(tmp_path: Path) -> None:
    found = said(tmp_path, (answered(as_of="2025-03-01"), Verdict.UP, {}))
    path = tmp_path / "set.jsonl"
    path.write_text(as_lines(found.cases), "utf-8")
    (case,) = load_cases(path)
    assert case.question == "What is the price of the Kestrel 2?"
    assert case.answerable
    assert case.as_of is not None
    assert [quote for _, quote in case.gold] == [c["quote"] for c in answered()["citations"]]
    assert re.search(case.patterns[0], 'the "new" price is 1,290 euros (net).', re.I)
    assert not re.search(case.patterns[0], "the price is not known", re.I)


def test_a_wrong_citation_is_no_gold(tmp_path: Path) -> None:
    found = said(tmp_path, (answered(), Verdict.CITATION, {"marker": 1, "note": "another price"}))
    assert [gold["quote"] for gold in found.cases[0]["gold"]] == ["Sales  begin in May."]
    assert found.cases[0]["note"] == "another price"


def test_both_citations_called_wrong_leave_it_to_a_person(tmp_path: Path) -> None:
    both = [(answered(), Verdict.CITATION, {"marker": n, "user": "ann"}) for n in (1, 2)]
    found = said(tmp_path, *both)
    assert found.cases == ()
    assert [word["marker"] for word in found.undecided[0]["said"]] == [1, 2]


@pytest.mark.parametrize(("verdict", "answerable"), [(Verdict.UP, False), (Verdict.DOWN, True)])
def test_a_refusal_liked_or_not_says_whether_there_is_an_answer(
    tmp_path: Path, verdict: Verdict, answerable: bool
) -> None:
    (case,) = said(tmp_path, (refused(), verdict, {})).cases
    assert case["answerable"] is answerable
    assert "gold" not in case


def test_readers_who_differ_and_disliked_answers_are_left_to_a_person(tmp_path: Path) -> None:
    up, down = (answered(), Verdict.UP, {"user": "ann"}), (answered(), Verdict.DOWN, {"user": "bob"})
    found = said(tmp_path, up, down)
    assert found.cases == ()
    assert len(found.undecided) == 1


def test_the_last_word_of_a_reader_counts(tmp_path: Path) -> None:
    down, up = (answered(), Verdict.DOWN, {"user": "ann"}), (answered(), Verdict.UP, {"user": "ann"})
    assert len(said(tmp_path, down, up).cases) == 1


def test_many_at_once_are_all_kept_in_full(tmp_path: Path) -> None:
    store = Feedback.of_home(tmp_path)
    threads = [
        threading.Thread(
            target=store.add, args=(answered(), Verdict.UP), kwargs={"user": f"u{n}", "note": "é'; --"}
        )
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = Feedback.of_home(tmp_path).entries()
    assert sorted(e.user for e in entries) == sorted(f"u{n}" for n in range(20))
    assert all(e.answer == answered() and e.note == "é'; --" for e in entries)


def test_a_damaged_file_and_a_wrong_marker_are_told(tmp_path: Path) -> None:
    store = Feedback.of_home(tmp_path)
    with pytest.raises(FeedbackError, match="which citation"):
        store.add(answered(), Verdict.CITATION, marker=7)
    (tmp_path / "feedback.sqlite3").write_bytes(b"this is no database at all, but a text of some length" * 20)
    with pytest.raises(FeedbackStoreError, match="moved away"):
        store.entries()


def test_the_command_writes_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.cli import app

    monkeypatch.setenv("LAUNCH_HOME", str(tmp_path / "home"))
    cases, rest = tmp_path / "cases.jsonl", tmp_path / "rest.jsonl"
    command = ["feedback", "export", str(cases), "--undecided", str(rest)]
    empty = CliRunner().invoke(app, command)
    assert isinstance(empty.exception, FeedbackError)
    store = Feedback.of_home(tmp_path / "home")
    store.add(answered(), Verdict.UP)
    store.add(answered(standalone_question="Who sells it?"), Verdict.DOWN, note="no")
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert len(load_cases(cases)) == 1
    assert json.loads(rest.read_text("utf-8"))["question"] == "Who sells it?"


def test_one_reader_counts_once_and_may_think_again(page_url: str, page_home: Path) -> None:
    import httpx

    with httpx.Client(base_url=page_url, timeout=60) as reader, httpx.Client(base_url=page_url) as other:
        answer = reader.post("/api/answer", json={"question": "Which apps will get it?"}).json()

        def tell(who: httpx.Client, verdict: str, **more: str) -> httpx.Response:
            return who.post("/api/feedback", json={"answer": answer, "verdict": verdict, **more})

        first = tell(reader, "up")
        assert "httponly" in first.headers["set-cookie"].lower()
        assert "samesite=strict" in first.headers["set-cookie"].lower()
        pressed_again = tell(reader, "up")
        assert pressed_again.json() == first.json()
        assert "set-cookie" not in pressed_again.headers
        changed = tell(reader, "down")
        assert changed.json() != first.json()
        tell(other, "up")
        tell(other, "up", reader="from another page")
    store = Feedback.of_home(page_home)
    words = [e for e in store.entries() if e.answer["question"] == answer["question"]]
    assert [e.verdict for e in words] == [Verdict.UP, Verdict.DOWN, Verdict.UP, Verdict.UP]
    assert len({e.reader for e in words}) == 3
    # Without the two others, only the reader's last word is left: one answer that somebody did not like.
    found = export([e for e in words if e.reader == words[0].reader])
    assert found.cases == ()
    assert len(found.undecided) == 1


def test_a_reader_who_thinks_again_is_not_two_who_differ(tmp_path: Path) -> None:
    down, up = (answered(), Verdict.DOWN, {"reader": "a"}), (answered(), Verdict.UP, {"reader": "a"})
    assert len(said(tmp_path, down, up).cases) == 1


def test_feedback_of_an_earlier_version_is_read_and_added_to(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "feedback.sqlite3"
    with sqlite3.connect(path) as old:
        old.execute(
            "create table feedback (id integer primary key, at text not null, user text not null, verdict text not null,"
            " marker integer, note text not null, question text not null, generation integer not null,"
            " answer text not null)"
        )
        old.execute(
            "insert into feedback values (1, '2026-01-01T00:00:00+00:00', '', 'up', null, '', 'q', 1, ?)",
            (json.dumps(answered()),),
        )
    store = Feedback.of_home(tmp_path)
    assert store.add(answered(), Verdict.UP, reader="b") == 2
    assert [(e.id, e.reader) for e in store.entries()] == [(1, ""), (2, "b")]
