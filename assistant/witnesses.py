"""Who stands behind an answer: which reports are independent of each other, and which of them say the same. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from assistant.models import Evidence
from assistant.occasions import event_dates
from assistant.question import QuestionKind, parse_question
from assistant.terms import content_words, dates, figures, names, overlap, tokens
from corpus.models import Article, Kind, Launch

T = TypeVar("T")

_ASKED_FOR: dict[QuestionKind, Callable[[str], Iterable[object]]] = {
    QuestionKind.WHEN: event_dates,
    QuestionKind.QUANTITY: figures,
    QuestionKind.WHO: names,
    QuestionKind.WHERE: names,
}


def same_witness(a: str, b: str) -> bool:
    """Whether two texts are near-copies: most runs of five words of the shorter stand in the longer."""
    ours, theirs = _shingles(a), _shingles(b)
    if not ours or not theirs:
        return a.strip() == b.strip()
    return len(ours & theirs) / min(len(ours), len(theirs)) >= 0.4


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = [w.lower() for w in tokens(text)]
    return frozenset(tuple(words[i : i + 5]) for i in range(max(0, len(words) - 4)))


def agrees(a: Evidence, b: Evidence, question: str) -> bool:
    """Whether two quotes give the same answer: a figure, date or name that the question lacks, or mostly its words."""
    if figures(a.quote) & figures(b.quote) - figures(question) or dates(a.quote) & dates(b.quote) - dates(
        question
    ):
        return True
    asked = content_words(question)
    return overlap(content_words(a.quote) - asked, content_words(b.quote) - asked) >= 0.5


def witnesses(evidence: Sequence[Evidence]) -> int:
    """How many independent reports stand behind pieces of evidence.

    Near-copies of one report count once, and so does what one publisher wrote in several articles. A brief is put
    together from reports: it counts only where there is nothing else.
    """
    articles = {e.hit.article.id: e.hit.article for e in evidence}.values()
    reports = _apart((a for a in articles if a.kind is not Kind.BRIEF), _one_voice)
    return max(len(reports), 1 if articles else 0)


def _one_voice(a: Article, b: Article) -> bool:
    return bool(a.publisher and a.publisher == b.publisher) or same_witness(a.text, b.text)


def independent(texts: Iterable[str]) -> int:
    """How many of these texts are reports of their own: near-copies of one report count once."""
    return len(_apart(texts, same_witness))


def _apart(items: Iterable[T], alike: Callable[[T, T], bool]) -> list[T]:
    """The items that are not like one before them."""
    apart: list[T] = []
    for item in items:
        if not any(alike(item, other) for other in apart):
            apart.append(item)
    return apart


def tell_the_same(question: str, quotes: Sequence[str]) -> bool:
    """Whether all quotes name the same day, figure, person or place that was asked for.

    Of other questions this cannot be told from the words: two reports on the same weakness may mean two things.
    """
    told = _told(question, quotes)
    return all(told) and all(a & b for a, b in itertools.combinations(told, 2))


def _nothing(text: str) -> Iterable[object]:
    return ()


def _told(question: str, quotes: Sequence[str]) -> list[frozenset[object]]:
    values = _ASKED_FOR.get(parse_question(question).kind, _nothing)
    known = frozenset(values(question))
    return [frozenset(values(quote)) - known for quote in quotes]


def also_told(
    question: str, shown: Sequence[Evidence], backing: Iterable[Evidence], launch: Launch
) -> list[Evidence]:
    """One quote of each further independent report that names the very day, figure, person or place of the shown quotes.

    What is independent, see `witnesses`. Empty for questions of another kind, and where the shown quotes do not agree
    among themselves.
    """
    if not tell_the_same(question, [e.quote for e in shown]):
        return []
    # Every quote names the launch; that is no answer.
    own = frozenset(name for name in (launch.name, *launch.aliases, launch.company) if name)
    told = [values - own for values in _told(question, [e.quote for e in shown])]
    voices = [e.hit.article for e in shown]
    found = []
    for e in backing:
        article = e.hit.article
        (mine,) = _told(question, [e.quote])
        # Whole texts are compared last: few quotes give the value.
        if article.kind is Kind.BRIEF or not all(mine & values for values in told):
            continue
        if not any(_one_voice(article, voice) for voice in voices):
            found.append(e)
            voices.append(article)
    return found
