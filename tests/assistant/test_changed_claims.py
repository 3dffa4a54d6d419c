"""Sentences of articles that no model was trained on, changed in one place: is the change seen, and nothing else?"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from assistant.evidence import EvidenceModel
from assistant.guard import Source
from assistant.terms import MONTHS, STOPWORDS, WEEKDAYS, names, tokens
from assistant.training import perturb
from assistant.verifier import weigh
from corpus import Library
from index.passages import sentence_spans

LAUNCHES = Path(__file__).parents[1] / "evals" / "launches"


def sentences() -> list[str]:
    texts = [article.text for article in Library().articles()]
    texts += [path.read_text("utf-8").split("---\n", 2)[2] for path in sorted(LAUNCHES.glob("*/*.md"))]
    found = [" ".join(text[a:b].split()) for text in texts for a, b in sentence_spans(text)]
    return [s for s in found if 6 <= len(s.split()) <= 45]


def changed(kind: str, count: int = 500) -> list[tuple[str, str]]:
    """Up to `count` pairs (changed sentence, sentence) of one kind of change."""
    rng, pairs, every = random.Random(20), set(), sentences()
    for _ in range(12):
        for sentence in every:
            if kind == "name":
                claim = perturb.rename(sentence, rng, others=["Aldermere", "Quist", "Tobias Renn", "Oxavia"])
            else:
                claim = (perturb.SUPPORTED | perturb.UNSUPPORTED)[kind](sentence, rng)
            if claim is None or (claim == sentence) != (kind == "same"):
                continue
            # Exchanging "After" or a month with a name makes no sentence at all; exchanged names are of interest.
            if kind == "swapped" and not _names_exchanged(claim, sentence):
                continue
            pairs.add((claim, sentence))
    listed = sorted(pairs)
    return rng.sample(listed, min(count, len(listed)))


def _names_exchanged(claim: str, sentence: str) -> bool:
    """Whether the words that differ are names in both sentences."""
    named = {w for text in (claim, sentence) for name in names(text) for w in tokens(name)}
    moved = [
        w for pair in zip(tokens(claim), tokens(sentence), strict=False) if len(set(pair)) > 1 for w in pair
    ]
    capitals = [w for w in moved if w[0].isupper()]
    return bool(capitals) and all(w in named and w.lower() not in NOT_NAMES for w in capitals)


NOT_NAMES = frozenset(MONTHS) | WEEKDAYS | STOPWORDS | {"with", "after", "on", "when", "it"}


def passes(pairs: list[tuple[str, str]], model: EvidenceModel) -> list[bool]:
    """Whether the verifier lets each claim through."""
    return [not weigh(claim, [Source(evidence)], {}, model)[0] for claim, evidence in pairs]


@pytest.mark.parametrize(
    ("kind", "share"),
    [("number", 0.99), ("name", 0.99), ("date", 0.99), ("negation", 0.9), ("swapped", 0.9)],
)
def test_a_change_is_seen(kind: str, share: float, evidence: EvidenceModel) -> None:
    pairs = changed(kind)
    assert len(pairs) >= 100
    missed = [p for p, passed in zip(pairs, passes(pairs, evidence), strict=True) if passed]
    assert len(missed) <= (1 - share) * len(pairs), missed[:5]


def test_a_sentence_supports_itself(evidence: EvidenceModel) -> None:
    pairs = changed("same")
    assert sum(passes(pairs, evidence)) >= 0.98 * len(pairs)


def test_like_wording_is_let_through(evidence: EvidenceModel) -> None:
    pairs = changed("reworded")
    assert len(pairs) >= 100
    assert sum(passes(pairs, evidence)) >= 0.8 * len(pairs)
