"""What a question takes for granted: "Why did Meta publish the weights?" asks as well whether it did.

Where a source plainly says no to that, the sentence that says so is the answer, and no reason can be one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from assistant.evidence import EvidenceModel, find_evidence
from assistant.models import Evidence
from assistant.question import AUXILIARIES, QuestionKind, kind_of
from assistant.relevance import weighed
from assistant.replies import with_replies
from assistant.sides import denies_the_opposite
from index import Hit

_OPENS = re.compile(
    rf"^(?:(?:and|so|but|then|ok|okay|well)\b,?\s+)*(?P<wh>why|how|when|where)\s+(?:exactly\s+|then\s+)?(?P<premise>(?:{'|'.join(AUXILIARIES)})\b\s+.+)$",
    re.I,
)
#: What is not so today may be so later: a day to come is not denied by it.
_PAST = frozenset("was were did had".split())
_MANAGED = re.compile(r"\b(?:manages?|come)\s+to\s+", re.I)

#: So many of the best sentences on it are asked for a yes or no.
_SENTENCES = 4
#: From which probability on a sentence that bears on what is taken for granted counts, and from which one an answer that was
#: found to the question itself stands.
_LIKELY, _SURE = 0.33, 0.5
#: What else was found is left this much of its score: a reason for what is not so answers nothing.
_LEFT = 0.25


def premise(question: str) -> str:
    """The yes/no question inside a question for a reason, a way, a time or a place; "" where there is none."""
    found = _OPENS.match(" ".join(question.split()))
    if found is None:
        return ""
    if found["wh"].lower() == "when" and found["premise"].split()[0].lower() not in _PAST:
        return ""
    asked = _MANAGED.sub("", found["premise"], count=1)
    return asked[:1].upper() + asked[1:]


def with_denial(
    question: str,
    evidence: Sequence[Evidence],
    hits: Sequence[Hit],
    model: EvidenceModel,
    own: Collection[str] = (),
) -> tuple[Evidence, ...]:
    """The evidence, led by a sentence that denies what the question takes for granted, where there is one.

    Args:
        question: stands alone.
        evidence: sentences that may answer it, best first.
        hits: the passages that were found, best first.
        model: has to read short answers (`EvidenceModel.replies`).
        own: the launch's own names.
    """
    asked = premise(question) if model.replies else ""
    best = max((e.score for e in evidence), default=0.0)
    # A time, a place or a way that was found is rarely one of what is not so; a reason soon sounds like one.
    if not asked or (kind_of(question) is not QuestionKind.WHY and best >= _SURE):
        return tuple(evidence)
    found = [weighed(asked, e, own) for e in find_evidence(asked, hits, model)[:_SENTENCES]]
    likely = [e for e in found if e.score >= _LIKELY]
    for e in with_replies(asked, likely, model):
        if e.reply == "No" and not denies_the_opposite(asked, e.quote):
            others = (replace(o, score=o.score * _LEFT, own_score=o.own_score * _LEFT) for o in evidence)
            rest = [o for o in others if (o.hit.article.id, o.start) != (e.hit.article.id, e.start)]
            return (replace(e, reply=""), *rest)
    return tuple(evidence)
