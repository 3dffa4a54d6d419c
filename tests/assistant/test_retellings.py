"""Sentences that use their quotes' words and yet say something else, as a fluent writer might slip into them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.bindings import bound_otherwise
from assistant.evidence import EvidenceModel
from assistant.guard import Source, spelled_out
from assistant.qualifiers import changed_qualifier
from assistant.retelling import retold_otherwise
from assistant.verifier import weigh
from corpus import Library
from corpus.models import Article

EVALS = Path(__file__).parents[1] / "evals"
RETELLINGS = EVALS / "retellings.jsonl"


@pytest.mark.parametrize(
    ("claim", "quote", "what"),
    [
        ("The plant closes in 2027.", "The plant closes in 2027 unless a buyer is found.", "a condition"),
        ("The plant closes if a buyer is found.", "The plant closes unless a buyer is found.", "a condition"),
        ("It sold well because it was cheap.", "It sold well, and it was cheap.", "a cause"),
        ("It was cheap because it sold well.", "It sold well because it was cheap.", "a cause"),
        ("It charges in 40 seconds.", "It charges in 40 minutes.", "a unit"),
        ("It has more than 340 shops.", "It has 340 shops.", "a bound"),
        ("It has 340 shops.", "It has at least 340 shops.", "a bound"),
        ("Orla releases the app in May.", "Orla hopes to release the app in May.", "a possibility"),
        ("Users dislike it.", "Some users dislike it.", "some for all"),
        ("It ranks first on the index.", "It is tied for first on the index.", "one of several"),
        ("The Pro plan can only export.", "Only the Pro plan can export.", "only"),
        ("The app will be cheaper.", "According to a post, the app will be cheaper.", "whose word it is"),
        ("Orbis says that the app is late.", "The app is late, critics say.", "another speaker"),
        ("Harlan Pike is an engineer at Vexa.", "Harlan Pike is a former engineer at Vexa.", "a modifier"),
        ("It flew a record 4 million people.", "It flew 4 million people.", "an extreme"),
    ],
)  # fmt: skip
def test_a_qualifier_that_is_lost_or_added_is_seen(claim: str, quote: str, what: str) -> None:
    assert changed_qualifier(claim, [quote]) == what
    assert changed_qualifier(quote, [quote]) == ""


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("Orla may release the app in May.", "Orla may release the app in May or June."),
        ("It has over 340 shops.", "It has more than 340 shops in Britain."),
        ("The fee is $5.", "The fee is 5 dollars."),
        ("It fell 9%.", "It fell 9 per cent on Friday."),
        ("It cost 3 billion euros.", "It cost €3bn."),
        ("Some users dislike it.", "Some users dislike it, and most have kept it."),
        ("If no buyer is found, the plant closes.", "The plant closes if no buyer is found."),
    ],
)
def test_a_qualifier_that_is_kept_in_other_words_is_no_fault(claim: str, quote: str) -> None:
    assert changed_qualifier(claim, [quote]) == ""


@pytest.mark.parametrize(
    ("claim", "quote", "how"),
    [
        (
            "Aster opened its store in Lyon in 2023 and in Milan in 2019.",
            "Aster opened its store in Lyon in 2019 and in Milan in 2023.",
            "order",
        ),
        ("Sales doubled to 80,000.", "Sales doubled to 80,000 in Spain.", "cut short"),
        ("In Spain, sales doubled to 80,000.", "Sales doubled to 80,000 in Spain.", ""),
        ("Sales doubled.", "Sales doubled, and the factory in Spain grew.", ""),
        ("The sales grew in a new town.", "Sales doubled to 80,000 in Spain.", ""),
    ],
)
def test_the_quotes_own_words_keep_their_order_and_their_end(claim: str, quote: str, how: str) -> None:
    assert retold_otherwise(claim, [quote]) == how


@pytest.mark.parametrize(
    ("claim", "quote", "what"),
    [
        ("The court said Lumo has to pay the fine.", "The court said that Lumo does not have to pay the fine.", "a denial"),
        ("Delta Rail cut fares by 5 per cent.", "Delta Rail cut fares by 12 per cent in May; Coastline raised them by 5 per cent.", "a figure"),
        ("Coastline cut its fares in May.", "Delta Rail cut its fares in May; Coastline raised the price of tickets.", "a subject"),
        ("An API is open to some developers only.", "An API is open to some partners only.", "a word"),
        ("Delta Rail cut fares by 12 per cent.", "Delta Rail cut fares by 12 per cent in May; Coastline raised them by 5 per cent.", ""),
        ("Jonas Ek built the bridge.", "Mira Olsen designed the bridge, and Jonas Ek built it in 1999.", ""),
    ],
)  # fmt: skip
def test_what_belongs_together_stays_together(claim: str, quote: str, what: str) -> None:
    assert bound_otherwise(claim, [quote]) == what


def test_few_false_retellings_pass_and_most_true_ones_do(evidence: EvidenceModel) -> None:
    """Written by hand to get through; the shipped articles' sentences come with their publishers."""
    articles = list(Library().articles())
    abbreviations = spelled_out(article.text for article in articles)
    rows = [json.loads(line) for line in RETELLINGS.read_text("utf-8").splitlines()]
    assert len(rows) >= 500
    passed: dict[bool, list[bool]] = {True: [], False: []}
    for row in rows:
        sources = [_source(quote, articles) for quote in row["quotes"]]
        asks = row["text"].endswith("?")
        reason = "a question" if asks else weigh(row["text"], sources, abbreviations, evidence)[0]
        passed[row["true"]].append(not reason)
    # Before these rules were there, 172 of the false ones passed, and 102 of the true ones.
    assert sum(passed[False]) <= 0.1 * len(passed[False])
    assert sum(passed[True]) >= 0.77 * len(passed[True])


def test_true_paraphrases_are_shown_and_false_ones_are_not(evidence: EvidenceModel) -> None:
    """Written without knowledge of the rules, as a journalist or a chat model restates a sentence."""
    rows = [json.loads(line) for line in (EVALS / "paraphrases.jsonl").read_text("utf-8").splitlines()]
    texts = [path.read_text("utf-8") for path in (EVALS / "launches").glob("*/*.md")]
    abbreviations = spelled_out([*texts, *(a.text for a in Library().articles())])
    passed: dict[str, list[bool]] = {"near": [], "free": [], "answer": [], "false": []}
    for row in rows:
        sources = [
            Source.of_article(
                s["quote"],
                s["publisher"],
                date.fromisoformat(s["published"]) if s["published"] else None,
                s["title"],
            )
            for s in row["sources"]
        ]
        passed[row["kind"]].append(not weigh(row["text"], sources, abbreviations, evidence)[0])
    share = {kind: sum(found) / len(found) for kind, found in passed.items()}
    true = [found for kind in ("near", "free", "answer") for found in passed[kind]]
    assert len(true) >= 400
    assert sum(true) >= 0.8 * len(true), share
    assert share["near"] >= 0.86, share
    assert share["false"] <= 0.07, share


def _source(quote: str, articles: list[Article]) -> Source:
    for article in articles:
        if quote in article.text:
            return Source.of_article(quote, article.publisher, article.published, article.title)
    return Source(quote)


def test_every_row_has_what_it_needs() -> None:
    rows: list[dict[str, Any]] = [json.loads(line) for line in RETELLINGS.read_text("utf-8").splitlines()]
    assert all(row["quotes"] and row["text"] and row["kind"] for row in rows)
    assert len({(row["text"], *row["quotes"]) for row in rows}) == len(rows)
