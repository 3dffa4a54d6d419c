"""The values that a sentence offers to a question: figures, dates or names, each as the words that state it.

A sentence often states several, and only the evidence model can say which one answers; it is asked about each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.attribution import reporters
from assistant.measures import measured, other_dimension, quantities
from assistant.occasions import Stretch, stretches
from assistant.ordinary import names_nobody
from assistant.question import QuestionKind, asks_which, parse_question
from assistant.terms import (
    STOPWORDS,
    Day,
    Figure,
    content_words,
    dates,
    names,
    spans_of_dates,
    spans_of_figures,
)


@dataclass(frozen=True, slots=True)
class Value:
    """What a sentence states, in its words (`phrase`) and as something that can be compared."""

    phrase: str
    what: Figure | Day | Stretch | str


_NOUN = re.compile(r"[\s-]([a-z]{2,}|[A-Za-z]*[A-Z][A-Za-z]*)\b(?!['’])")
_NAMED = re.compile(r"\b(?:called|named|names?)\b", re.I)


def values(question: str, text: str) -> tuple[Value, ...]:
    """The values in a text that may answer the question: those of what it counts or measures, where there are any."""
    return _fitting(question, offered(question, text))


def offered(question: str, text: str) -> tuple[Value, ...]:
    """The values in a text of the kind that the question asks for, in their order; those it states itself left out."""
    kind = parse_question(question).kind
    if kind in (QuestionKind.WHO, QuestionKind.WHERE) or asks_which(question):
        return _names(question, text)
    found: list[tuple[int, Value]] = []
    if kind in (QuestionKind.WHEN, QuestionKind.WHAT):
        known = dates(question)
        found += [
            (start, Value(text[start:end].rstrip(" ."), day))
            for start, end, day in spans_of_dates(text)
            if not any(day.within(k) or k.within(day) for k in known)
        ]
    if kind is QuestionKind.WHEN:
        asked = {stretch for _, _, stretch in stretches(question)}
        found += [(start, Value(s.phrase, s)) for start, _, s in stretches(text) if s not in asked]
    if kind in (QuestionKind.QUANTITY, QuestionKind.WHAT, QuestionKind.LIST):
        told = measured(question)
        spans = quantities(text)
        found += [
            (start, Value(text[start:end], figure)) for start, end, figure in spans if figure not in told
        ]
        for start, end, figure in spans_of_figures(text):
            if figure in told or any(begun < end <= stop for begun, stop, _ in spans):
                continue
            noun = _NOUN.match(text, end)
            of = noun if noun and noun[1].lower() not in STOPWORDS else None
            found.append((start, Value(text[start : of.end() if of else end].strip(), figure)))
    if kind is QuestionKind.WHAT and _NAMED.search(question):
        return _names(question, text)
    return tuple(value for _, value in sorted(found, key=lambda item: item[0]))


CURRENCIES = frozenset("$€£¥")
_COUNTED = re.compile(r"\bhow many ((?:[a-z-]+ ){0,2}[a-z-]{3,})\b", re.I)
_PRICE = re.compile(
    r"\bhow much (?:does|do|is|are|did|will|would|was|were)\b(?!.*\b(?:weigh|hold|store|produce|use)\b)"
    r"|\b(?:costs?|prices?|pays?|paid|charged?|fees?|raised?|worth|spend|spent)\b",
    re.I,
)
#: What is asked for, and the unit that it is measured in: "What interest does it pay?" is answered in per cent, not in pounds.
_MEASURES = tuple(
    (re.compile(asked, re.I), unit)
    for asked, unit in (
        (
            r"\binterest (?:rates?\b|(?:do|does|did|will|is|are|can)\b)|\b(?:what|which) (?:percentage|proportion|share)\b",
            "%",
        ),
        (r"\bspeed\b|\bhow fast (?:is|does|do)\b", "km/h"),
        (r"\bweighs?\b|\bhow heavy\b|(?<!much )\bweight\b", "kg"),
        (r"\bhow (?:tall|high|wide|deep|far)\b|\b(?:height|range|distance)\b", "km"),
        (r"\btemperature\b", "degrees"),
    )
)
_LASTS = re.compile(r"\bhow (?:long|soon|quickly)\b|\bhow fast can\b", re.I)
_TIME = re.compile(r"\b(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|decades?)\b", re.I)


def _fitting(question: str, found: Sequence[Value]) -> tuple[Value, ...]:
    fitting: list[Value] = []
    if counted := _COUNTED.search(question):
        noun = content_words(counted[1])
        fitting = [v for v in found if noun & content_words(v.phrase)]
    elif unit := next((unit for asked, unit in _MEASURES if asked.search(question)), ""):
        fitting = [v for v in found if isinstance(v.what, Figure) and v.what.unit == unit]
    elif _PRICE.search(question):
        fitting = [v for v in found if isinstance(v.what, Figure) and v.what.unit in CURRENCIES]
    elif _LASTS.search(question):
        fitting = [v for v in found if _TIME.search(v.phrase)]
    return tuple(fitting or found)


def _names(question: str, text: str) -> tuple[Value, ...]:
    beside = content_words(question) | reporters(question, text)
    return tuple(
        Value(name, name)
        for name in names(text)
        if not content_words(name) & beside and not names_nobody(name, text)
    )


#: Shares, which are counted in words as well as in figures; "the third quarter" of a year is none.
_SHARES = re.compile(
    r"(?<![A-Za-z])(?<!first )(?<!second )(?<!third )(?<!fourth )(?<!last )"
    r"(half|thirds?(?! quarter)|quarters?|fifths?|tenths?|%|per cent|percent)(?![A-Za-z])"
)


def other_unit(one: str, other: str) -> bool:
    """Whether two short answers measure different things, or give a share in ways that cannot be compared."""
    if other_dimension(one, other):
        return True
    found = [m[1].lower().rstrip("s") for text in (one, other) if (m := _SHARES.search(text))]
    shares = ["%" if unit in ("per cent", "percent") else unit for unit in found]
    return len(shares) == 2 and shares[0] != shares[1]
