"""Sentences that cannot answer are told from those that can, by plain signs."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.extractive import _in_like_words
from assistant.models import Evidence
from assistant.occasions import another_version, event_dates
from assistant.relevance import can_answer, weighed, without_context
from assistant.terms import Day
from corpus.models import Article, Kind
from index.models import Hit, Passage
from index.passages import passages


def evidence(text: str, quote: str, title: str = "Tavisk shows the Orla Seven") -> Evidence:
    article = Article("a", title, "The Ledger", None, date(2026, 5, 1), None, Kind.REPORTING, text)
    passage: Passage = passages(article, max_chars=1000, overlap_sentences=0)[0]
    start = text.index(quote)
    return Evidence(Hit(passage, article, 1.0, 1, 1, 0.5), start, start + len(quote), quote, 0.5)


@pytest.mark.parametrize(
    ("question", "quote", "able"),
    [
        ("How many lenses does it have?", "It comes with three lenses.", True),
        ("How many lenses does it have?", "It comes with three batteries.", False),
        ("How many users does it have?", "Some 40,000 people subscribe.", True),
        ("How much does the Orla cost?", "The Orla costs 749 euros.", True),
        ("How much does the Orla cost?", "The Orla is free of charge.", True),
        ("How much does the Orla cost?", "The cost is real.", False),
        ("How much did the overhaul cost?", "It came after a multibillion-dollar overhaul.", True),
        ("When does it go on sale?", "Sales begin on 26 September.", True),
        ("When does it go on sale?", "It will be sold in Portugal.", False),
        ("Who designed it?", "Benedita Calvarro drew it.", True),
        ("Who designed it?", "The team of the maker drew it.", True),
        ("Who designed the Orla?", "Orla has a round back.", False),
        ("Is it waterproof?", "Is the phone waterproof?", False),
        ("Which apps will get it?", "The Orla has three modes: day, night and rain.", False),
        ("Which modes does it have?", "The Orla has three modes: day, night and rain.", True),
        ("Which apps will get it?", "It comes to mail, maps and music.", True),
        ("Which apps will get it?", "The report deals with the app.", False),
        ("What are its gaps?", "An analysis of the launch, by nobody knows whom, weighs its gaps.", False),
        ("What does the report deal with?", "The report deals with the app.", True),
        ("What will it weigh (a smaller one)?", "The bigger phone is heavy.", False),
        ("What will it weigh (a smaller one)?", "The smaller phone is light.", True),
        ("What does the author say?", "This column looks at the app.", True),
        ("What does the Brannock Pebble weigh?", "It weighs 221 grams.", False),
        ("What does the Orla Seven weigh?", "It weighs 221 grams.", True),
        ("How many beds is that?", "Sales have reached 81 per cent of the beds.", False),
        ("How many of the beds are sold?", "Sales have reached 81 per cent of the beds.", True),
        ("What is Orla worth now?", "Orla did not say what the lenses cost.", False),
        ("What do the larger makers charge then?", "Larger makers charge by the month.", False),
        ("What do the larger makers charge?", "Larger makers charge 5 euros a month.", True),
        ("What does the larger maker charge for?", "The larger maker charges for the lens.", True),
        ("How many pixels has the front camera?", "The main camera has 50 million pixels.", False),
        ("How many pixels has the front camera?", "The camera has 50 million pixels.", True),
        ("How many pixels has the front camera?", "Main camera and front alike: 50 million pixels.", True),
        ("What is the monthly fee?", "There is a yearly fee of 40 euros.", False),
        ("What is the monthly fee?", "There is a yearly fee of 40 euros, or 4 monthly.", True),
        ("Who founded Orla?", "Ludmila Hron leads Orla.", False),
        ("Who founded Orla?", "Ludmila Hron began Orla in a barn.", True),
        ("Who founded Orla?", "The lamp was built under Ludmila Hron, who had led Orla.", False),
        ("Who founded Orla?", "Ludmila Hron built the firm Orla in a barn.", True),
        ("Who are the founders of Orla?", "Ludmila Hron heads research at Orla.", False),
        ("How does the founder see Orla?", 'Orla is "a toy", says Ludmila Hron.', True),
        ("Who is the chief technology officer of Orla?", "Ludmila Hron leads Orla.", False),
        ("Who is Orla's CTO?", "Ludmila Hron is chief technology officer of Orla.", True),
        ("Who is the CEO of Orla?", "Ludmila Hron leads Orla.", True),
        ("Who is the CEO of Orla?", "Ludmila Hron drew the Orla.", False),
        ("Why is it called Orla?", "It was called a mistake by the bank.", False),
        ("Why is it called Orla?", "The name is that of a river.", True),
        ("Why is it called Orla?", "They called it Orla after a river.", True),
        ("Why was Orla called off?", "A sensor of Orla had shown hydrogen.", True),
    ],
)
def test_what_can_answer(question: str, quote: str, able: bool) -> None:
    assert can_answer(question, evidence(quote, quote)) is able


def test_a_name_may_stand_in_the_sentence_before() -> None:
    text = "The Brannock Pebble is no small phone. It weighs 221 grams."
    assert can_answer("What does the Brannock Pebble weigh?", evidence(text, "It weighs 221 grams."))


def test_the_launch_need_not_be_named() -> None:
    piece = evidence("It weighs 221 grams.", "It weighs 221 grams.", title="A test")
    assert not can_answer("What does the Orla weigh?", piece)
    assert can_answer("What does the Orla weigh?", piece, ["Orla"])


def test_it_is_the_launch_and_not_its_sibling() -> None:
    text = "Muse Tindle has 30 billion parameters."
    piece, own = evidence(text, text), ("Muse Orla", "Tavisk")
    assert weighed("How many parameters does it have?", piece, own).score < 0.05
    assert weighed("How many parameters does Muse Orla have?", piece, own).score < 0.05
    assert weighed("How many parameters does Muse Tindle have?", piece, own).score == piece.score
    assert weighed("How many parameters does the other one have?", piece, own).score == piece.score


@pytest.mark.parametrize(
    ("question", "quote", "other"),
    [
        ("When was the Orla released?", "The Orla 1.2 was released on 5 August.", True),
        ("When was the Orla 1.2 released?", "The Orla was released on 8 April.", True),
        ("When was the Orla 1.2 released?", "The Orla 1.2 came out on 5 August.", False),
        ("How does the Orla score?", "The index gave the Orla 52 and others 57.", False),
        ("What is the newest version of the Orla?", "The Orla 1.2 came out on 5 August.", False),
        ("When was the Orla released?", "The Orla 1.2 follows the Orla of 8 April.", False),
        ("How long does the Orla last?", "The Orla 12 hours later was still on.", False),
    ],
)
def test_versions_are_told_apart(question: str, quote: str, other: bool) -> None:
    assert another_version(question, quote) is other


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("The Ledger reported on 9 April 2026 how buyers took it.", set()),
        ("Ann Lee wrote about the Orla on 8 April 2026, the day of the launch.", {Day(2026, 4, 8)}),
        ("On 9 April 2026 The Ledger quoted its chief.", set()),
        ("Tavisk said it would launch on 5 May.", {Day(None, 5, 5)}),
        ("It was still to come, The Ledger wrote in April 2026.", set()),
        ("The firm said on 3 May 2024 that sales began on 1 April 2024.", {Day(2024, 4, 1)}),
        ("On 4 June 2024 the regulator approved it.", {Day(2024, 6, 4)}),
    ],
)
def test_the_day_of_the_report_is_not_the_day_of_the_event(text: str, days: set[Day]) -> None:
    assert event_dates(text) == days


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (
            "The drone will not be sold in Canada, two importers say.",
            "It will be sold in Canada from May.",
            True,
        ),
        (
            "The drone will not be sold in Canada, two importers say.",
            "It has four cameras and a case.",
            False,
        ),
        ("It is sold.", "It is sold in Canada from August, says the maker.", False),
    ],
)
def test_what_is_said_in_like_words(one: str, other: str, alike: bool) -> None:
    assert _in_like_words(evidence(one, one), evidence(other, other)) is alike


@pytest.mark.parametrize(
    ("asked", "bare"),
    [
        ("What's the catch with those results (it score well)?", "What's the catch with those results?"),
        ("How soon was it swapped? (a switch faulty)?", "How soon was it swapped?"),
        ("Is it free (for students) in Japan?", "Is it free (for students) in Japan?"),
        ("What does it cost?", "What does it cost?"),
        ("(the price)?", "(the price)?"),
    ],
)
def test_a_follow_up_can_be_read_without_what_it_was_asked_after(asked: str, bare: str) -> None:
    assert without_context(asked) == bare
