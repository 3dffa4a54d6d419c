"""Two quotes that answer one question: when they give another value, and when they say the same or speak of other things."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.conflicts import find_difference
from assistant.models import Evidence
from corpus.models import Article, Kind
from index.models import Hit
from index.passages import passages


def evidence(name: str, quote: str, score: float, day: date = date(2026, 5, 1)) -> Evidence:
    article = Article(name, f"Report {name}", f"Paper {name}", None, day, None, Kind.REPORTING, quote)
    passage = passages(article, max_chars=1000, overlap_sentences=0)[0]
    return Evidence(Hit(passage, article, 1.0, 1, 1, 0.5), 0, len(quote), quote, score)


@pytest.mark.parametrize(
    ("question", "first", "second", "differ"),
    [
        ("How many seats does the Orla have?", "The Orla has five seats.", "The Orla has seven seats.", True),
        ("How many seats does the Orla have?", "The Orla has five seats.", "The Orla has 5 seats.", False),
        ("How many people use Orla?", "Orla has 10 million users.", "Orla has 10.4 million users.", False),
        ("What does the Orla cost?", "The Orla costs 40 euros.", "The Orla costs 45 euros.", True),
        (
            "What did the quay cost?",
            "The quay cost 9 million euros.",
            "The quay costs 12 euros a night.",
            False,
        ),
        ("How fast is the Orla?", "The Orla drives at 120 km/h.", "The Orla was at 90 km/h before.", False),
        ("Where does Orla stand?", "Orla stands at No. 5.", "Orla has 40 shops.", False),
        ("When does it ship?", "It ships on 3 May 2026.", "It ships in May 2026.", False),
        ("When does it ship?", "It ships on 3 May 2026.", "It ships on 9 June 2026.", True),
        ("When does it ship?", "It ships on 3 May 2026.", "It was unveiled on 9 March 2026.", False),
        ("When does it ship?", "It ships in the third quarter.", "It ships in the fourth quarter.", True),
        ("When does it ship?", "It ships in Q3.", "It ships in the third quarter of 2026.", False),
        ("When does it ship?", "It ships in the third quarter.", "It ships on 9 August 2026.", False),
        ("When does it ship?", "It ships in the third quarter.", "It ships on 9 June 2026.", True),
        ("When does it ship?", "It ships in the autumn.", "It ships in spring 2027.", True),
        ("When does it ship?", "It ships in the autumn.", "It ships in the fourth quarter.", False),
        ("When does it ship?", "It ships in the autumn.", "It ships in 2026.", False),
        ("When does it ship?", "It ships in the autumn.", "It ships when prices fall.", False),
        ("Is the Orla waterproof?", "The Orla is waterproof.", "The Orla is not waterproof.", True),
        ("Is the Orla waterproof?", "The Orla is waterproof.", "The Orla may be waterproof one day.", False),
        ("Who composed the music?", "Anouk Tarr composed the music.", "The score is by Piet Noll.", True),
        ("Who composed the music?", "Anouk Tarr composed the music.", "The box is by Piet Noll.", False),
        ("Where is the Orla built?", "The Orla is built in Spain.", "It is made in Zaragoza.", False),
        ("What is the body made of?", "The body is made of cork.", "Its body is of steel.", True),
        ("How heavy is the Orla?", "The Orla is 236 grams.", "The Orla was kept below 240 grams.", False),
        ("How heavy is the Orla?", "The Orla is 246 grams.", "The Orla was kept below 240 grams.", True),
        ("How fast is the Orla?", "The Orla does 80 km/h.", "The Orla never exceeds 70 km/h.", True),
        ("How many did Orla sell?", "Orla sold 74,000 cards.", "Orla aims to sell 300,000 cards.", False),
        (
            "How much does the Orla cost?",
            "The Orla costs 40 euros.",
            "Beside the Pebble, which costs 69 euros, the Orla costs little.",
            False,
        ),
        ("How long is the ride?", "The ride takes 13 hours 5 minutes.", "It takes 785 minutes.", False),
        ("How long is the ride?", "The ride takes 13 hours 5 minutes.", "It takes 11 hours.", True),
        (
            "How much can the Orla lift?",
            "The Orla can lift 13.5 tonnes.",
            "The Orla can lift 9,800 kg.",
            True,
        ),
        ("How far does the Orla go?", "The Orla goes around 300 km.", "The Orla goes 304 km.", False),
        ("How far does the Orla go?", "The Orla goes 300 km.", "The Orla goes 340 km.", True),
        (
            "What does the Orla 7 cost?",
            "The Orla 7, in blue, costs 40 euros.",
            "The Orla 7 costs 45 euros.",
            True,
        ),
        (
            "What does the Orla 7 cost?",
            "The Orla 7 costs 40 euros.",
            "The Orla 7 Ultra costs 45 euros.",
            False,
        ),
        (
            "When is it sold in the UK?",
            "It is sold in the UK on 3 May.",
            "Australians can buy it on 9 June.",
            False,
        ),
        (
            "Who designed the Orla?",
            "Piet Noll designed the Orla.",
            "The Bolge was designed by Anouk Tarr.",
            False,
        ),
        ("Which lab built Orla?", "It was built by Suncroft.", "It is quick, The Herald wrote.", False),
        ("Which apps have Orla?", "It is in Chirp.", "It is in Murmur.", False),
    ],
)
def test_another_value_for_the_same_thing(question: str, first: str, second: str, differ: bool) -> None:
    found = find_difference(question, [evidence("a", first, 0.9), evidence("b", second, 0.8)])
    assert (found is not None) == differ


def test_the_model_s_word_on_the_sides_counts_where_the_words_are_no_opposites() -> None:
    asked = "Can the lamp be controlled from a phone?"
    yes = evidence("a", "The app of the lamp dims it from afar.", 0.9)
    no = evidence("b", "The lamp has one dial and nothing else.", 0.6)
    assert find_difference(asked, [yes, no]) is None
    found = find_difference(asked, [replace(yes, reply="Yes"), replace(no, reply="No")])
    assert found is not None
    assert {value for value, _ in found.sides} == {"yes", "no"}
    assert find_difference(asked, [replace(yes, reply="Yes"), replace(no, reply="Yes")]) is None
    # Where the model saw no side, the words still may.
    plain = [evidence("a", "The lamp is waterproof.", 0.9), evidence("b", "The lamp is not waterproof.", 0.8)]
    assert find_difference("Is the lamp waterproof?", [replace(e, reply="") for e in plain])


@pytest.mark.parametrize(
    ("question", "first", "second", "differ"),
    [
        ("How many copies of Orla were sold?", ("40 copies", "You bought 40 copies."), ("31 units", "It moved 31 units."), True),
        # The same value, or more than one of it.
        ("Who flies Orla?", ("Ana Ruiz", "Ana Ruiz will."), ("Jon Orr", "At the stick: Ana Ruiz, then Jon Orr."), False),
        # 30 knots are 56 kilometres an hour.
        ("How fast is Orla?", ("30 knots", "It does 30 knots."), ("56 km", "We reached 56 km an hour."), False),
        ("What share is it?", ("Two thirds", "Two thirds of it."), ("67%", "It was 67%."), False),
        # A town and its country.
        ("Where is Orla built?", ("Spain", "In Spain."), ("Zaragoza", "A hall in Zaragoza."), False),
    ],
)  # fmt: skip
def test_what_each_says_in_short_is_compared_whatever_its_words(
    question: str, first: tuple[str, str], second: tuple[str, str], differ: bool
) -> None:
    one = replace(evidence("a", first[1], 0.9), reply=first[0])
    other = replace(evidence("b", second[1], 0.5), reply=second[0])
    assert (find_difference(question, [one, other]) is not None) == differ


def test_parts_of_a_year_are_read_as_answers() -> None:
    one = evidence("a", "Volume production begins in the third quarter.", 0.8)
    other = evidence("b", "Production was put back to the fourth quarter.", 0.5, date(2026, 6, 1))
    found = find_difference(
        "When will it be made in numbers?",
        [replace(one, reply="third quarter"), replace(other, reply="fourth quarter")],
    )
    assert found is not None
    assert [value for value, _ in found.sides] == ["fourth quarter", "third quarter"]


def test_what_is_said_in_the_same_words_takes_no_two_sides() -> None:
    first = replace(evidence("a", "The app is open to chosen partners.", 0.9), reply="Yes")
    other = replace(evidence("b", "The app is open to some partners only.", 0.8), reply="No")
    assert find_difference("Is there an app?", [first, other]) is None


def test_the_newer_side_comes_first() -> None:
    old = evidence("a", "The Orla has five seats.", 0.9, date(2026, 1, 1))
    new = evidence("b", "The Orla has seven seats.", 0.8, date(2026, 3, 1))
    found = find_difference("How many seats does the Orla have?", [old, new])
    assert found is not None
    assert [members[0].hit.article.id for _, members in found.sides] == ["b", "a"]


def test_one_article_does_not_differ_with_itself() -> None:
    one = evidence("a", "The Orla has five seats.", 0.9)
    other = evidence("a", "The Orla has seven seats.", 0.8)
    assert find_difference("How many seats does the Orla have?", [one, other]) is None


@pytest.mark.parametrize(("score", "told"), [(0.4, False), (0.6, True)])
def test_one_that_is_less_sure_is_no_side_against_many(score: float, told: bool) -> None:
    many = [evidence(name, "Orla costs 40 euros.", 0.9) for name in "abc"]
    other = evidence("d", "Orla costs 45 euros.", score)
    found = find_difference("How much does Orla cost?", [*many, other])
    assert bool(found) is told
    assert find_difference("How much does Orla cost?", [many[0], other]), "two articles may differ"
    sure = replace(other, reply="45 euros")
    assert find_difference("How much does Orla cost?", [*many, sure]), "the model read the answer in it"


def test_an_article_that_gives_two_answers_is_not_known_to_be_denied() -> None:
    asked = "How much does the Orla cost?"
    old, new = (
        evidence("a", "The Orla gets 90 euros back.", 0.8),
        evidence("a", "The Orla costs 749 euros.", 0.75),
    )
    other = evidence("b", "The Orla costs 699 euros.", 0.6)
    assert find_difference(asked, [old, new, other]) is None
    assert find_difference(asked, [new, replace(old, score=0.3), other]) is not None


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        (("It keeps two reports.", "two reports"), ("It is ten times smaller.", "ten times"), False),
        (("It holds two reports.", "two reports"), ("It holds ten reports.", "ten reports"), True),
        (("On the test it got 42.", "42"), ("On the test it got 58.", "58"), True),
    ],
    ids=["of other things", "of the same", "bare numbers"],
)
def test_where_no_number_is_asked_for_counts_of_other_things_are_no_two_answers(
    first: tuple[str, str], second: tuple[str, str], differ: bool
) -> None:
    mine, theirs = (
        replace(evidence(name, quote, 0.8), reply=reply)
        for name, (quote, reply) in zip("ab", (first, second), strict=True)
    )
    assert bool(find_difference("What did the Orla hold on the test?", [mine, theirs])) is differ


@pytest.mark.parametrize(
    ("second", "article", "differ"),
    [
        ("There is no socket, so one must use Bluetooth.", "The Orla is small. ", True),
        ("There is no socket, so one must use Bluetooth.", "The Tarn is small. ", False),
    ],
    ids=["in an article on it", "in an article on another"],
)
def test_what_an_article_is_about_need_not_be_named_again_to_say_no(
    second: str, article: str, differ: bool
) -> None:
    yes = replace(evidence("a", "The Orla keeps its socket.", 0.9), reply="Yes")
    whole = Article("b", "A test", "Paper b", None, date(2026, 5, 1), None, Kind.REPORTING, article + second)
    passage = passages(whole, max_chars=1000, overlap_sentences=0)[0]
    start = len(article)
    hit = Hit(passage, whole, 1.0, 1, 1, 0.5)
    no = Evidence(hit, start, start + len(second), second, 0.2, reply="No")
    assert bool(find_difference("Does the Orla have a socket?", [yes, no])) is differ
