"""Questions that ask for a form of sentence: "What is X?" for what says what X is, "What happened in May?" for events.

The evidence model was trained on questions for facts and takes everything on X for half an answer to "What is X?".
The form tells more there: "X is a ...", "X, the ...", "a ... called X".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache

from assistant.distortion import says_the_opposite
from assistant.models import Evidence
from assistant.occasions import event_dates
from assistant.question import QuestionKind, kind_of
from assistant.terms import dates, names

_ASKS = re.compile(
    r"^(?:(?:so|and|ok|okay|well|but|then|please)[, ]+)*"
    r"(?:(?P<wh>what|who)(?:['’]s|\s+(?:exactly\s+)?(?:is|are|was|were))(?:\s+exactly)?"
    r"|tell\s+me\s+(?:about|what\s+is)|explain(?:\s+what\s+is)?|describe|introduce|what\s+do\s+you\s+know\s+about)\s+"
    r"(?:the\s+|a\s+|an\s+|this\s+)?(?P<subject>[^?]{2,60}?)(?:\s+(?:exactly|anyway|then|please))?\s*[?.!]*$",
    re.I,
)
_SORT = (
    r"(?:mode|model|app|agent|program|project|product|index|benchmark|test|lab|team|licence|family|company)s?"
)
_HAPPENED = re.compile(
    r"\bwhat\s+(?:else\s+)?(?:happened|went on|took place|was\s+(?:announced|released|launched|reported|new))\b",
    re.I,
)
_BEFORE = re.compile(r"(?:^|[,;:]\s|\bthat\s|\b[Tt]he\s)$")
#: A sentence of the form asked for has half the doubt that the model has of it.
_DOUBT = 0.5
#: Beside one of the form asked for, another sentence is little of an answer, or more of one to "Tell me about X".
_OTHERS, _OTHERS_ON_IT = 0.25, 0.75
_AT_LENGTH = re.compile(r"\b(?:tell|describe|introduce|know\s+about)\b", re.I)


def subject_of(question: str, own: Collection[str] = ()) -> str:
    """What a question wants to have explained, as it names it, or "" where it asks for something else.

    Args:
        question: stands alone, names with their capitals.
        own: the launch's own names.
    """
    match = _ASKS.match(" ".join(question.split()))
    if match is None:
        return ""
    subject = match.group("subject")
    name = re.sub(rf"\s+{_SORT}$", "", subject)
    if name.lower() in {n.lower() for n in own} or name in names(f"About {name}"):
        return subject
    return ""


def asked_as(question: str, own: Collection[str] = ()) -> str:
    """Words to search for besides the question's: how a sentence that explains its subject begins; or ""."""
    subject = subject_of(question, own)
    return f"{subject} is a" if subject else ""


def defines(subject: str, sentence: str) -> bool:
    """Whether a sentence says what or who its subject is."""
    text = " ".join(sentence.split())
    is_a, named = _patterns(re.sub(rf"\s+{_SORT}$", "", subject))
    return any(_BEFORE.search(text[: m.start()]) for m in is_a.finditer(text)) or bool(named.search(text))


def by_form(question: str, evidence: Sequence[Evidence], own: Collection[str] = ()) -> list[Evidence]:
    """The evidence with its scores weighed by the form that the question asks for, best first."""
    subject = subject_of(question, own)
    others = _OTHERS_ON_IT if subject and _AT_LENGTH.search(question) else _OTHERS
    days = dates(question) if _HAPPENED.search(question) else frozenset()
    if subject:
        fits = [defines(subject, e.quote) for e in evidence]
    elif days:
        fits = [any(day.within(told) for told in event_dates(e.quote) for day in days) for e in evidence]
    elif kind_of(question) is QuestionKind.YES_NO:
        # "Did the shares fall?" is answered by their rise.
        fits = [says_the_opposite(question, e.quote) for e in evidence]
        others = 1.0
    else:
        return list(evidence)
    if not any(fits):
        # What nothing of what was found names at all, nothing of it explains.
        unheard = subject and not _named(subject, evidence)
        return [replace(e, score=_OTHERS * e.score) for e in evidence] if unheard else list(evidence)
    weighed = [
        replace(e, score=1 - _DOUBT * (1 - e.score) if fit else others * e.score)
        for e, fit in zip(evidence, fits, strict=True)
    ]
    return sorted(weighed, key=lambda e: -e.score)


_GAP = r"[\s-]?"


def _named(subject: str, evidence: Sequence[Evidence]) -> bool:
    """Whether a sentence, or the title over it, has the subject's name in any letters."""
    words = re.split(r"[\s-]+", re.sub(rf"\s+{_SORT}$", "", subject))
    whole = re.compile(rf"(?<![\w-]){_GAP.join(map(re.escape, words))}(?![\w-])", re.I)
    return any(whole.search(text) for e in evidence for text in (e.quote, e.hit.article.title))


@lru_cache(maxsize=256)
def _patterns(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    who = rf"(?<![\w-]){re.escape(name)}(?:\s+{_SORT})?(?![\w-])(?!\s+\d)"
    a = r"(?:an?|the|one|its|their|his|her|what|how|meant|[A-Z][\w-]*['’]s?)\b"
    return (
        re.compile(
            rf"{who}(?:\s+\([^)]*\)|,[^,]{{3,60}},)?\s+(?:(?:is|was|are|were)\s+(?:(?:now|also|thus|still|basically)\s+)?{a}"
            rf"|means|stands\s+for|leads|heads|founded|runs)"
        ),
        re.compile(
            rf"{who},\s+(?:an?|the|its|who|formerly|[A-Z][\w-]*['’]s)\s"
            rf"|\b(?:an?|the|its|[A-Z][\w-]*['’]s)\s[\w\s-]{{0,40}}(?:called|named|known\s+as)\s+{who}"
        ),
    )
