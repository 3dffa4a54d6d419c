"""From hits to evidence: which sentences answer the question, and how surely.

Everything that judges goes through the `EvidenceModel` protocol, so the built-in model, the heuristic and a
cross-encoder of the user's choice are interchangeable. This module cuts the hits into what such a model reads.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from assistant.injection import stands_with_instruction
from assistant.models import Evidence
from index.models import Hit, Passage
from index.passages import is_heading


@dataclass(frozen=True, slots=True)
class Context:
    """Neighbouring sentences under their title: what a model reads at once."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which a model's word counts.

    Attributes:
        answered: from here the best sentence answers the question.
        partial: from here it answers in part; below, the sources do not say.
        support: from here evidence supports a claim.
        doubted: from here it supports one that a rule doubts; above 1 the rule has the last word, as over a model that was
            never measured on such claims.
    """

    answered: float
    partial: float
    support: float
    doubted: float = 2.0


class EvidenceModel(Protocol):
    """Says whether sentences answer a question, and whether evidence supports a claim."""

    name: str
    #: Whether a sentence's probability depends on those beside it; then the best are read a second time.
    joint: bool
    #: Whether `supports` was taught a question with a short answer as a claim (`question.as_claim`).
    replies: bool

    @property
    def thresholds(self) -> Thresholds:
        """From which probabilities this model's word counts."""
        ...

    def answers(self, question: str, contexts: Sequence[Context]) -> list[np.ndarray]:
        """For each context the probabilities, one a sentence, that it answers; float in [0, 1]."""
        ...

    def supports(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        """For each (claim, evidence) the probability that the evidence supports the claim; shape (n,)."""
        ...


def find_evidence(question: str, hits: Sequence[Hit], model: EvidenceModel) -> tuple[Evidence, ...]:
    """Every quotable sentence of the hits with its probability, best first.

    Headings and bare fragments are read as context but are never quoted. A sentence that stands in two
    overlapping passages appears once, with the higher of its two scores.
    """
    usable = [(hit, _sentences(hit.passage)) for hit in hits]
    usable = [(hit, spans) for hit, spans in usable if spans]
    contexts = [
        Context(hit.article.title, tuple(flat(hit.article.text[start:end]) for start, end in spans))
        for hit, spans in usable
    ]
    scores = model.answers(question, contexts) if contexts else []
    best: dict[tuple[str, int, int], Evidence] = {}
    for (hit, spans), probabilities in zip(usable, scores, strict=True):
        text = hit.article.text
        for (start, end), probability in zip(spans, probabilities, strict=True):
            if not _quotable(text, (start, end)) or stands_with_instruction(text, start, end):
                continue
            key = (hit.article.id, start, end)
            if key not in best or probability > best[key].score:
                best[key] = Evidence(hit, start, end, text[start:end], float(probability), float(probability))
    # Ties are broken by the retriever's order and by place, so that the same question gets the same answer.
    order = {id(hit): rank for rank, hit in enumerate(hits)}

    def rank(evidence: Evidence) -> tuple[float, int, int]:
        return -evidence.score, order[id(evidence.hit)], evidence.start

    found = sorted(best.values(), key=rank)
    return tuple(sorted(_read_again(question, found, model), key=rank) if model.joint else found)


#: How many of the best sentences are read again.
READ_AGAIN = 8


def _read_again(question: str, found: Sequence[Evidence], model: EvidenceModel) -> list[Evidence]:
    """The evidence after its best sentences were read twice more: each between its neighbours, and each by itself.

    A passage of many sentences leaves a small model little attention for each, and sentences that answer alike take it
    from one another. The three log-odds count the same.
    """
    best = found[:READ_AGAIN]
    if not best:
        return []
    texts = [flat(e.quote) for e in best]
    contexts = [Context(e.hit.article.title, _between(e, text)) for e, text in zip(best, texts, strict=True)]
    contexts += [
        Context(e.hit.article.title, (read_alone(e, text),)) for e, text in zip(best, texts, strict=True)
    ]
    chances = model.answers(question, contexts)
    again = []
    for number, (e, text) in enumerate(zip(best, texts, strict=True)):
        between = chances[number][contexts[number].sentences.index(text)]
        alone = chances[len(best) + number][0]
        odds = [log_odds(chance) for chance in (e.score, float(between), float(alone))]
        again.append(replace(e, score=sigmoid(sum(odds) / len(odds))))
    most = min(e.score for e in again)
    return again + [replace(e, score=min(e.score, most)) for e in found[READ_AGAIN:]]


def read_together(part: Sequence[Evidence], whole: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence for a part of a question, read beside the whole question; best first.

    A part alone may say too little ("and which lab made it?"): where the whole is surer, the log-odds of the two count the
    same. Where it is less sure, it counts for less, since it asks for too much at once.
    """
    asked = {(e.hit.article.id, e.start): e.score for e in whole}
    both = []
    for e in part:
        other = asked.get((e.hit.article.id, e.start), e.score)
        share = 0.5 if other > e.score else 0.25
        both.append(replace(e, score=sigmoid((1 - share) * log_odds(e.score) + share * log_odds(other))))
    return tuple(sorted(both, key=lambda e: -e.score))


def read_both(one: Sequence[Evidence], other: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence for a question that can be read in two ways: the log-odds of both count the same; best first."""
    chances = {(e.hit.article.id, e.start): (e.score, e.own_score) for e in other}

    def mean(mine: float, theirs: float) -> float:
        return sigmoid((log_odds(mine) + log_odds(theirs)) / 2)

    both = []
    for e in one:
        score, own = chances.get((e.hit.article.id, e.start), (e.score, e.own_score))
        both.append(replace(e, score=mean(e.score, score), own_score=mean(e.own_score, own)))
    return tuple(sorted(both, key=lambda e: -e.score))


_PRONOUN = re.compile(r"(?:It|Its|They|Their|He|His|She|Her|This|That|These|Those)\b")


def read_alone(evidence: Evidence, text: str) -> str:
    """The evidence's sentence; where it opens with a pronoun, what that stands for is in the sentence before."""
    return f"{sentence_before(evidence)} {text}".strip() if _PRONOUN.match(text) else text


def _between(evidence: Evidence, text: str) -> tuple[str, ...]:
    """The evidence's sentence (`text`) with the one before it and the one after it in its passage."""
    spans = _sentences(evidence.hit.passage)
    at = next(i for i, (start, _) in enumerate(spans) if start == evidence.start)
    whole = evidence.hit.article.text
    before = [flat(whole[a:b]) for a, b in spans[max(0, at - 1) : at]]
    after = [flat(whole[a:b]) for a, b in spans[at + 1 : at + 2]]
    # The same sentence twice in a row is read once, so that its place is plain.
    return (*(s for s in before if s != text), text, *after)


def log_odds(chance: float) -> float:
    """The logarithm of the odds, with what is all but certain held back from infinity."""
    chance = min(max(chance, 1e-6), 1.0 - 1e-6)
    return math.log(chance / (1.0 - chance))


def sigmoid(x: float) -> float:
    """The logistic function, without overflow at either end."""
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


def _sentences(passage: Passage) -> tuple[tuple[int, int], ...]:
    return tuple(span for span in passage.sentences if span[1] > span[0])


def _quotable(text: str, span: tuple[int, int]) -> bool:
    words = text[span[0] : span[1]].split()
    # Three words may say all there is to say ("It is distribution."), but only as a whole sentence.
    whole = len(words) >= 4 or (len(words) == 3 and words[-1][-1] in ".!?")
    return whole and not is_heading(text, span)


def flat(text: str) -> str:
    """The text on one line, as the model reads it."""
    return " ".join(text.split())


def sentence_before(evidence: Evidence) -> str:
    """The sentence that stands directly before the evidence in its passage, or "" at a passage's start."""
    previous = ""
    for start, end in evidence.hit.passage.sentences:
        if start >= evidence.start:
            break
        previous = evidence.hit.article.text[start:end]
    return flat(previous)
