"""A quote's own words, moved or in part: what may be read so, and what may not."""

from __future__ import annotations

import pytest

from assistant.reordering import in_quote_order, second_of_two, without_asides


@pytest.mark.parametrize(
    ("claim", "quote", "read"),
    [
        (
            "In May, Delta cut its fares by 12 per cent.",
            "Delta cut its fares by 12 per cent in May, and Coastline raised its own.",
            "Delta cut its fares by 12 per cent in May",
        ),
        (
            "From 3 June, the oven can be ordered in Sweden.",
            "The oven can be ordered from 3 June in Sweden.",
            "The oven can be ordered from 3 June in Sweden",
        ),
        (
            "It powered the app in Ghent and Lille by 12 May.",
            "By 12 May, it powered the app in Ghent and Lille.",
            "By 12 May, it powered the app in Ghent and Lille",
        ),
    ],
)
def test_a_phrase_that_was_moved_is_put_back(claim: str, quote: str, read: str) -> None:
    assert in_quote_order(claim, ["Another quote stands before it.", quote]) == read


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        # The phrase belongs to something else.
        (
            "In screen tests, the tablet beats the Luma.",
            "The tablet beats the Luma in battery tests but loses to it in screen tests.",
        ),
        ("In May, Delta cut its fares again.", "The board said in May that Delta cut its fares again."),
        # It says when, and not how, the film runs.
        ("For nothing, the film does not run on Sunday.", "The film does not run on Sunday for nothing."),
        ("From 12 May, it powered the app in Ghent.", "By 12 May, it powered the app in Ghent."),
        ("In June, Delta cut its fares.", "Delta cut its fares in May."),
        # It was allowed with a permit only.
        ("With a permit, the drone may fly over towns.", "The drone may fly over towns only with a permit."),
    ],
)
def test_a_phrase_of_something_else_is_not(claim: str, quote: str) -> None:
    assert in_quote_order(claim, [quote]) == ""


def test_an_aside_between_commas_can_be_left_out() -> None:
    quote = "Ilse Marsh, who led Scall before, now leads the lab."
    assert without_asides([quote]) == ["Ilse Marsh now leads the lab."]
    assert without_asides(["The plant closes, unless a buyer is found, in May."]) == []


@pytest.mark.parametrize(
    ("claim", "quote", "holds"),
    [
        (
            "The Nova is cheaper than the Mist.",
            "The Nova is lighter than the Arrow and cheaper than the Mist.",
            True,
        ),
        (
            "The plant will open in June.",
            "The plant will close in May and open in June.",
            True,
        ),
        ("The door opens if you log in.", "The door opens if you pay and log in.", False),
        ("It costs 8 euros in Italy.", "It costs 8 euros in Spain and 9 in Italy.", False),
        ("The lab did not raise the price.", "The lab did not say why and did raise the price.", False),
        ("The bank cut its fees.", "The bank, which lent the money, and Norvik, cut its fees.", False),
    ],
)
def test_the_second_of_two_things_is_said_too(claim: str, quote: str, holds: bool) -> None:
    assert second_of_two(claim, [quote]) is holds
