"""Yes and no are read off a quote where its words leave no doubt, and not where they do."""

from __future__ import annotations

import pytest

from assistant.sides import met, side
from assistant.terms import content_words


@pytest.mark.parametrize(
    ("question", "quote", "says"),
    [
        ("Is the Orla app free?", "The app is free of charge.", "yes"),
        ("Is the Orla app free?", "It costs nothing.", "yes"),
        ("Is the Orla app free?", "The app is free, without adverts.", "yes"),
        ("Does it work without a phone?", "It works without a phone.", "yes"),
        ("Does it work without a phone?", "It needs a phone.", "no"),
        ("Is the Orla app free of charge?", "It charges 3 dollars a month.", "no"),
        ("Is the Orla app free?", "It is not free.", "no"),
        ("Is the Orla app free?", "The first week is free, then it costs 3 dollars.", ""),
        ("Is the model open?", "The model is closed.", "no"),
        ("Is the model open?", "It is not closed.", "yes"),
        ("Is the model open?", "The weights are open.", "yes"),
        ("Was the drug approved?", "The agency rejected it.", "no"),
        ("Does it work online?", "It works offline.", "no"),
        ("Is it faster than the old one?", "It makes fewer errors and is slower to start.", ""),
        ("Does it record sound?", "The camera does not record sound.", "no"),
        ("Does it record sound?", "It records sound, and no pictures are lost.", "yes"),
        ("Does it record sound?", "Whether it records sound is not known.", ""),
    ],
)  # fmt: skip
def test_the_side_of_a_quote(question: str, quote: str, says: str) -> None:
    assert side(question, quote) == (frozenset({says}) if says else frozenset())


def test_an_opposite_meets_the_word_that_was_asked_for() -> None:
    assert met("Is the model open?", "The model is closed.") == content_words("model open")
    assert met("Is the app free of charge?", "It charges 3 dollars a month.") >= content_words("free charge")
    assert met("Is the app free of charge?", "It has forty brushes.") == frozenset()
