"""Launch passages put together from `attributes.txt`, and a question beside each.

What a small model confuses is which thing is said of which product: the price with the fee, the announcement with the
first day of sales, the new model with the one before it. Passages made from a table of attributes hold exactly these
neighbours, in endless supply, and every label is known.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from assistant.training.augment import invented
from assistant.training.data import Example, TrainingDataError

TABLE = Path(__file__).parent / "attributes.txt"
KINDS = ("device", "software", "ai", "rocket", "medicine")
#: Attributes of which one passage cannot have both.
_APART = (
    {"price", "price-unknown"},
    {"free", "subscription"},
    {"open-source", "closed"},
    {"ceo", "quote-ceo"},
)
_QUESTION = re.compile(r"Q(?:\[(?P<which>\d+(?:,\d+)*)\])?$")


@dataclass(slots=True)
class Attribute:
    """One thing that may be said of a product.

    Attributes:
        sentences: ways to say it, with slots.
        questions: ways to ask for it, each with the indexes of the sentences that answer.
    """

    name: str
    kinds: frozenset[str]
    sentences: list[str] = field(default_factory=list)
    questions: list[tuple[str, frozenset[int]]] = field(default_factory=list)


@lru_cache(maxsize=1)
def attributes() -> tuple[Attribute, ...]:
    """The table.

    Raises:
        TrainingDataError: a line does not follow the format; says which.
    """
    found: list[Attribute] = []
    for number, line in enumerate(TABLE.read_text("utf-8").splitlines(), 1):
        tag, _, rest = line.strip().partition(" ")
        if not tag or tag.startswith("#"):
            continue
        asked = _QUESTION.match(tag)
        if tag == "@":
            name, *kinds = rest.split()
            found.append(Attribute(name, frozenset(KINDS if kinds == ["any"] else kinds)))
        elif tag == "S" and found:
            found[-1].sentences.append(rest)
        elif asked and found and found[-1].sentences:
            said = range(len(found[-1].sentences))
            which = (
                frozenset(int(n) - 1 for n in asked["which"].split(","))
                if asked["which"]
                else frozenset(said)
            )
            if not which <= set(said):
                raise TrainingDataError(
                    f"{TABLE.name}, line {number}: points at a sentence that is not there."
                )
            found[-1].questions.append((rest, which))
        else:
            raise TrainingDataError(f"{TABLE.name}, line {number}: expected '@', 'S', 'Q' or 'Q[1,2]'.")
    return tuple(found)


_MONTHS = "January February March April May June July August September October November December".split()
_COUNTRIES = (
    "Norway|Japan|Brazil|Canada|Kenya|Poland|Chile|India|the US|Britain|France|South Korea|Mexico|Egypt|Finland"
).split("|")
_CITIES = (
    "Oslo Osaka Recife Toronto Nairobi Gdansk Austin Lyon Busan Leeds Porto Tampere Denver Basel Pune".split()
)
_FIRST = "Ana Tomas Mei Kofi Ingrid Ravi Lena Omar Grace Piotr Sofia Hugo Nadia Ivan Clara Yusuf Emma Diego".split()
_LAST = "Halvorsen Okafor Tanaka Lindqvist Moreau Patel Novak Silva Brandt Haddad Keane Rossi Larsen Chen Ortiz".split()
_ENDINGS = ("", "", "", " Labs", " Systems", " Motors", " Research", " Group", " Partners")
_LANGUAGES = (
    "English Spanish German Hindi Japanese Arabic French Swahili Portuguese Korean Polish Turkish".split()
)
_COLOURS = "black white red blue green silver orange yellow".split()
_SMALL = "two three four five six seven eight nine ten".split()
_TITLES = (
    "{C} launches {X}",
    "{X}: what is known so far",
    "{C} shows {X}",
    "Inside {X}",
    "First look at {X}",
    "{C} bets on {X}",
    "What {X} means for {C}",
    "{X} arrives",
    "",
)
_FILLERS = (
    "The company gave no further details.",
    "Others in the field are watching closely.",
    "More is to be said at a later date.",
    "The news had been expected for some time.",
    "A spokesperson declined to comment.",
    "Reporters were not allowed to try it.",
)
_NOUNS = {"device": "device", "software": "program", "ai": "model", "rocket": "craft", "medicine": "drug"}


def _date(rng: random.Random) -> str:
    day, month = rng.randrange(1, 29), rng.choice(_MONTHS)
    year = f" {rng.randrange(2019, 2031)}" if rng.random() < 0.4 else ""
    return f"{day} {month}{year}" if rng.random() < 0.5 else f"{month} {day}{',' if year else ''}{year}"


def _money(rng: random.Random) -> str:
    """A sum of money."""
    return rng.choice("$€£") + str(rng.choice((rng.randrange(3, 99), rng.randrange(100, 2500))))


_SLOTS: dict[str, Callable[[random.Random], str]] = {
    "money": _money,
    "date": _date,
    "month": lambda r: r.choice(_MONTHS),
    "year": lambda r: str(r.randrange(1998, 2034)),
    "weeks": lambda r: r.choice(_SMALL),
    "hours": lambda r: r.choice([*_SMALL, str(r.randrange(11, 60))]),
    "num": lambda r: str(r.randrange(11, 990)),
    "big": lambda r: f"{r.randrange(2, 990)},000" if r.random() < 0.6 else f"{r.randrange(2, 90)} million",
    "pct": lambda r: str(r.randrange(2, 95)),
    "country": lambda r: r.choice(_COUNTRIES[::2]),
    "country2": lambda r: r.choice(_COUNTRIES[1::2]),
    "city": lambda r: r.choice(_CITIES),
    "person": lambda r: f"{r.choice(_FIRST)} {r.choice(_LAST)}",
    "org": lambda r: invented(r).split()[0] + r.choice(_ENDINGS),
    "lang": lambda r: r.choice(_LANGUAGES[::2]),
    "lang2": lambda r: r.choice(_LANGUAGES[1::2]),
    "colour": lambda r: r.choice(_COLOURS[::2]),
    "colour2": lambda r: r.choice(_COLOURS[1::2]),
}


def _cast(rng: random.Random) -> dict[str, str]:
    """The names of one passage: the product, its maker, the one before it, a rival."""
    product = invented(rng)
    stem = product.split()[0]
    before = rng.choice((f"{stem} {rng.randrange(1, 4)}", f"{stem} Classic", invented(rng)))
    if before == product:
        before = f"{stem} Zero"
    return {
        "X": product,
        "C": invented(rng).split()[0] + rng.choice(_ENDINGS),
        "Y": before,
        "Z": invented(rng),
    }


def _filled(text: str, names: dict[str, str], facts: dict[str, str], rng: random.Random) -> str:
    def value(match: re.Match[str]) -> str:
        slot = match[1]
        if slot in names:
            return names[slot]
        return facts.setdefault(slot, _SLOTS[slot](rng))

    return re.sub(r"\{(\w+)\}", value, text)


def _referred(template: str, kind: str, rng: random.Random) -> str:
    """The sentence with the product as "It" or "The device", as writers do once it was named."""
    if template.startswith("{X} ") and rng.random() < 0.4:
        return rng.choice(("It", "It", f"The {_NOUNS[kind]}")) + template[3:]
    return template


def synthetic(rng: random.Random) -> Example:
    """A passage and a question; about three in five have an answer in it."""
    kind = rng.choice(KINDS)
    able = [a for a in attributes() if kind in a.kinds]
    asked, *others = rng.sample(able, rng.choice((4, 5, 5, 6, 6, 7)))
    apart = next((group for group in _APART if asked.name in group), set())
    others = [o for o in others if o.name not in apart]
    names = _cast(rng)
    facts: dict[str, str] = {}
    question, answering = rng.choice(asked.questions)
    lines: list[tuple[str, bool]] = []
    for other in others:
        lines.append((_filled(_referred(rng.choice(other.sentences), kind, rng), names, {}, rng), False))
    roll = rng.random()
    if roll < 0.6:
        at = rng.choice(sorted(answering))
        lines.append((_filled(_referred(asked.sentences[at], kind, rng), names, facts, rng), True))
    elif roll < 0.68 and (rest := sorted(set(range(len(asked.sentences))) - answering)):
        # Said of the same matter, but not what was asked.
        lines.append((_filled(asked.sentences[rng.choice(rest)], names, facts, rng), False))
    named = [s for s in asked.sentences if s.startswith("{X} ") or " {X}" in s]
    if named and rng.random() < 0.35:
        # The same thing, said of another product.
        of_other = {**names, "X": names[rng.choice("YZ")]}
        lines.append((_filled(rng.choice(named), of_other, {}, rng), False))
    if rng.random() < 0.3:
        lines.append((rng.choice(_FILLERS), False))
    rng.shuffle(lines)
    opening = rng.random() < 0.3
    if opening:
        lines.insert(0, (_filled("{C} has brought out {X}.", names, {}, rng), False))
    text = _filled(question, names, facts, rng)
    title = _filled(rng.choice(_TITLES), names, {}, rng)
    positives = frozenset(i for i, (_, answers) in enumerate(lines) if answers)
    sentences: Sequence[str] = [s[:1].upper() + s[1:] for s, _ in lines]
    return Example(text, title, tuple(sentences), positives, "synthetic", "synthetic", "synthetic")
