"""What looks like what was asked for and is another of its kind: the main camera beside the front one, a leader beside a founder.

Each rule knows a few words, and speaks only where the question has one of them and the quote another in its place.
"""

from __future__ import annotations

import re

from assistant.question import ROLES, QuestionKind, kind_of
from assistant.terms import content_words, names

#: Words that tell one thing from others of its kind; those of a line exclude each other.
_CONTRASTS = tuple(
    frozenset(line.split())
    for line in (
        "front rear back main selfie",
        "left right",
        "upper lower",
        "inner outer",
        "indoor outdoor",
        "wired wireless",
        "petrol diesel electric hybrid hydrogen",
        "upload download",
        "input output",
        "hourly daily weekly monthly quarterly yearly annual",
        "summer winter spring autumn",
        "morning evening",
        "minimum maximum average",
        "domestic foreign",
        "gross net",
        "used new refurbished",
        "men women children adults",
        "male female",
        "first second third fourth fifth sixth",
    )
)
_PAIR = re.compile(r"\b(?=([a-z]+)[ -]([a-z]{3,}))", re.I)


def of_another_kind(question: str, text: str) -> bool:
    """Whether a text tells of another one of the things that the question tells apart: "main camera" for "front camera".

    Args:
        question: stands alone.
        text: a quote, with the sentence before it.
    """
    for m in _PAIR.finditer(question):
        word, noun = m[1].lower(), content_words(m[2])
        others = next((line - {word} for line in _CONTRASTS if word in line), frozenset())
        # Few questions have such a word, and each is asked of many texts.
        if not noun or not others or word in re.findall(r"[a-z]+", text.lower()):
            continue
        if any(told[1].lower() in others and noun & content_words(told[2]) for told in _PAIR.finditer(text)):
            return True
    return False


_FOUNDED = re.compile(r"\b(?:co-?)?founded\b|\bwho\b.*\b(?:co-?)?founders?\b", re.I)
_FOUNDS = re.compile(
    r"\b(?:co-?)?found(?:s|ed|ers?|ing)\b|\b(?:set|sets|setting) (?:it |them )?up\b"
    r"|\b(?:start|beg[au]n|beginning|establish|invent|father|mother|parent|brainchild)"
    # "Built the model" founds nothing.
    r"|\b(?:creat|launch|built|build|made)[a-z]* (?:[\w'’-]+ ){0,2}(?:company|firm|business|start-?up|house|lab|it|them)\b",
    re.I,
)
_OFFICER = re.compile(
    r"\bchief (?P<of>executive|financial|finance|technology|technical|operating|operations|marketing|information|product"
    r"|scientist|design(?:er)?|legal|security)\b|\b(?P<short>C[EFTOMI]O)\b",
    re.I,
)
#: Who leads the whole is its chief executive in other words.
_LEADS = re.compile(
    r"\b(?:head|heads|headed|boss|leads?|led|runs?|ran|president|chair(?:man|woman)?)\b", re.I
)


def of_another_role(question: str, text: str) -> bool:
    """Whether a question asks who founded or who manages a company and the text tells of neither in any words."""
    if _FOUNDED.search(question):
        return not _FOUNDS.search(text)
    asked = _officers(question) if kind_of(question) is QuestionKind.WHO else frozenset()
    if not asked:
        return False
    if asked & _officers(text):
        return False
    return not ("executive" in asked and (_LEADS.search(text) or re.search(r"\bchief\b", text, re.I)))


#: Offices that go by two words.
_ALIKE = {"technical": "technology", "finance": "financial", "operations": "operating"}


def _officers(text: str) -> frozenset[str]:
    told = (m["of"].lower() if m["of"] else ROLES[m["short"].upper()] for m in _OFFICER.finditer(text))
    return frozenset(_ALIKE.get(office, office) for office in told)


_WHY_NAMED = re.compile(
    r"^why (?:is|was|are|were|did)\b.*\b(?:called|named?)\b(?! (?:off|in|out|up|for|on)\b)", re.I
)
_NAMING = re.compile(
    r"\bnam(?:e|es|ed|ing)\b|\bnickname|\bstands? for\b|\bshort for\b|\bin hono(?:u)?r of\b|\bword for\b|\bmeans\b|\brefer(?:s|red|ence)\b",
    re.I,
)


def of_no_name(question: str, text: str) -> bool:
    """Whether a question asks why a thing is called what it is and the text says nothing of names."""
    if not _WHY_NAMED.search(question) or _NAMING.search(text):
        return False
    called = [n.split()[-1] for n in names(question)]
    return not (re.search(r"\bcalled\b", text, re.I) and any(n in text for n in called))
