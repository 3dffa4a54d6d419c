"""Stopping: nothing of an answer comes after it was stopped, whatever is already on its way."""

from __future__ import annotations

from ui.exchange import Exchange, State, Talk
from ui.runs import Runs


def growing(*pieces: str) -> list[Talk]:
    exchange = Exchange("Q")
    talks = [Talk("k", (exchange,))]
    for piece in pieces:
        exchange = exchange.grown(piece)
        talks.append(Talk("k", (exchange,)))
    return talks


def test_a_stopped_answer_ends_as_stopped_with_what_was_shown() -> None:
    runs = Runs()
    followed = runs.followed("a", iter(growing("one", "two")))
    other = runs.followed("b", iter(growing("one", "two")))
    next(followed), next(followed), next(other)
    runs.stop("a")
    (last,) = followed
    assert last.exchanges[-1].state is State.STOPPED
    assert last.exchanges[-1].pieces == ("one",)
    assert [talk.exchanges[-1].pieces for talk in other] == [("one",), ("one", "two")]


def test_a_dropped_or_overtaken_answer_ends_without_a_word() -> None:
    runs = Runs()
    dropped = runs.followed("a", iter(growing("one")))
    next(dropped)
    runs.drop("a")
    assert list(dropped) == []
    overtaken = runs.followed("a", iter(growing("one")))
    next(overtaken)
    newer = runs.followed("a", iter(growing("two")))
    next(newer)
    assert list(overtaken) == []
    assert len(list(newer)) == 1
