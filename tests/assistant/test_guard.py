from __future__ import annotations

import pytest

from assistant.distortion import overstated, polarity_differs
from assistant.guard import Source, check_sentence, spelled_out

QUOTE = Source(
    "Nordlys Aerospace said on 8 April that the Heron 3 carried 1,500,000 grams, 9 per cent more than “any rival,” "
    "according to Anna Berg of the Institute for Orbital Studies (IOS).",
    publisher="The Fjord Post",
    published="9 April 2026",
)


@pytest.mark.parametrize(
    "sentence",
    [
        "The Heron 3 carried 1.5m grams.",
        "The Heron 3 carried 1.5 million grams, 9% more than any rival.",
        "On April 8th Nordlys Aerospace said so.",
        "The Fjord Post reported it on 9 April 2026.",
        "It carried more than “any rival”.",
        "Berg works at the IOS.",
        "Anna Berg's institute confirmed it.",
    ],
)
def test_what_the_quote_states_passes(sentence: str) -> None:
    abbreviations = spelled_out([QUOTE.quote])
    assert check_sentence(sentence, [QUOTE], abbreviations=abbreviations) == ()


@pytest.mark.parametrize(
    ("sentence", "sort"),
    [
        ("The Heron 3 carried 1.6m grams.", "figure"),
        ("It carried 9 grams more, or 15%.", "figure"),
        ("It carried $9 worth.", "figure"),
        ("On 7 April Nordlys Aerospace said so.", "date"),
        ("Nordlys Aerospace said so in May.", "date"),
        ("Nordlys Aerospace said so in 2025.", "date"),
        ("The Heron 4 flew.", "figure"),
        ("Borealis Aerospace said so.", "name"),
        ("According to Erik Berg it flew.", "name"),
        ("It was better than “every rival”.", "quotation"),
    ],
)
def test_what_the_quote_does_not_state_is_named(sentence: str, sort: str) -> None:
    assert sort in {p.sort for p in check_sentence(sentence, [QUOTE])}


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The model is open.", "The model is not open."),
        ("Shares fell on Monday.", "Shares rose on Monday."),
        ("It has a price.", "It has no price."),
        ("It came before the rival.", "It came after the rival."),
    ],
)
def test_opposites_are_noticed(claim: str, evidence: str) -> None:
    assert polarity_differs(claim, evidence)
    assert not polarity_differs(evidence, evidence)


def test_a_dropped_hedge_is_an_overstatement() -> None:
    assert overstated("The company will open the weights.", "The company may open the weights.")
    assert not overstated("The company may open the weights.", "The company may open the weights.")


def test_abbreviations_count_only_where_the_corpus_explains_them() -> None:
    assert spelled_out(["Meta Superintelligence Labs (MSL) made it."]) == {
        "MSL": "Meta Superintelligence Labs"
    }
    assert spelled_out(["Nobody explained (XYZ)."]) == {}


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("Viewers may keep films on a phone.", []),
        ("Getting a film onto a phone takes a minute.", []),
        ("Lumitek may keep films on a phone.", ["Lumitek"]),
        ("Viewers of Lumitek may keep films on a phone.", ["Lumitek"]),
        (
            "Films by Customers may be kept on a phone.",
            ["Customers"],
        ),  # a capital within a sentence means a name
    ],
)
def test_an_ordinary_word_at_the_head_of_a_sentence_names_nobody(sentence: str, named: list[str]) -> None:
    problems = check_sentence(sentence, [Source("Films may be kept on a phone, which takes a minute.")])
    assert [p.words for p in problems if p.sort == "name"] == named
