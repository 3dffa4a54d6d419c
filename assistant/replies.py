"""What a sentence says in short to a question: yes or no, or the figure, date or name that answers it.

The head for claims is asked about the question with each answer that the sentence may give ("What does it cost? 40 euros.").
So two reports can be held against each other though they share no word: "one dial and no app" says no to "Can a phone
control it?", and of "announced on 3 May, sold from 9 June" only one date answers "When can one buy it?".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.evidence import EvidenceModel, flat, read_alone
from assistant.models import Evidence
from assistant.question import QuestionKind, as_claim, parse_question
from assistant.values import values

#: How many of the best sentences are asked, and about how many values each.
ASKED, MOST_VALUES = 10, 4
#: From which probability an answer is taken, and up to which the other of yes and no may be held possible.
SURE, RULED_OUT = 0.7, 0.3


def with_replies(question: str, evidence: Sequence[Evidence], model: EvidenceModel) -> tuple[Evidence, ...]:
    """The evidence, its best sentences with the short answer that the model reads in each."""
    best = evidence[:ASKED]
    options = [_options(question, e.quote) for e in best]
    pairs = [
        (as_claim(question, option), read_alone(e, flat(e.quote)))
        for e, offered in zip(best, options, strict=True)
        for option in offered
    ]
    chances = iter(model.supports(pairs) if pairs else ())
    found = []
    for e, offered in zip(best, options, strict=True):
        told = sorted(((float(next(chances)), option) for option in offered), reverse=True)
        sure = bool(told) and told[0][0] >= SURE
        if sure and told[0][1] in _YES_NO:
            sure = told[1][0] <= RULED_OUT
        found.append(replace(e, reply=told[0][1] if sure else ""))
    return (*found, *evidence[ASKED:])


_YES_NO = ("Yes", "No")


def _options(question: str, quote: str) -> tuple[str, ...]:
    if parse_question(question).kind is QuestionKind.YES_NO:
        return _YES_NO
    return tuple(dict.fromkeys(value.phrase for value in values(question, quote)))[:MOST_VALUES]
