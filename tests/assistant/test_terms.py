from __future__ import annotations

import pytest

from assistant.terms import Day, Figure, dates, figures, names, negations, quarters, quoted


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1.5m users", 1_500_000, ""),
        ("1,500,000 users", 1_500_000, ""),
        ("1.5 million users", 1_500_000, ""),
        ("$14.3 billion", 14_300_000_000, "$"),
        ("US$14.3bn", 14_300_000_000, "$"),
        ("9 per cent", 9, "%"),
        ("9%", 9, "%"),
        ("nine percent", 9, "%"),
        ("twenty-five people", 25, ""),
        ("two hundred people", 200, ""),
        ("a score of 42.8 on it", 42.8, ""),
        ("No. 5 on the list", 5, ""),
    ],
)
def test_figures_in_any_spelling_are_one_value(text: str, value: float, unit: str) -> None:
    assert Figure(value, unit) in figures(text)


@pytest.mark.parametrize(
    "text", ["8 April 2026", "April 8, 2026", "April 8th, 2026", "8th of April 2026", "2026-04-08"]
)
def test_dates_in_any_spelling_are_one_day(text: str) -> None:
    assert dates(f"It came on {text}, they said.") == {Day(2026, 4, 8)}
    assert not figures(f"It came on {text}, they said.")


def test_may_is_a_month_only_where_it_can_be_one() -> None:
    assert dates("It may come in May.") == {Day(None, 5, None)}
    assert not dates("It may 5 or may not.") - {Day(None, 5, 5)}
    assert dates("It may not come.") == frozenset()


def test_parts_of_dates_agree_or_not() -> None:
    assert Day(None, 4, 8).agrees(Day(2026, 4, 8))
    assert not Day(None, 4, 9).agrees(Day(2026, 4, 8))
    assert Day(2026, None, None).within(Day(2026, 4, 8))
    assert not Day(2026, 4, 8).within(Day(2026, 4, None))


def test_names_are_found_inside_and_at_the_start_of_sentences() -> None:
    found = names(
        "Although it is small, Ars Technica liked GPT-5.4. The iPhone did not. Meta's own model won."
    )
    assert found == ("Ars Technica", "GPT-5.4", "iPhone", "Meta")


def test_openers_and_months_are_no_names() -> None:
    assert names("However, this is so. In April it rained on Monday.") == ()


def test_negations_and_quotes_and_quarters() -> None:
    assert negations("It isn't open and has no price.") == 2
    assert negations("It reached No. 5.") == 0
    assert quoted("He said “a long road,” and left.") == ("a long road",)
    assert quarters("in the third quarter of 2026") == {"q3 2026"} == quarters("in Q3 2026")
