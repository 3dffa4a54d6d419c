"""The conversation as values: questions with what has come of them, and their way to the browser's store and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from pydantic import ValidationError

from assistant.models import Answer, Citation, Conflict, Outcome, Sentence, Side, Turn
from corpus.models import Kind
from index.models import Hit
from index.retriever import Snapshot
from ui.bodies import AnswerBody, CitationBody, KeptTalk, KeptTurn

UNREADABLE = "What this browser kept of this answer cannot be read. Ask again to have it anew."
_LONGEST = 20_000


class State(StrEnum):
    """How far an exchange is."""

    WORKING = "working"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what has come of it so far.

    Attributes:
        question: as asked.
        state: how far it is.
        reading: passages and articles being read, or None before they are found.
        pieces: the sentences shown so far; the answer's own once it is there.
        answer: the finished answer, or None.
        problem: what went wrong, fit to show, or "".
        as_of: only what had been published by that day is read; None for everything.
    """

    question: str
    state: State = State.WORKING
    reading: tuple[int, int] | None = None
    pieces: tuple[str, ...] = ()
    answer: Answer | None = None
    problem: str = ""
    as_of: date | None = None

    def retrieved(self, hits: Sequence[Hit]) -> Exchange:
        """With what is being read."""
        return replace(self, reading=(len(hits), len({h.article.id for h in hits})))

    def grown(self, piece: str) -> Exchange:
        """With one more sentence."""
        return replace(self, pieces=(*self.pieces, piece))

    def answered(self, answer: Answer) -> Exchange:
        """With the whole answer."""
        return replace(self, state=State.DONE, answer=answer, pieces=tuple(s.text for s in answer.sentences))


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation; `key` is the browser's name for it, "" where no browser holds it."""

    key: str = ""
    exchanges: tuple[Exchange, ...] = ()

    def with_last(self, exchange: Exchange) -> Talk:
        """With another exchange in the last one's place."""
        return replace(self, exchanges=(*self.exchanges[:-1], exchange))

    def history(self) -> tuple[Turn, ...]:
        """The finished exchanges as the assistant wants its history, oldest first."""
        return tuple(
            turn
            for e in self.exchanges
            if e.answer is not None
            for turn in (Turn("user", e.question), Turn("assistant", e.answer.text))
        )


def record(talk: Talk) -> str:
    """The last exchange as JSON, for the browser to keep: everything that `read_talk` needs to show it again."""
    last = talk.exchanges[-1]
    kept = {
        "question": last.question,
        "state": last.state.value,
        "as_of": last.as_of.isoformat() if last.as_of else None,
        "problem": last.problem,
        "answer": last.answer.to_dict() if last.answer else None,
    }
    return json.dumps({"key": talk.key, "number": len(talk.exchanges), "turn": kept})


def read_talk(data: object, snapshot: Snapshot | None) -> Talk | None:
    """A conversation that a browser kept, or None where it is none.

    Whoever holds the browser may have changed it, so nothing of it is believed: it is checked for its form, shown
    through the same renderer as any other text, and seen by nobody else.

    Args:
        data: {"key", "turns": [what `record` gave as "turn", ...]}.
        snapshot: the index, for the passages that answers were made from, as far as it still has them; None where
            there is no index, which leaves the answers without passages.
    """
    try:
        kept = KeptTalk.model_validate(data)
    except ValidationError:
        return None
    return Talk(kept.key, tuple(_exchange(turn, snapshot) for turn in kept.turns))


def _exchange(data: object, snapshot: Snapshot | None) -> Exchange:
    try:
        turn = KeptTurn.model_validate(data)
    except ValidationError:
        # It keeps its place, so that the others keep their numbers.
        question = data.get("question") if isinstance(data, dict) else None
        asked = question[:_LONGEST] if isinstance(question, str) else ""
        return Exchange(asked, State.FAILED, problem=UNREADABLE)
    exchange = Exchange(turn.question, State(turn.state), as_of=turn.as_of, problem=turn.problem)
    return exchange.answered(read_answer(turn.answer, snapshot)) if turn.answer else exchange


def read_answer(body: AnswerBody, snapshot: Snapshot | None) -> Answer:
    """A kept answer as a value; of its hits those remain whose passages the index still has."""
    return Answer(
        question=body.question,
        standalone_question=body.standalone_question,
        text=body.text,
        outcome=Outcome(body.outcome),
        confidence=body.confidence,
        sentences=tuple(Sentence(s.text, tuple(s.markers), s.support) for s in body.sentences),
        citations=tuple(_citation(c) for c in body.citations),
        conflicts=tuple(
            Conflict(c.subject, tuple(Side(s.value, tuple(s.markers)) for s in c.sides))
            for c in body.conflicts
        ),
        as_of=body.as_of,
        hits=_hits(body, snapshot) if snapshot else (),
        model=body.model,
        generation=body.generation,
        timings=body.timings,
        notes=tuple(body.notes),
        witnesses=body.witnesses,
        agreeing=tuple(_citation(c) for c in body.agreeing),
    )


def _citation(body: CitationBody) -> Citation:
    kind = body.kind if body.kind in {k.value for k in Kind} else Kind.UNKNOWN.value
    also = tuple(body.also_published_by)
    return Citation(**{**body.model_dump(), "kind": kind, "also_published_by": also})


def _hits(body: AnswerBody, snapshot: Snapshot) -> tuple[Hit, ...]:
    found = []
    for hit in body.hits:
        article = snapshot.article(hit.article_id)
        # A passage's id comes from its article's digest: the same id is the same text.
        passage = next((p for p in snapshot.passages_of(hit.article_id) if p.id == hit.passage_id), None)
        if article is not None and passage is not None:
            found.append(Hit(passage, article, hit.score, None, None, None))
    return tuple(found)
