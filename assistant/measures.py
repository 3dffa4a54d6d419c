"""Quantities with their units, so that 9,800 kg and 13.5 tonnes, or 13 hours 5 minutes and 785 minutes, can be compared."""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.terms import Figure, spans_of_figures

#: What is measured, with each of its units: the words for it, and how many of the first unit it is.
_DIMENSIONS: dict[str, tuple[tuple[str, float], ...]] = {
    "kg": (
        ("kg|kgs|kilos?|kilogram(?:me)?s?", 1.0),
        ("g|grams?|grammes?", 1e-3),
        ("tonnes?|metric tons?", 1e3),
        ("lbs?", 0.45359237),
        ("ounces?|oz", 0.028349523),
    ),
    "km": (
        ("km|kms|kilomet(?:er|re)s?", 1.0),
        ("met(?:er|re)s?", 1e-3),
        ("cm|centimet(?:er|re)s?", 1e-5),
        ("mm|millimet(?:er|re)s?", 1e-6),
        ("miles?", 1.609344),
        ("foot|feet|ft", 0.0003048),
        ("inch|inches", 2.54e-5),
    ),
    "km/h": (
        ("km/h|kmh|kph|kilomet(?:er|re)s? (?:an|per) hour", 1.0),
        ("mph|miles? (?:an|per) hour", 1.609344),
        ("knots?", 1.852),
    ),
    "hours": (
        ("h|hrs?|hours?", 1.0),
        ("min|mins|minutes?", 1 / 60),
        ("s|secs?|seconds?", 1 / 3600),
        ("days?", 24.0),
        ("weeks?", 168.0),
    ),
    "years": (("years?|yrs?", 1.0), ("months?", 1 / 12)),
    "litres": (("litres?|liters?|l", 1.0), ("ml|millilit(?:er|re)s?", 1e-3)),
    "kW": (("kw|kilowatts?", 1.0), ("w|watts?", 1e-3), ("mw|megawatts?", 1e3)),
    "kWh": (("kwh|kilowatt[ -]hours?", 1.0), ("wh|watt[ -]hours?", 1e-3), ("mwh|megawatt[ -]hours?", 1e3)),
    "GB": (("gb|gigabytes?", 1.0), ("mb|megabytes?", 1e-3), ("tb|terabytes?", 1e3)),
    "degrees": (("degrees?|°c?", 1.0),),
}
_SPELLED = [
    (re.compile(rf"(?:{words})(?![\w/])", re.I), base, factor)
    for base, units in _DIMENSIONS.items()
    for words, factor in units
]
#: By how much of it a quantity may change when it is given in another unit.
ROUNDED = 0.03
#: Two parts of one quantity: "13 hours 5 minutes", "11 hours and 20 minutes".
_JOINED = re.compile(r"\s*(?:,\s*|\band\s+)?", re.I)


def _unit(text: str, at: int) -> tuple[int, str, float] | None:
    """The unit that stands at a place in a text: where it ends, what it measures, and its size."""
    gap = re.compile(r"[\s\u00a0-]?").match(text, at)
    start = gap.end() if gap else at
    found = [(m.end(), base, factor) for p, base, factor in _SPELLED if (m := p.match(text, start))]
    return max(found, default=None, key=lambda item: item[0])


@lru_cache(maxsize=16384)
def quantities(text: str) -> tuple[tuple[int, int, Figure], ...]:
    """Every number with a unit of measurement: (start, end, figure in the unit it is compared in), in order."""
    found: list[tuple[int, int, Figure]] = []
    size = 0.0
    for start, end, figure in spans_of_figures(text):
        unit = None if figure.unit else _unit(text, end)
        if unit is None:
            continue
        stop, base, factor = unit
        value = figure.value * factor
        begun = start + len(text[start:end]) - len(text[start:end].lstrip())
        # A smaller unit directly after a larger one says the rest of the same quantity.
        if (
            found
            and found[-1][2].unit == base
            and factor < size
            and _JOINED.fullmatch(text[found[-1][1] : begun])
        ):
            begun, _, whole = found.pop()
            value += whole.value
        found.append((begun, stop, Figure(float(f"{value:.6g}"), base)))
        size = factor
    return tuple(found)


def same_quantity(one: str, other: str) -> bool:
    """Whether two texts give one quantity in two units, as near as a rounding."""
    ours, theirs = quantities(one), quantities(other)
    if not ours or not theirs or ours[0][2].unit != theirs[0][2].unit:
        return False
    in_words = [text[start:end].split()[-1] for text, (start, end, _) in ((one, ours[0]), (other, theirs[0]))]
    a, b = sorted(abs(spans[0][2].value) for spans in (ours, theirs))
    return in_words[0] != in_words[1] and b - a <= ROUNDED * b


def other_dimension(one: str, other: str) -> bool:
    """Whether two texts measure different things."""
    ours, theirs = quantities(one), quantities(other)
    return bool(ours and theirs) and ours[0][2].unit != theirs[0][2].unit


@lru_cache(maxsize=16384)
def measured(text: str) -> frozenset[Figure]:
    """The figures of a text as they are compared: quantities in one unit for each dimension, the rest as they stand."""
    spans = quantities(text)
    plain = (f for start, end, f in spans_of_figures(text) if not any(s < end <= e for s, e, _ in spans))
    return frozenset([*(figure for _, _, figure in spans), *plain])
