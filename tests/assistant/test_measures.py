"""Quantities are compared across their units, and read whole where two units state one."""

from __future__ import annotations

import pytest

from assistant.measures import measured, other_dimension, quantities, same_quantity
from assistant.terms import Figure


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("It lasts 13 hours 5 minutes.", 13.0833, "hours"),
        ("It takes 11 hours and 20 minutes.", 11.3333, "hours"),
        ("It carries 13.5 tonnes.", 13500.0, "kg"),
        ("a 48-hour battery", 48.0, "hours"),
        ("250 kilometres an hour", 250.0, "km/h"),
        ("8GB of memory", 8.0, "GB"),
        ("three weeks", 504.0, "hours"),
    ],
)
def test_a_quantity_is_read_in_one_unit(text: str, value: float, unit: str) -> None:
    assert measured(text) == {Figure(value, unit)}


def test_what_has_no_unit_of_measurement_stays_as_it_is() -> None:
    assert measured("It costs 40 euros, has 12 seats and grew by 5 per cent.") == {
        Figure(40.0, "€"),
        Figure(12.0, ""),
        Figure(5.0, "%"),
    }


def test_a_quantity_is_shown_in_its_own_words() -> None:
    text = "The trip takes 11 hours and 20 minutes, with 3 stops."
    ((start, end, _),) = quantities(text)
    assert text[start:end] == "11 hours and 20 minutes"
    assert len(quantities("12 hours and 8 hours")) == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("30 miles", "48 km", True),
        ("30 miles", "60 km", False),
        ("30 miles", "31 miles", False),
        ("30 miles", "48 kg", False),
        ("30", "48 km", False),
    ],
)
def test_one_quantity_in_two_units(one: str, other: str, same: bool) -> None:
    assert same_quantity(one, other) is same


def test_what_measures_another_thing_is_told_apart() -> None:
    assert other_dimension("30 knots", "56 km")
    assert not other_dimension("30 miles", "48 km")
    assert not other_dimension("30 seats", "48 km")
