"""Where articles differ: quotes that answer the same question with other figures, other dates, or yes against no.

A conflict is only called when the two quotes are about the same thing and neither contains the other's value; a
rounder figure ("about 14 billion" beside 14.3) differs, a less exact date ("April" beside "8 April") does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.comparable import SURE, compatible, new_names, same_subject
from assistant.measures import measured, quantities
from assistant.models import Evidence
from assistant.occasions import Stretch, event_times
from assistant.places import is_large
from assistant.question import QuestionKind, asks_which, parse_question
from assistant.relevance import about
from assistant.replies import has_reply, nearly, reply_value
from assistant.sides import side
from assistant.terms import Day, Figure, dates, names
from assistant.values import CURRENCIES


@dataclass(frozen=True, slots=True)
class Difference:
    """Evidence grouped by the value that it gives; `sides` by the day of the best of each, newest first."""

    subject: str
    sides: tuple[tuple[str, tuple[Evidence, ...]], ...]


def find_difference(question: str, evidence: Sequence[Evidence]) -> Difference | None:
    """The difference among pieces of evidence from different articles, or None where they agree.

    Args:
        question: the stand-alone question.
        evidence: sentences that answer it, best first.
    """
    if len({e.hit.article.id for e in evidence}) < 2:
        return None
    kind = parse_question(question).kind
    by_words = _reader(kind, question)
    if by_words is None:
        return None

    def read(e: Evidence) -> frozenset[object]:
        told = reply_value(question, e)
        # The day of a report is no answer to when a thing happened, whatever the model reads.
        return (told & event_times(e.quote) if kind is QuestionKind.WHEN else told) or by_words(e)

    top = next((e for e in evidence if read(e)), None)
    if top is None or top.score < 0.8 * evidence[0].score or not about(question, top):
        return None
    if any(_torn(read(top), read(e), top, e) for e in evidence):
        return None
    groups: list[tuple[frozenset[object], list[Evidence]]] = [(read(top), [top])]
    for other in evidence:
        value = read(other)
        if other is not top and (has_reply(top, other) or has_reply(other, top)):
            groups[0][1].append(other)
            continue
        if other is top or not value or not same_subject(question, kind, top, other):
            continue
        for index, (held, members) in enumerate(groups):
            if compatible(held, value):
                groups[index] = (held & value or held, [*members, other])
                break
        else:
            # Two figures in one article are two facts, not a contradiction.
            if all(other.hit.article.id not in {m.hit.article.id for m in members} for _, members in groups):
                groups.append((value, [other]))
    groups = groups[:1] + [group for group in groups[1:] if not _outweighed(question, group[1], groups[0][1])]
    if len(groups) < 2:
        return None
    sides = [(_spell(value, members), tuple(members)) for value, members in groups]
    sides.sort(key=lambda side: max(side[1], key=_score).hit.article.published or date.min, reverse=True)
    return Difference(" ".join(question.rstrip(" ?").split()), tuple(sides))


def _torn(mine: frozenset[object], other: frozenset[object], top: Evidence, e: Evidence) -> bool:
    """Whether one article answers with two values about as surely: then it is not known which of them another report denies."""
    if e is top or not other or e.hit.article.id != top.hit.article.id or compatible(mine, other):
        return False
    return e.score >= 0.75 * top.score


#: So many articles that agree outweigh another that answers the question less than half as surely; or nearly as surely, if all
#: that it has is another name.
_MANY, _LESS_SURE, _LESS_SURE_NAME = 3, 0.5, 0.75


def _outweighed(question: str, few: Sequence[Evidence], many: Sequence[Evidence]) -> bool:
    """Whether what stands against many reports answers the question so much less surely that it may answer another."""
    # A figure or a date that the model reads as the short answer answers this question; a name stands in any sentence.
    if any(
        e.reply and not _is_name(question, e) and (e.score >= SURE or _likely(question, e, many)) for e in few
    ):
        return False
    if len({e.hit.article.id for e in few}) > 1 or len({e.hit.article.id for e in many}) < _MANY:
        return False
    share = _LESS_SURE_NAME if any(_is_name(question, e) for e in few) else _LESS_SURE
    return max(map(_score, few)) < share * max(map(_score, many))


def _likely(question: str, e: Evidence, many: Sequence[Evidence]) -> bool:
    """Whether a figure of the same unit and about the same size is told of what is asked about by name."""
    asked = [n for n in names(question) if n in e.quote]
    return bool(asked) and any(nearly(question, e, m) for m in many)


def _is_name(question: str, evidence: Evidence) -> bool:
    return any(isinstance(v, str) and v not in ("yes", "no") for v in reply_value(question, evidence))


def _score(evidence: Evidence) -> float:
    return evidence.score


def _reader(kind: QuestionKind, question: str) -> Callable[[Evidence], frozenset[object]] | None:
    """How to read off a quote what this kind of question asks for; None where there is nothing to compare."""
    if kind is QuestionKind.WHEN:
        return lambda e: event_times(e.quote) - event_times(question) - dates(question)
    if kind is QuestionKind.YES_NO:
        return lambda e: side(question, e.quote)
    if kind is QuestionKind.LIST and asks_which(question):
        return None  # Names that one report has and another lacks may both belong to the list.
    if kind in (QuestionKind.WHO, QuestionKind.WHERE) or asks_which(question):
        if kind is QuestionKind.WHO:
            return lambda e: frozenset(n for n in new_names(question, e) if not is_large(str(n)))
        return lambda e: new_names(question, e)
    if _MADE_OF.search(question):
        return lambda e: frozenset(m.group().lower() for m in _MATERIAL.finditer(e.quote))
    if kind in (QuestionKind.QUANTITY, QuestionKind.WHAT, QuestionKind.LIST):
        return lambda e: measured(e.quote) - measured(question)
    return None


_MADE_OF = re.compile(r"\bmade (?:of|from|out of)\b", re.I)
_MATERIAL = re.compile(
    r"\b(?:alumini?um|bamboo|brass|bronze|cardboard|carbon fib(?:re|er)|cellulose|ceramics?|copper|cork|cotton|glass|gold|graphene"
    r"|iron|leather|linen|magnesium|nickel|nylon|paper|plastics?|polyester|porcelain|resin|rubber|silicone|silk|silver|steel"
    r"|stone|titanium|tungsten|wood|wool|zinc)\b",
    re.I,
)


def _spell(value: frozenset[object], members: Sequence[Evidence]) -> str:
    words = []
    for item in sorted(value, key=str):
        if isinstance(item, Figure):
            words.append(_as_told(item, members))
        elif isinstance(item, Day):
            words.append("-".join(f"{part:02d}" for part in (item.year, item.month, item.day) if part))
        else:
            words.append(item.phrase if isinstance(item, Stretch) else str(item))
    return ", ".join(words)


def _as_told(figure: Figure, members: Sequence[Evidence]) -> str:
    """A figure as people write it; a quantity in the words and the unit of the quote that states it."""
    for e in members:
        for start, end, held in quantities(e.quote):
            if held == figure:
                return e.quote[start:end]
    sign = figure.unit if figure.unit in CURRENCIES else ""
    return f"{sign}{_in_words(figure.value)}{' %' if figure.unit == '%' else ''}"


def _in_words(value: float) -> str:
    """A figure as people write it: 1,290 or 14.3 billion."""
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if abs(value) >= size:
            return f"{value / size:,.10g} {word}"
    return f"{value:,.10g}"
