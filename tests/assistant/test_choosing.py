"""Which quotes are shown: the fewest that cover a question, and one more where the best is not sure."""

from __future__ import annotations

from datetime import date

from assistant.evidence import Thresholds
from assistant.extractive import choose
from assistant.models import Evidence
from assistant.question import QuestionKind
from corpus.models import Article, Kind
from index.models import Hit
from index.passages import passages

THRESHOLDS = Thresholds(0.5, 0.3, 0.5)
SHOPS = (
    "The lamp was drawn in Graz.",
    "Anouk Tarr made the first of brass.",
    "Nine people work at the plant now.",
)


def said(name: str, sentence: str, score: float) -> Evidence:
    """A sentence that is all of its article."""
    article = Article(
        name, f"Note {name}", "The Daily", None, date(2026, 5, 1), None, Kind.REPORTING, sentence
    )
    (passage,) = passages(article, max_chars=1000, overlap_sentences=0)
    return Evidence(Hit(passage, article, 1.0, 1, 1, 0.5), 0, len(sentence), sentence, score, score)


def chosen(kind: QuestionKind, scores: tuple[float, ...], sentences: tuple[str, ...] = SHOPS) -> list[str]:
    evidence = [said(str(n), *pair) for n, pair in enumerate(zip(sentences, scores, strict=True))]
    return [e.quote for e in choose("Who made the lamp?", kind, evidence, THRESHOLDS)]


def test_a_sure_answer_takes_two_quotes_at_most_and_one_that_is_not_sure_takes_three() -> None:
    assert chosen(QuestionKind.WHO, (0.9, 0.8, 0.8)) == list(SHOPS[:2])
    assert chosen(QuestionKind.WHO, (0.6, 0.5, 0.5)) == list(SHOPS)


def test_what_is_far_less_likely_is_not_shown_beside_an_unsure_answer() -> None:
    assert chosen(QuestionKind.WHO, (0.6, 0.18, 0.16)) == [SHOPS[0]]
    # Nearly half as likely: too little beside a sure answer, enough beside one that is not.
    assert chosen(QuestionKind.WHO, (0.6, 0.24, 0.05)) == list(SHOPS[:2])
    assert chosen(QuestionKind.WHO, (0.9, 0.36, 0.05)) == [SHOPS[0]]


def test_a_denial_is_not_the_same_as_what_it_denies() -> None:
    open_or_not = ("The weights of the model are open.", "The weights of the model are not open.")
    assert chosen(QuestionKind.YES_NO, (0.9, 0.8), open_or_not) == list(open_or_not)
    twice = (open_or_not[0], "The weights of the model are open now.")
    assert chosen(QuestionKind.YES_NO, (0.9, 0.8), twice) == [twice[0]]


def test_what_goes_on_from_the_best_quote_is_taken_before_what_is_as_likely_elsewhere() -> None:
    text = "The lamp was drawn in Graz. Anouk Tarr made the first of brass."
    article = Article("one", "Note", "The Daily", None, date(2026, 5, 1), None, Kind.REPORTING, text)
    (passage,) = passages(article, max_chars=1000, overlap_sentences=0)
    hit = Hit(passage, article, 1.0, 1, 1, 0.5)
    best, after = (
        Evidence(hit, a, b, text[a:b], s, s) for (a, b), s in zip(passage.sentences, (0.9, 0.3), strict=True)
    )
    elsewhere = said("other", SHOPS[2], 0.35)
    found = choose("Who made the lamp?", QuestionKind.WHO, [best, elsewhere, after], THRESHOLDS)
    assert [e.quote for e in found] == [best.quote, after.quote]
