"""Where articles differ: quotes that answer the same question with other figures, other dates, or yes against no.

A conflict is only called when the two quotes are about the same thing and neither contains the other's value; a
rounder figure ("about 14 billion" beside 14.3) differs, a less exact date ("April" beside "8 April") does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.models import Evidence
from assistant.question import QuestionKind, parse_question
from assistant.terms import Day, Figure, content_words, dates, figures, negations, overlap, tokens


@dataclass(frozen=True, slots=True)
class Difference:
    """Evidence grouped by the value that it gives; `sides` newest first, each at least one piece of evidence."""

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
    reader = _reader(kind, question)
    if reader is None:
        return None
    top = evidence[0]
    first = reader(top)
    if not first:
        return None
    groups: list[tuple[frozenset[object], list[Evidence]]] = [(first, [top])]
    for other in evidence[1:]:
        value = reader(other)
        if not value or not _same_subject(question, top, other):
            continue
        for index, (held, members) in enumerate(groups):
            if _compatible(held, value):
                groups[index] = (held & value or held, [*members, other])
                break
        else:
            if all(other.hit.article.id not in {m.hit.article.id for m in members} for _, members in groups):
                groups.append((value, [other]))
    if len(groups) < 2:
        return None
    sides = [(_spell(value), tuple(members)) for value, members in groups]
    sides.sort(key=lambda side: max((e.hit.article.published or date.min) for e in side[1]), reverse=True)
    return Difference(_subject(question), tuple(sides))


def _reader(kind: QuestionKind, question: str) -> Callable[[Evidence], frozenset[object]] | None:
    if kind is QuestionKind.WHEN:
        return lambda e: frozenset(dates(e.quote))
    if kind is QuestionKind.YES_NO:
        return lambda e: frozenset({_stance(e.quote)})
    if kind in (QuestionKind.WHO, QuestionKind.WHY, QuestionKind.HOW, QuestionKind.WHERE):
        return None
    asked = figures(question)
    return lambda e: frozenset(f for f in figures(e.quote) if f not in asked)


def _stance(quote: str) -> str:
    return "no" if negations(quote) % 2 else "yes"


def _compatible(a: frozenset[object], b: frozenset[object]) -> bool:
    """Whether two sets of values can both be true; figures of different units do not speak of the same thing."""
    if a & b:
        return True
    for x in a:
        for y in b:
            if isinstance(x, Day) and isinstance(y, Day) and x.agrees(y):
                return True
    ours = [x for x in a if isinstance(x, Figure)]
    theirs = [y for y in b if isinstance(y, Figure)]
    return bool(ours and theirs) and not {f.unit for f in ours} & {f.unit for f in theirs}


def _same_subject(question: str, a: Evidence, b: Evidence) -> bool:
    """Two quotes speak of the same thing when, beside the question's own words, they share what they measure."""
    asked = content_words(question)
    ours, theirs = content_words(a.quote), content_words(b.quote)
    in_both = overlap(asked & ours, asked & theirs) if asked & ours and asked & theirs else 0.0
    return in_both >= 0.5 and _nouns_of_figures(a.quote, b.quote)


def _nouns_of_figures(a: str, b: str) -> bool:
    """Where both figures carry a noun ("12 hours", "300 grams"), it has to be the same one."""
    nouns_a, nouns_b = _after_figures(a), _after_figures(b)
    return not nouns_a or not nouns_b or bool(nouns_a & nouns_b)


_FOLLOWED = re.compile(
    r"(?<![\w.])\d[\d.,]*(?:\s?(?:thousand|million|billion|trillion|bn|m|k))?[\s-]+([a-z]{3,})", re.I
)
_PLAIN = frozenset(
    "the and for its our per with from that than but more less over under about out a to of in on at by as".split()
)


def _after_figures(text: str) -> frozenset[str]:
    return frozenset(
        word
        for m in _FOLLOWED.finditer(text)
        if m.group(1).lower() not in _PLAIN
        for word in content_words(m.group(1))
    )


def _spell(value: frozenset[object]) -> str:
    words = []
    for item in sorted(value, key=str):
        if isinstance(item, Figure):
            words.append(
                f"{item.unit if item.unit in '$€£¥' else ''}{item.value:,.10g}{' %' if item.unit == '%' else ''}"
            )
        elif isinstance(item, Day):
            words.append("-".join(f"{part:02d}" for part in (item.year, item.month, item.day) if part))
        else:
            words.append(str(item))
    return ", ".join(words)


def _subject(question: str) -> str:
    return " ".join(question.rstrip(" ?").split())


def same_witness(a: str, b: str) -> bool:
    """Whether two texts are near-copies: most runs of five words of the shorter stand in the longer."""
    ours, theirs = _shingles(a), _shingles(b)
    if not ours or not theirs:
        return a.strip() == b.strip()
    return len(ours & theirs) / min(len(ours), len(theirs)) >= 0.6


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = [w.lower() for w in tokens(text)]
    return frozenset(tuple(words[i : i + 5]) for i in range(max(0, len(words) - 4)))


def witnesses(evidence: Sequence[Evidence]) -> int:
    """How many independent reports stand behind pieces of evidence: near-copies of one article count once."""
    seen: list[str] = []
    for article in {e.hit.article.id: e.hit.article for e in evidence}.values():
        if not any(same_witness(article.text, text) for text in seen):
            seen.append(article.text)
    return len(seen)
