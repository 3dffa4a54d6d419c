"""What a date or a version in a sentence belongs to: the event or the report of it, this product or its successor."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from assistant.terms import Day, names, spans_of_dates

_TELLS = r"(?:report(?:ed|s)|wr(?:ote|ites)|said|says|told|noted|argued|posted)"
#: "wrote on 8 April", "wrote about Muse Spark on 8 April"; not "said it would open on 8 April".
_TOLD_ON = re.compile(
    rf"\b(?:{_TELLS}(?:\s+(?:about|of)(?:\s+[\w'’.-]+){{1,4}}|\s+again|\s+earlier|\s+first)?"
    rf"|(?:covered|quoted|described|looked (?:back )?at)(?:\s+[\w'’.-]+){{1,4}})\s+(?:on|in)\s+(?:\w+day,?\s+)?$",
    re.I,
)
_ON_DAY_TOLD = re.compile(
    rf"^,?\s+(?:[A-Z][\w'’.&-]*\s+|the\s+|its\s+){{1,5}}(?:{_TELLS}|quoted|covered|described|looked (?:back )?at)\b"
)
_DAY_OF = re.compile(r"^,?\s+(?:the|a)\s+(?:same\s+)?day\s+(?:of|that|when|after|before|on)\b", re.I)


@lru_cache(maxsize=16384)
def event_dates(text: str) -> frozenset[Day]:
    """The dates on which something happened, as far as the text says; those on which somebody wrote of it left out."""
    found = set()
    for start, end, day in spans_of_dates(text):
        before, after = text[:start], text[end:]
        told = _TOLD_ON.search(before) or (re.search(r"\b[Oo]n\s+$", before) and _ON_DAY_TOLD.match(after))
        if not told or _DAY_OF.match(after):
            found.add(day)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a year, as far as it is stated: a quarter, a season, a half; `phrase` are its words in the text."""

    months: frozenset[int]
    year: int | None
    phrase: str = field(compare=False)

    def agrees(self, other: Stretch | Day) -> bool:
        """Whether the two can be the same time."""
        if self.year and other.year and self.year != other.year:
            return False
        if isinstance(other, Stretch):
            return bool(self.months & other.months)
        return other.month is None or other.month in self.months


_ORDER = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_SEASONS = {
    "spring": (3, 4, 5),
    "summer": (6, 7, 8),
    "autumn": (9, 10, 11),
    "fall": (9, 10, 11),
    "winter": (12, 1, 2),
}
_STRETCH = re.compile(
    r"\b(?:(?:(?P<quarter>first|second|third|fourth|last)\s+quarter|Q(?P<q>[1-4])|(?P<half>first|second)\s+half)"
    # "Prices fall" is no season.
    r"|(?:(?<=in )|(?<=by )|(?<=until )|(?<=since )|(?<=from )|(?<=for )|(?<=this )|(?<=next )|(?<=the )|(?<=early )|(?<=late ))"
    r"(?P<season>spring|summer|autumn|fall|winter))\b(?:(?:\s+of)?\s+(?P<year>20\d{2}))?(?!\s+of\s+(?!the\s+year\b|20\d))",
    re.I,
)


@lru_cache(maxsize=16384)
def stretches(text: str) -> tuple[tuple[int, int, Stretch], ...]:
    """The quarters, seasons and halves of a year that a text names, each with where it stands."""
    found = []
    for m in _STRETCH.finditer(text):
        if season := m["season"]:
            months = frozenset(_SEASONS[season.lower()])
        else:
            long = 6 if m["half"] else 3
            nth = int(m["q"] or 0) or _ORDER[(m["half"] or m["quarter"]).lower()]
            months = frozenset(range((nth - 1) * long + 1, nth * long + 1))
        found.append((m.start(), m.end(), Stretch(months, int(m["year"]) if m["year"] else None, m[0])))
    return tuple(found)


def event_times(text: str) -> frozenset[Day | Stretch]:
    """When things happened, as far as the text says: days, months and years, and parts of a year."""
    parts = frozenset(stretch for _, _, stretch in stretches(text))
    # The year of "spring 2027" is told with its spring.
    years = {Day(part.year, None, None) for part in parts if part.year}
    return (event_dates(text) - years) | parts


_VERSION = re.compile(
    r"(?:\s+|-)v?(\d{1,2}(?:\.\d{1,2})?)\b(?!\s*(?:%|percent|per cent|million|billion|thousand|st|nd|rd|th|people|users|"
    r"times|points?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|dollars|euros|pounds|of)\b)(?!,?\d)"
)
_ASKS_VERSION = re.compile(
    r"\b(?:versions?|updates?|updated|upgrades?|successors?|newest|latest|later|since|after|follow\w*|next|new|newer)\b",
    re.I,
)
_HIGHEST = 20.0
"""A figure above it behind a name is a score rather than a version."""


def another_version(question: str, quote: str) -> bool:
    """Whether a quote speaks only of another version of what was asked: of Muse Spark 1.2 where Muse Spark was meant."""
    if _ASKS_VERSION.search(question):
        return False
    for name in names(question):
        asked, told = _versions(name, question), _versions(name, quote)
        if told and not asked & told:
            return True
        variants = [m["variant"] for m in re.finditer(rf"(?<![\w-]){re.escape(name)}{_VARIANT}", quote)]
        if variants and len(variants) == quote.count(name) and not any(v in question for v in variants):
            return True
    return False


#: "Brio 7 Ultra" is another phone than the Brio 7.
_VARIANT = r"(?: \d{1,2})? (?P<variant>Ultra|Pro|Max|Mini|Plus|Lite|Air|SE|XL|Fold|Flip|Neo|Nano|Turbo|Sport|Junior)\b"


def _versions(name: str, text: str) -> frozenset[str]:
    """The version behind each mention of a name; "" where there is none."""
    found = set()
    for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?:['’]s)?(?![\w])", text, re.I):
        number = _VERSION.match(text, match.end())
        found.add(number.group(1) if number and float(number.group(1)) < _HIGHEST else "")
    return frozenset(found)
