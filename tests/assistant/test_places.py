"""Countries are known by their names, by their short names and by their people."""

from __future__ import annotations

import pytest

from assistant.places import countries_in, is_large


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Australians can buy it.", {"australia"}),
        ("It is sold in the UK and in Great Britain.", {"britain"}),
        ("Spanish customers and Japanese shops wait.", {"spain", "japan"}),
        ("The US follows, then South Korea.", {"america", "south korea"}),
        ("European shops have it.", set()),
        ("It is sold by us in Graz.", set()),
        ("Muse Spark is a model.", set()),
    ],
)
def test_the_countries_in_a_text(text: str, found: set[str]) -> None:
    assert countries_in(text) == found


def test_a_country_is_larger_than_its_towns() -> None:
    assert is_large("Spain")
    assert is_large("the Netherlands")
    assert not is_large("Zaragoza")
