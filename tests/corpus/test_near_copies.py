"""Near-copies: reprints are one report, two reports of one event are two."""

from __future__ import annotations

import random

import pytest

from corpus.models import Article, Kind
from corpus.near_copies import THRESHOLD, NearCopies, group_near_copies, similarity, sketch_of

REPORT = """The harbour of Lund will get a crane that runs on hydrogen, the port said on Tuesday. It lifts forty tonnes \
and replaces two diesel cranes from 1987 that have to go by the end of next year.

The crane costs nine million euros. A third of it comes from a fund for clean ports, and the rest is paid out of the \
fees that ships leave behind.

“We wanted to be first, and we are fourth,” said Rita Holm, the port's head engineer. Ports in Japan and in the \
Netherlands already have such cranes, and the one in Kobe broke down in its first month.

The maker, Tillborg, delivers in October. Until then its drivers learn on a model in a shed, where the hook is a bucket \
and the ship is a table. Six of the eleven have passed.

The hydrogen comes by lorry from a plant fifty kilometres away. A pipe would pay only with five cranes, the port \
reckons, and it does not expect to have five before 2035."""

OTHER = """Lund's port has ordered its first hydrogen crane, for nine million euros. The machine from Tillborg arrives \
in October and can lift forty tonnes, the port announced on Tuesday.

Unions welcomed the order with a question: who looks after the tanks at night? The port answers that the fire brigade \
has trained for it twice and that the tanks stand outside.

Two diesel cranes that date from 1987 will be scrapped. One of them stood still for most of last winter, and ships were \
sent on to Malmo, which cost the port an estimated four hundred thousand euros.

Environmental groups note that hydrogen which is brought by lorry is only as clean as the lorry. The port wants to buy \
one that runs on the same gas, but has no date for it.

Rita Holm, who leads the engineers, expects the crane to be at work before the first frost."""


def article(article_id: str, text: str, publisher: str = "P") -> Article:
    return Article(article_id, article_id, publisher, None, None, None, Kind.REPORTING, text)


def reprint(text: str, seed: int) -> str:
    """Do what desks do to an agency's report."""
    chance = random.Random(seed)
    paragraphs = text.split("\n\n")
    if chance.random() < 0.6:
        paragraphs[0] = chance.choice(["LUND - ", "LUND (Agency) — ", "(Agency) "]) + paragraphs[0]
    if chance.random() < 0.6:
        paragraphs.insert(0, f"By our staff, with reports from the agency. Desk {seed}.")
    if chance.random() < 0.5:
        paragraphs.pop(chance.randrange(2, len(paragraphs)))
    edits = [
        ("said", "told reporters"),
        ("will get", "is to get"),
        ("already have", "have had"),
        ("forty", "40"),
        ("“", '"'),
    ]
    for old, new in chance.sample(edits, 2):
        paragraphs = [paragraph.replace(old, new, 1) for paragraph in paragraphs]
    if chance.random() < 0.5:
        paragraphs.append("Additional reporting by the newsroom in Malmo.")
    return ("\n" if chance.random() < 0.5 else "\n\n").join(paragraphs)


@pytest.mark.parametrize("seed", range(30))
def test_reprints_are_near_copies(seed: int) -> None:
    assert similarity(REPORT, reprint(REPORT, seed)) >= THRESHOLD
    assert similarity(reprint(REPORT, seed), reprint(REPORT, seed + 100)) >= 0.6


def test_sketches_of_near_copies_share_enough() -> None:
    shared = []
    for seed in range(200):
        a, b = (set(sketch_of(reprint(REPORT, n), 16)) for n in (seed, seed + 500))
        assert len(a) == len(b) == 16
        shared.append(len(a & b))
    assert min(shared) >= 3
    other = set(sketch_of(OTHER, 16))
    assert not other & set(sketch_of(REPORT, 16))
    # Of the order of words as well: a text with its words shuffled shares nothing.
    words = REPORT.split()
    random.Random(1).shuffle(words)
    assert not set(sketch_of(" ".join(words), 16)) & set(sketch_of(REPORT, 16))
    assert sketch_of(REPORT.upper(), 16) == sketch_of(REPORT, 16)
    assert sketch_of("", 16) == sketch_of("...", 16)


def test_two_reports_of_one_event_are_two() -> None:
    assert similarity(REPORT, OTHER) < 0.2
    assert group_near_copies([article("a", REPORT), article("b", OTHER)]) == ()


def test_similarity_does_not_see_marks_and_case() -> None:
    marked = "## " + REPORT.upper().replace(". ", ".\n- ")
    assert similarity(REPORT, marked) == 1.0
    assert similarity(REPORT, "") == 0.0
    assert similarity(article("a", REPORT), OTHER) == similarity(OTHER, REPORT)


def test_groups_hold_each_report_once_in_a_fixed_order() -> None:
    articles = [article(f"lund-{n}", reprint(REPORT, n)) for n in range(8)]
    articles += [article(f"other-{n}", reprint(OTHER, n)) for n in range(3)]
    articles += [
        article(
            "alone", "A story of its own about nothing that was told before, in one long sentence at least."
        )
    ]
    groups = group_near_copies(articles)
    assert groups == (
        tuple(f"lund-{n}" for n in range(8)),
        tuple(f"other-{n}" for n in range(3)),
    )
    shuffled = articles[:]
    random.Random(1).shuffle(shuffled)
    assert group_near_copies(shuffled) == groups


def test_short_notices_are_compared_as_a_whole() -> None:
    one, two = "The launch is on 9 May in Lund.", "The launch is on 9 June in Lund."
    assert group_near_copies([article("a", one), article("b", two)]) == ()
    assert group_near_copies([article("a", one), article("b", one)]) == (("a", "b"),)


def test_scripts_without_spaces() -> None:
    text = (
        "青葉電機は三日、家庭向けの小型ロボットを発売した。価格は四万八千円で、色は白と緑の二種類がある。" * 1
    )
    assert similarity(text, "東北＝" + text.replace("三日", "三日に")) > 0.8
    assert (
        similarity(text, "来年は海外でも売る計画だが、国名は明らかにしていない。開発には三年かかったという。")
        < 0.2
    )


def test_it_finds_among_many_and_forgets() -> None:
    chance = random.Random(7)
    words = [f"word{n}" for n in range(3000)]
    many = [article(f"n{n}", " ".join(chance.choices(words, k=200))) for n in range(400)]
    near = NearCopies([*many, article("lund", REPORT)])
    assert [found for found, _ in near.matches(reprint(REPORT, 3))] == ["lund"]
    near.add(article("lund", OTHER))
    assert near.matches(REPORT) == ()
    near.remove("lund")
    near.remove("never there")
    assert near.matches(OTHER) == ()
