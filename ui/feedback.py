"""What readers said of the answers, kept in a SQLite file of its own, and turned into a question set."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ui.errors import FeedbackError, FeedbackStoreError

MAX_NOTE = 2000
_SCHEMA = """
create table if not exists feedback (
    id integer primary key,
    at text not null,
    user text not null,
    verdict text not null check (verdict in ('up', 'down', 'citation')),
    marker integer,
    note text not null,
    question text not null,
    generation integer not null,
    answer text not null,
    reader text not null default ''
)
"""


class Verdict(StrEnum):
    """What a reader said: a good answer, a bad one, or that one citation does not say it."""

    UP = "up"
    DOWN = "down"
    CITATION = "citation"


@dataclass(frozen=True, slots=True)
class Entry:
    """One reader's word on one answer.

    `answer` is what `Answer.to_dict` gave; `marker` is the wrong citation's, for Verdict.CITATION only; `at` is UTC.
    `user` is who was logged in, `reader` tells readers apart, "" where neither is known.
    """

    id: int
    at: datetime
    user: str
    verdict: Verdict
    marker: int | None
    note: str
    answer: Mapping[str, Any]
    reader: str = ""


class Feedback:
    """The store; safe to share between threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    @classmethod
    def of_home(cls, home: Path) -> Feedback:
        """The store of a LAUNCH_HOME."""
        return cls(home / "feedback.sqlite3")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with closing(sqlite3.connect(self._path, timeout=10)) as connection, connection:
                    connection.execute(_SCHEMA)
                    columns = connection.execute("pragma table_info(feedback)").fetchall()
                    if "reader" not in {column[1] for column in columns}:
                        # Begun by an earlier version.
                        connection.execute("alter table feedback add column reader text not null default ''")
                    yield connection
        except (sqlite3.Error, OSError) as exc:
            raise FeedbackStoreError(
                f"The feedback in {self._path} cannot be used ({exc}). Check the folder's permissions and its disk; a "
                "damaged file can be moved away, and a new one is begun."
            ) from exc

    def add(
        self,
        answer: Mapping[str, Any],
        verdict: Verdict,
        *,
        marker: int | None = None,
        note: str = "",
        user: str = "",
        reader: str = "",
    ) -> int:
        """Keep a reader's word; returns its number. The same word of the same reader is kept once.

        Args:
            answer: what `Answer.to_dict` gave.
            verdict: see Verdict.
            marker: of the wrong citation; needed for Verdict.CITATION.
            note: in the reader's words, at most MAX_NOTE characters.
            user: who said it, "" when nobody has to log in.
            reader: what tells readers apart who do not log in, "" when unknown.

        Raises:
            FeedbackError: the citation is not in the answer, the note is too long, or (FeedbackStoreError) nothing
                can be stored.
        """
        markers = {c["marker"] for c in answer["citations"]}
        if verdict is Verdict.CITATION and marker not in markers:
            raise FeedbackError("Say which citation is wrong: give the marker of one that the answer has.")
        if len(note) > MAX_NOTE:
            raise FeedbackError(f"The note has {len(note):,} characters; the most is {MAX_NOTE:,}.")
        reader = f"user {user}" if user else reader
        number = marker if verdict is Verdict.CITATION else None
        word = (verdict.value, number, note.strip())
        what = (answer["question"], answer["generation"], json.dumps(answer))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._open() as connection:
            last = connection.execute(
                "select id, verdict, marker, note from feedback where reader = ? and answer = ? order by id desc",
                (reader, what[-1]),
            ).fetchone()
            if reader and last and last[1:] == word:
                return int(last[0])
            names = "at, user, reader, verdict, marker, note, question, generation, answer"
            done = connection.execute(
                f"insert into feedback ({names}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (now, user, reader, *word, *what),
            )
        assert done.lastrowid is not None
        return done.lastrowid

    def entries(self) -> tuple[Entry, ...]:
        """Everything said, oldest first; nothing where nobody has said anything yet.

        Raises:
            FeedbackStoreError: the file cannot be read.
        """
        if not self._path.exists():
            return ()
        with self._open() as connection:
            rows = connection.execute(
                "select id, at, user, verdict, marker, note, answer, reader from feedback order by id"
            ).fetchall()
        return tuple(
            Entry(i, datetime.fromisoformat(at), user, Verdict(v), marker, note, json.loads(answer), reader)
            for i, at, user, v, marker, note, answer, reader in rows
        )


@dataclass(frozen=True, slots=True)
class Export:
    """What feedback says of questions.

    Attributes:
        cases: lines of a question set, as assistant/evaluation.py reads them.
        undecided: questions of which feedback does not say what is right, for a person to label.
    """

    cases: tuple[dict[str, Any], ...]
    undecided: tuple[dict[str, Any], ...]


def export(entries: Sequence[Entry]) -> Export:
    """Turn feedback into a question set.

    A good answer's quotes become what a right answer has to hold; a wrong citation is taken out of them. A disliked
    refusal says that there is an answer. A disliked answer does not say what is right, and readers who differ
    cancel out: both are left to a person. Of what one reader said of one question the last word counts, except that
    all citations called wrong count together.
    """
    asked: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        key = _question(entry.answer).lower(), str(entry.answer.get("as_of") or "")
        asked.setdefault(key, []).append(entry)
    cases, undecided = [], []
    for said in asked.values():
        latest = {_reader(entry): entry for entry in said}.values()
        wrong = _wrong_quotes(said)
        found = [_case(entry, wrong) for entry in latest]
        decided = [case for case in found if case is not None]
        if len(decided) == len(found) and len({case["answerable"] for case in decided}) == 1:
            cases.append(decided[-1])
        else:
            undecided.append(_open_question(said))
    return Export(tuple(cases), tuple(undecided))


def _reader(entry: Entry) -> str:
    return entry.reader or (f"user {entry.user}" if entry.user else f"entry {entry.id}")


def _question(answer: Mapping[str, Any]) -> str:
    # A follow-up means nothing without what was said before it.
    return str(answer.get("standalone_question") or answer["question"])


def _wrong_quotes(said: Sequence[Entry]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (c["article_id"], c["quote"])
        for entry in said
        if entry.verdict is Verdict.CITATION
        for c in entry.answer["citations"]
        if c["marker"] == entry.marker
    )


def _case(entry: Entry, wrong: frozenset[tuple[str, str]]) -> dict[str, Any] | None:
    answer = entry.answer
    refused = answer["outcome"] == "no_evidence"
    case: dict[str, Any] = {"question": _question(answer), "answerable": True}
    if refused:
        case["answerable"] = entry.verdict is not Verdict.UP
    elif entry.verdict is Verdict.DOWN:
        return None
    else:
        quotes = [(c["article_id"], c["quote"]) for c in answer["citations"]]
        gold = [q for q in quotes if q not in wrong]
        if not gold:
            return None
        case["patterns"] = ["|".join(dict.fromkeys(_pattern(quote) for _, quote in gold))]
        case["gold"] = [{"article": article, "quote": quote} for article, quote in gold]
    if answer.get("as_of"):
        case["as_of"] = answer["as_of"]
    return {**case, "kind": "feedback", "generation": answer["generation"], "note": entry.note}


def _pattern(quote: str) -> str:
    # Quotes are compared with typewriter quotation marks and single spaces.
    straight = re.sub("[“”]", '"', quote.replace("’", "'"))
    return re.escape(" ".join(straight.split()))


def _open_question(said: Sequence[Entry]) -> dict[str, Any]:
    last = said[-1].answer
    return {
        "question": _question(last),
        "answer": last["text"],
        "outcome": last["outcome"],
        "generation": last["generation"],
        "said": [{"verdict": e.verdict.value, "marker": e.marker, "note": e.note} for e in said],
    }


def as_lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
