"""The guard: what a shown sentence states outright must stand in the quotes it cites.

Deterministic, and beside the evidence model rather than inside it: a model can be argued with, a missing figure
cannot. `check_sentence` names every problem; `verify` looks up a saved answer's citations in today's index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from assistant.models import Answer, Citation
from assistant.ordinary import is_ordinary
from assistant.terms import (
    MONTHS,
    WEEKDAYS,
    Day,
    Figure,
    content_words,
    dates,
    figures,
    fold,
    names,
    quarters,
    quoted,
    stem,
    tokens,
)
from corpus.errors import LaunchError
from corpus.models import Article

_EXPANSION = re.compile(
    r"\b((?:[A-Z][\w-]*\s+(?:of\s+|for\s+|and\s+)?){1,6}[A-Z][\w-]*)\s+\(([A-Z][A-Za-z]{1,7})\)"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a sentence states that its quotes do not: its sort ("figure", "date", ...) and the words."""

    sort: str
    words: str


@dataclass(frozen=True, slots=True)
class Source:
    """A quote with what is known of its article: a writer may say who reported it and when."""

    quote: str
    publisher: str = ""
    published: str = ""
    title: str = ""

    @classmethod
    def of(cls, citation: Citation) -> Source:
        """The source behind a citation."""
        return cls.of_article(citation.quote, citation.publisher, citation.published, citation.title)

    @classmethod
    def of_article(cls, quote: str, publisher: str, published: date | None, title: str) -> Source:
        """The source behind a quote of an article."""
        spoken = f"{published.day} {_MONTH_NAMES[published.month]} {published.year}" if published else ""
        return cls(quote, publisher, spoken, title)


_MONTH_NAMES = {**{n: k.capitalize() for k, n in MONTHS.items() if len(k) >= 4 and k != "sept"}, 5: "May"}


def check_sentence(
    sentence: str, sources: Sequence[Source], *, abbreviations: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """Every figure, date, name and quoted string of the sentence that no source states.

    Args:
        sentence: as it would be shown, without markers.
        sources: the quotes that it cites.
        abbreviations: short form -> long form, as the corpus itself spells them out (`spelled_out`).
    """
    evidence = "\n".join(source.quote for source in sources)
    around = "\n".join(f"{source.publisher}\n{source.published}" for source in sources)
    return (
        *_figures(sentence, evidence),
        *_dates(sentence, evidence, around),
        *_names(sentence, f"{evidence}\n{around}", abbreviations or {}),
        *_quotes(sentence, evidence),
    )


def _figures(sentence: str, evidence: str) -> Iterable[Problem]:
    stated = figures(evidence)
    for figure in sorted(figures(sentence), key=lambda f: f.value):
        if not any(_same_figure(figure, other) for other in stated):
            yield Problem("figure", f"{figure.value:g}{figure.unit}")


def _same_figure(a: Figure, b: Figure) -> bool:
    if a.unit != b.unit and a.unit and b.unit:
        return False
    # A unit that is only on one side is a difference for "%" and money: 52 is not 52 %.
    if a.unit != b.unit and a.unit:
        return False
    return abs(a.value - b.value) <= 1e-9 * max(abs(a.value), abs(b.value), 1.0)


def _dates(sentence: str, evidence: str, around: str) -> Iterable[Problem]:
    stated = dates(evidence) | dates(around)
    for day in dates(sentence):
        if not any(day.within(other) or _fuller(day, other, stated) for other in stated):
            yield Problem("date", _spell(day))
    months = {day.month for day in stated} | {
        MONTHS[w.lower()] for w in tokens(evidence) if w.lower() in MONTHS
    }
    for match in _BARE_MONTH.finditer(sentence):
        if MONTHS[match.group().lower()] not in months:
            yield Problem("date", match.group())
    weekdays = {w.lower() for w in tokens(evidence)} | {
        _WEEKDAY_NAMES[date(day.year, day.month, day.day).weekday()]
        for day in stated
        if day.year and day.month and day.day and _exists(day)
    }
    for word in tokens(sentence):
        if word.lower() in WEEKDAYS and word.lower() not in weekdays:
            yield Problem("date", word)
    for quarter in quarters(sentence) - quarters(evidence):
        if not any(other.startswith(quarter) for other in quarters(evidence)):
            yield Problem("date", quarter)


#: "May" and "March" alone are mostly other words.
_BARE_MONTH = re.compile(
    r"\b(?:January|February|April|June|July|August|September|October|November|December)\b|"
    r"(?<=\b[Ii]n )(?:May|March)\b"
)
_WEEKDAY_NAMES = "monday tuesday wednesday thursday friday saturday sunday".split()


def _exists(day: Day) -> bool:
    try:
        date(day.year or 1, day.month or 1, day.day or 1)
    except ValueError:
        return False
    return True


def _fuller(day: Day, other: Day, stated: frozenset[Day]) -> bool:
    """8 April 2026 is stated where one quote says 8 April and the year stands beside it."""
    if other.month is None or day.year is None or other.year is not None:
        return False
    return Day(None, day.month, day.day).within(other) and any(o.year == day.year for o in stated)


def _spell(day: Day) -> str:
    parts = (
        str(day.day) if day.day else "",
        _MONTH_NAMES.get(day.month or 0, ""),
        str(day.year) if day.year else "",
    )
    return " ".join(part for part in parts if part)


def _names(sentence: str, evidence: str, abbreviations: Mapping[str, str]) -> Iterable[Problem]:
    known = _word_forms(evidence)
    for short, long in abbreviations.items():
        if short.lower() in known:
            known |= _word_forms(long)
        elif _word_forms(long) <= known:
            known |= {short.lower()}
    opening = next(iter(tokens(sentence)), "")
    for name in names(sentence):
        words = [word for word in tokens(name) if word.lower() not in _SMALL]
        if words[:1] == [opening] and opening.istitle() and is_ordinary(opening):
            words = words[1:]
        missing = [word for word in words if not _named(word, known)]
        if missing:
            yield Problem("name", name)


def _named(word: str, known: frozenset[str]) -> bool:
    """Whether a name's word is known; one with figures in it (GPT-5.4, M3) must be known whole."""
    if any(c.isdigit() for c in word):
        return word.lower().replace("-", "") in known
    return bool(_word_forms(word) & known)


_SMALL = frozenset("the of and for a an in on at de la von van".split())


@lru_cache(maxsize=4096)
def _word_forms(text: str) -> frozenset[str]:
    found: set[str] = set()
    for word in tokens(text):
        low = word.lower()
        found |= {low, stem(low), low.replace("-", "")}
        if "-" in low:
            found.update(low.split("-"))
    return frozenset(found)


def _quotes(sentence: str, evidence: str) -> Iterable[Problem]:
    folded = fold(evidence)
    for string in quoted(sentence):
        if fold(string) not in folded:
            yield Problem("quotation", string)


def spelled_out(texts: Iterable[str]) -> dict[str, str]:
    """Abbreviations that texts explain themselves: "Meta Superintelligence Labs (MSL)" gives MSL."""
    found: dict[str, str] = {}
    for text in texts:
        for match in _EXPANSION.finditer(text):
            long, short = match.group(1), match.group(2)
            words = [w for w in long.split() if w[:1].isupper()]
            fitting = words[-len(short) :]
            if "".join(w[0] for w in fitting).lower() == short.lower():
                found[short] = " ".join(fitting)
    return found


class Standing(StrEnum):
    """What has become of a citation since it was made."""

    CURRENT = "current"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


def verify_citations(
    saved: Answer | Mapping[str, Any], articles: Mapping[str, Article]
) -> tuple[tuple[int, Standing], ...]:
    """For each citation of a saved answer and each quote that agrees, by marker: current, changed (other text there now) or withdrawn.

    Args:
        saved: an Answer, or what `Answer.to_dict` gave.
        articles: today's articles by id.

    Raises:
        LaunchError: `saved` is not a saved answer.
    """
    data = saved.to_dict() if isinstance(saved, Answer) else saved
    try:
        rows = [
            (int(c["marker"]), str(c["article_id"]), str(c["quote"]), int(c["start"]), int(c["end"]))
            for c in (*data["citations"], *data.get("agreeing", ()))
        ]
    except (KeyError, TypeError, ValueError) as exc:
        raise LaunchError(
            "This is not a saved answer: save one with launch-assistant ask --json QUESTION."
        ) from exc
    found = []
    for marker, article_id, quote, start, end in rows:
        article = articles.get(article_id)
        if article is None:
            standing = Standing.WITHDRAWN
        elif article.text[start:end] == quote or quote in article.text:
            standing = Standing.CURRENT
        else:
            standing = Standing.CHANGED
        found.append((marker, standing))
    return tuple(found)


def shared_words(claim: str, evidence: str) -> float:
    """Share of the claim's content words that the evidence has too, in [0, 1]; 1.0 for a claim without any."""
    words = content_words(claim)
    return len(words & content_words(evidence)) / len(words) if words else 1.0
