"""What a text states outright: its figures, dates, names, quoted strings and polarity, in a form that compares.

Pure functions over strings. The verifier, the conflict finder and the quoting answerer all read texts through this
module, so that "1.5m" and "1,500,000", or "8 April" and "April 8th", are the same thing everywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

STOPWORDS = frozenset(
    """a an and are as at be been being but by can could did do does doing for from had has have having he her hers
    him his how i if in into is it its itself just may me might more most must my no nor not of off on once only or
    other our ours out over own same shall she should so some such than that the their theirs them then there these
    they this those through to too under until up very was we were what when where which while who whom whose why will
    with would you your yours about after again all also any because before between both down during each few further
    here now during get gets got go goes going make makes made say says said tell told know please give given new
    according yet still even ever much many one thing things way""".split()
)

NEGATIONS = frozenset(
    """not no never none neither nor without nobody nothing nowhere cannot lack lacks lacked lacking fail fails failed
    deny denies denied refuse refuses refused unable isn't aren't wasn't weren't don't doesn't didn't can't couldn't
    won't wouldn't hasn't haven't hadn't shouldn't hardly unlike instead withhold withholds withheld withholding
    stops stopped barely rarely excludes excluded excluding except absent denying""".split()
)

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_DATES = (
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})\b"),
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<n>{_MONTH})\b\.?(?:,?\s+(?P<y>\d{{4}})\b)?",
        re.I,
    ),
    re.compile(
        rf"\b(?P<n>{_MONTH})\b\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:%|per\s*cent|percent|million|billion))"
        rf"(?:,?\s+(?P<y>\d{{4}})\b)?",
        re.I,
    ),
    re.compile(rf"\b(?P<n>{_MONTH})\b\.?(?:,|\s+of)?\s+(?P<y>\d{{4}})\b", re.I),
)
# A month alone is a date only with its capital ("may" is mostly a verb), after a preposition of time.
_MONTH_ALONE = re.compile(
    r"\b(?:[Ii]n|[Bb]y|[Ss]ince|[Uu]ntil|[Ff]rom|to|[Bb]efore|[Aa]fter|[Dd]uring|[Ll]ate|[Ee]arly|[Mm]id|[Ll]ast|"
    r"[Nn]ext|of|and|[Tt]his)[\s-]+"
    r"(January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_QUARTER = re.compile(
    r"\b(?:(first|second|third|fourth|last)\s+quarter|Q([1-4]))(?:\s+of)?(?:\s+((?:19|20)\d{2}))?\b", re.I
)
WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())

_SCALES = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "millions": 1e6,
    "b": 1e9, "bn": 1e9, "billion": 1e9, "billions": 1e9, "tn": 1e12, "trillion": 1e12,
}  # fmt: skip
_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "dozen": 12, "half": 0.5,
}  # fmt: skip
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_FIGURE = re.compile(
    r"(?P<cur>US\$|[$€£¥])?\s?"
    r"(?<![\w.-])(?P<num>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:\s?(?P<scale>thousand|millions?|billions?|trillion|bn|mn|tn|[kmb])\b)?"
    r"(?:\s?(?P<unit>%|per\s?cent\b|percent\b|percentage\s+points?\b|dollars?\b|euros?\b|pounds?\b))?",
    re.I,
)
_WORD_FIGURE = re.compile(
    rf"\b(?:(?P<tens>{_TENS})-(?P<ones>one|two|three|four|five|six|seven|eight|nine)|(?P<word>{'|'.join(_UNITS)}))"
    r"(?:\s(?P<scale>hundred|dozen|thousand|million|billion|trillion)\b)?(?:\s?(?P<unit>%|per\s?cent\b|percent\b|dollars?\b))?",
    re.I,
)
_HUNDREDS = re.compile(
    rf"\b(?P<head>(?:{'|'.join(_UNITS)})\s)?hundred-and-(?P<tail>(?:{_TENS})(?:-\w+)?|{'|'.join(_UNITS)})\b",
    re.I,
)
_CURRENCIES = {"$": "$", "US$": "$", "dollar": "$", "dollars": "$", "€": "€", "euro": "€", "euros": "€", "£": "£",
               "pound": "£", "pounds": "£", "¥": "¥"}  # fmt: skip
_QUOTED = re.compile(r"[“\"«]([^“”\"«»]{2,300})[”\"»]")
_TOKEN = re.compile(r"[^\W_]+(?:[.'’\-&][^\W_]+)*", re.UNICODE)
_SENTENCE_OPENERS = frozenset(
    """although though while since because when where whether if unless until despite yet however moreover meanwhile
    still then thus therefore nevertheless instead overall today yesterday tomorrow later earlier first second third
    finally also another every each several most many few both either neither according based given compared unlike
    like among within across against under following during per despite once there here these those such what why how
    anyone everyone less more fewer who whose which perhaps maybe yes users people reports sources analysts critics developers reporters companies
    separately additionally previously recently currently initially notably""".split()
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as stated: its value, and "%", a currency sign, or "" for its unit."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it is stated; None where it is not."""

    year: int | None
    month: int | None
    day: int | None

    def agrees(self, other: Day) -> bool:
        """Whether the two can be the same day: no stated part differs, and at least one part is shared."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        shared = [(a, b) for a, b in pairs if a is not None and b is not None]
        return bool(shared) and all(a == b for a, b in shared)

    def within(self, other: Day) -> bool:
        """Whether `other` states at least what this one does, with the same parts."""
        return all(
            a is None or a == b
            for a, b in ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        )


@cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The English stem of a lower-case word."""
    return str(_stemmer().stemWord(word))


def tokens(text: str) -> list[str]:
    """Words and numbers as written, possessive endings removed, typographic apostrophes made plain."""
    out = []
    for match in _TOKEN.finditer(text.replace("’", "'")):
        word = match.group()
        out.append(word[:-2] if word.lower().endswith("'s") else word)
    return out


@lru_cache(maxsize=16384)
def content_words(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning; hyphenated words count whole and in parts."""
    found: set[str] = set()
    for word in tokens(text):
        low = word.lower()
        if low in STOPWORDS or (len(low) < 2 and not low.isdigit()):
            continue
        found.add(stem(low))
        if "-" in low:
            found.update(stem(part) for part in low.split("-") if part not in STOPWORDS and len(part) > 1)
    return frozenset(found)


def spans_of_dates(text: str) -> list[tuple[int, int, Day]]:
    """Every date of a text with its place: (start, end, day), in order."""
    found: list[tuple[int, int, Day]] = []

    def free(start: int, end: int) -> bool:
        return all(end <= s or start >= e for s, e, _ in found)

    for pattern in _DATES:
        for match in pattern.finditer(text):
            if not free(*match.span()):
                continue
            parts = match.groupdict()
            month = int(parts["m"]) if parts.get("m") else MONTHS[parts["n"].lower()]
            day = int(parts["d"]) if parts.get("d") else None
            if parts.get("n", "") in ("may", "march", "mar") and day is None:
                continue
            if 1 <= month <= 12 and (day is None or 1 <= day <= 31):
                year = int(parts["y"]) if parts.get("y") else None
                found.append((*match.span(), Day(year, month, day)))
    for match in _MONTH_ALONE.finditer(text):
        start, end = match.span(1)
        if free(start, end):
            found.append((start, end, Day(None, MONTHS[match.group(1).lower()], None)))
    for match in _YEAR.finditer(text):
        if free(*match.span()):
            found.append((*match.span(), Day(int(match.group()), None, None)))
    return sorted(found, key=lambda item: item[0])


@lru_cache(maxsize=16384)
def dates(text: str) -> frozenset[Day]:
    """The dates that a text states, each as far as stated."""
    return frozenset(day for _, _, day in spans_of_dates(text))


@lru_cache(maxsize=16384)
def quarters(text: str) -> frozenset[str]:
    """Quarters of a year, as "q3" or "q3 2026"."""
    names = {"first": "1", "second": "2", "third": "3", "fourth": "4", "last": "4"}
    return frozenset(
        f"q{names.get((m.group(1) or '').lower(), m.group(2))}" + (f" {m.group(3)}" if m.group(3) else "")
        for m in _QUARTER.finditer(text)
    )


def _blank(text: str, spans: list[tuple[int, int, Day]]) -> str:
    for start, end, _ in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


@lru_cache(maxsize=16384)
def figures(text: str) -> frozenset[Figure]:
    """The numbers that a text states, in digits or words, dates left out.

    Number words count from "two" up; "one" is too often a pronoun, and "half" is 0.5 only with a unit of its own.
    """
    return frozenset(figure for _, _, figure in spans_of_figures(text))


def spans_of_figures(text: str) -> list[tuple[int, int, Figure]]:
    """Every number of a text (see `figures`) with its place: (start, end, figure), in order."""
    text = _blank(text.replace("\u00a0", " "), spans_of_dates(text.replace("\u00a0", " ")))
    found: list[tuple[int, int, Figure]] = []
    for match in _FIGURE.finditer(text):
        value = float(match["num"].replace(",", ""))
        scale = (match["scale"] or "").lower()
        value *= _SCALES.get(scale, 1.0)
        found.append((*match.span(), Figure(round(value, 6), _unit(match["cur"], match["unit"]))))
    text = re.sub(r"\bhundred and (?=[a-z])", "hundred-and-", text, flags=re.I)
    for match in _HUNDREDS.finditer(text):
        tail = match["tail"].lower()
        rest = sum(_UNITS.get(part, 0) for part in tail.split("-"))
        hundreds = _UNITS.get((match["head"] or "one").strip().lower(), 1)
        found.append((*match.span(), Figure(round(hundreds * 100.0 + rest, 6), _unit(None, None))))
    text = _HUNDREDS.sub(lambda m: " " * len(m[0]), text)
    for match in _WORD_FIGURE.finditer(text):
        word = (match["word"] or "").lower()
        if word in ("one", "half", "zero") and not match["scale"]:
            continue
        value = float(
            _UNITS[match["tens"].lower()] + _UNITS[match["ones"].lower()] if match["tens"] else _UNITS[word]
        )
        scale = (match["scale"] or "").lower()
        value *= {"hundred": 100.0, "dozen": 12.0}.get(scale) or _SCALES.get(scale, 1.0)
        found.append((*match.span(), Figure(round(value, 6), _unit(None, match["unit"]))))
    return sorted(found, key=lambda item: item[:2])


def _unit(currency: str | None, unit: str | None) -> str:
    if currency:
        return _CURRENCIES.get(currency.upper() if currency.upper() == "US$" else currency, currency)
    if not unit:
        return ""
    low = unit.lower()
    return "%" if low.startswith("%") or low.startswith("per") else _CURRENCIES.get(low, "")


def quoted(text: str) -> tuple[str, ...]:
    """The strings in quotation marks, whitespace folded, final punctuation dropped."""
    return tuple(" ".join(m.group(1).split()).strip(" ,.;:!?") for m in _QUOTED.finditer(text))


@lru_cache(maxsize=16384)
def names(text: str) -> tuple[str, ...]:
    """Proper names: runs of capitalised words, and words with inner capitals or with letters and digits.

    The first word of a sentence counts only when something else speaks for it (an inner capital, a capitalised word
    next to it, or not being a word that often opens sentences).
    """
    found: list[str] = []
    run: list[str] = []
    opening = True
    last_end = 0
    flat = text.replace("’", "'")
    for match in _TOKEN.finditer(flat):
        word = match.group()
        bare = word[:-2] if word.lower().endswith("'s") else word
        gap = flat[last_end : match.start()]
        if re.search(r"[.!?:][\"”')\]]*\s", gap) or re.search(r"[“\"]\s*$", gap):
            opening = True
        if gap.strip(" ") and run:
            found.append(" ".join(run))
            run = []
        low = bare.lower()
        inner = any(c.isupper() for c in bare[1:]) or (
            any(c.isdigit() for c in bare) and any(c.isalpha() for c in bare)
        )
        capital = bare[:1].isupper()
        plain_opener = opening and (
            low in STOPWORDS or low in NEGATIONS or low in _SENTENCE_OPENERS or low in MONTHS
        )
        # "Pleasingly, it has none": a word of manner, which no name follows.
        if opening and re.match(r"[A-Z][a-z]{5,}ly,\s+[a-z]", flat[match.start() :]):
            plain_opener = True
        is_name = inner or (capital and not plain_opener and low not in STOPWORDS and bare != "I")
        ordinal = bool(re.fullmatch(r"\d[\d.,]*(?:st|nd|rd|th|k|m|mn|bn?|tn|x|s)", low))
        if is_name and not ordinal and low not in MONTHS and low not in WEEKDAYS:
            run.append(bare)
        elif run:
            found.append(" ".join(run))
            run = []
        opening = False
        last_end = match.end()
    if run:
        found.append(" ".join(run))
    return tuple(dict.fromkeys(found))


def negations(text: str) -> int:
    """How many words of a text deny something; the "No." of a rank does not."""
    return sum(
        1
        for word in tokens(re.sub(r"\bNo\.?\s?(?=\d)", "", text))
        if (low := word.lower()) in NEGATIONS or low.endswith("n't") or low == "non"
    )


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Shared part of two sets, by the smaller one, in [0, 1]."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def fold(text: str) -> str:
    """A text for comparing: case, whitespace and typographic quotes folded."""
    table = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})
    return " ".join(text.translate(table).casefold().split())
