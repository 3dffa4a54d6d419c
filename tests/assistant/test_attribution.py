"""Who a sentence says its claim comes from: taken off where it is the cited article's publisher, refused where nobody is."""

from __future__ import annotations

import pytest

from assistant.attribution import told_by_name, unknown_source, without_attribution
from assistant.evidence import EvidenceModel
from assistant.guard import Source
from assistant.verifier import weigh

CLAIM = "The kettle boils in ninety seconds."


@pytest.mark.parametrize(
    "sentence",
    [
        "The kettle boils in ninety seconds, The Kitchen Post wrote.",
        "The kettle boils in ninety seconds, Kitchen Post reported on 4 May 2025.",
        "The kettle boils in ninety seconds, according to the Kitchen Post.",
        "The kettle boils in ninety seconds, in The Kitchen Post's words.",
        "The Kitchen Post reported that the kettle boils in ninety seconds.",
        "The Kitchen Post of 4 May 2025 wrote that the kettle boils in ninety seconds.",
        "According to The Kitchen Post, the kettle boils in ninety seconds.",
        "According to The Kitchen Post the kettle boils in ninety seconds.",
        "The Kitchen Post says the kettle boils in ninety seconds.",
        "In The Kitchen Post's account, the kettle boils in ninety seconds.",
    ],
)
def test_the_publisher_is_taken_off(sentence: str) -> None:
    assert without_attribution(sentence, ["The Kitchen Post"]) == CLAIM


def test_the_publisher_in_the_middle_is_taken_off() -> None:
    sentence = "The kettle is loud, Kitchen Post wrote, and slow."
    assert (
        without_attribution(sentence, ["The Kitchen Post (kitchenpost.example)"])
        == "The kettle is loud, and slow."
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "Aldermere said that the kettle boils in ninety seconds.",
        "The Kitchen Post was bought by Aldermere in May.",
        "The kettle boils faster than The Kitchen Post wrote it would.",
        "According to The Kitchen Post.",
    ],
)
def test_everything_else_stays(sentence: str) -> None:
    assert without_attribution(sentence, ["The Kitchen Post"]) == sentence


def test_a_source_that_nobody_cited_is_found() -> None:
    known = "The kettle boils in ninety seconds.\nThe Kitchen Post\n4 May 2025"
    assert unknown_source("The kettle boils, according to insiders.", known) == "insiders"
    assert unknown_source('kitchen-poster, undated: "The kettle boils."', known) == "kitchen-poster, undated"
    assert unknown_source("The kettle boils, according to the Kitchen Post.", known) == ""
    assert unknown_source('The Kitchen Post, 4 May 2025: "The kettle boils."', known) == ""


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("The kettle boils in ninety seconds, according to insiders.", "source: insiders"),
        ('The Kitchen Post: "The kettle boils in ninety.', "half a quotation"),
        ("It sells better than any toaster in the shop.", "other words"),
        ("No, the kettle boils in ninety seconds.", "distorted"),
    ],
)
def test_what_speaks_against_a_sentence(sentence: str, reason: str, evidence: EvidenceModel) -> None:
    assert weigh(sentence, [Source(CLAIM, "The Kitchen Post", "4 May 2025")], {}, evidence)[0] == reason


def test_reporting_a_cited_claim_is_let_through(evidence: EvidenceModel) -> None:
    source = Source(CLAIM, "The Kitchen Post", "4 May 2025")
    for sentence in (
        "The Kitchen Post wrote that the kettle boils in ninety seconds.",
        "The kettle boils in ninety seconds, The Kitchen Post wrote on 4 May 2025.",
    ):
        assert weigh(sentence, [source], {}, evidence)[0] == ""
    late = "The kettle boils in ninety seconds, The Kitchen Post wrote on 5 June 2025."
    assert weigh(late, [source], {}, evidence)[0].startswith("date")


def test_saying_no_again_is_let_through(evidence: EvidenceModel) -> None:
    source = Source("The kettle does not switch itself off.", "The Kitchen Post")
    assert weigh("No, the kettle does not switch itself off.", [source], {}, evidence)[0] == ""


@pytest.mark.parametrize(
    ("quote", "claim", "told"),
    [
        ("We paid 239 euros.", "The Kitchen Post paid 239 euros.", "The Kitchen Post paid 239 euros."),
        (
            "Our scales said 236 grams.",
            "Kitchen Post's scales said 236.",
            "Kitchen Post's scales said 236 grams.",
        ),
        ("It told us so.", "It told the Kitchen Post so.", "It told the Kitchen Post so."),
        ("We paid 239 euros.", "A buyer paid 239 euros.", "We paid 239 euros."),
        ("We paid 239 euros.", "Kitchen Post: we paid 239 euros.", "We paid 239 euros."),
        ("“We paid,” said Ada.", "The Kitchen Post paid.", "“We paid,” said Ada."),
    ],
)
def test_we_is_the_publisher_but_in_quotation_marks(quote: str, claim: str, told: str) -> None:
    assert told_by_name(quote, "The Kitchen Post", claim) == told


def test_a_sentence_may_tell_a_publishers_we_by_its_name(evidence: EvidenceModel) -> None:
    source = Source("We paid 239 euros for it.", "The Kitchen Post")
    assert weigh("The Kitchen Post paid 239 euros for it.", [source], {}, evidence) == ("", 1.0)
    reason, _ = weigh("The Oven Times paid 239 euros for it.", [source], {}, evidence)
    assert reason.startswith("name")
