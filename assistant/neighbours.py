"""What stands beside what was told: a text goes on from one sentence to the next, and so do the questions on it.

Pure. A sentence next to the answer of a question's other part, to the answer before, or to the best quote is the
likelier to be one, too; by how much was chosen on the development questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.evidence import log_odds, sigmoid
from assistant.models import Evidence
from assistant.terms import content_words, overlap

#: What it weighs (log-odds) that a sentence stands right after, or right before, one that answers another part of the
#: question; beside one that the answer before told; and that it was told itself.
PART_AFTER, PART_BEFORE = 1.5, 1.0
TOLD_BESIDE, TOLD = 1.0, -0.6


def read_on(
    scored: Sequence[tuple[str, Sequence[Evidence]]], *, partial: float
) -> list[tuple[str, tuple[Evidence, ...]]]:
    """The parts of a question with their evidence, likelier where it goes on from what answers another part.

    Who asks two things at once asks of what is told together: of the two-part questions in the training texts that no
    single sentence answers, four in five are answered by a sentence and the next. Each part's evidence comes best first.
    """
    best = [e[0] if e and e[0].score >= partial else None for _, e in scored]
    found = []
    for number, (part, evidence) in enumerate(scored):
        others = [e for at, e in enumerate(best) if e and at != number]
        found.append((part, near_to(others, evidence, PART_AFTER, PART_BEFORE)))
    return found


def near_to(
    told: Sequence[Evidence],
    evidence: Sequence[Evidence],
    after: float = TOLD_BESIDE,
    before: float = TOLD_BESIDE,
) -> tuple[Evidence, ...]:
    """The evidence, likelier by so much (log-odds) where it stands after, or before, what was told; best first."""
    near = []
    for e in evidence:
        weight = max(
            (after if _follows(e, t) else before if _follows(t, e) else 0.0 for t in told), default=0.0
        )
        near.append(replace(e, score=sigmoid(log_odds(e.score) + weight)) if weight else e)
    return tuple(sorted(near, key=lambda e: -e.score))


def after_telling(told: Sequence[Evidence], evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence for what is asked after an answer: what stands beside what was told is likelier, and that itself less."""
    places = {(e.hit.article.id, e.start) for e in told}
    known = [
        replace(e, score=sigmoid(log_odds(e.score) + TOLD)) if (e.hit.article.id, e.start) in places else e
        for e in evidence
    ]
    return near_to(told, known)


def _follows(later: Evidence, earlier: Evidence) -> bool:
    """Whether nothing but space stands between two sentences of an article."""
    article = earlier.hit.article
    if article.id != later.hit.article.id or later.start < earlier.end:
        return False
    return not article.text[earlier.end : later.start].strip()


def told_in(answer: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence that an answer quotes, or says over in its own words."""
    words = " ".join(answer.split())
    said = content_words(words)
    return [
        e
        for e in evidence
        if " ".join(e.quote.split()) in words or overlap(said, content_words(e.quote)) >= 0.6
    ]
