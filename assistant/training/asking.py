"""Claims turned into the questions that they answer with yes or no: "The pen cannot be opened" says no to "Can the pen be opened?"."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.question import as_claim
from assistant.training.data import Claim
from assistant.training.perturb import PAST

_AUX = frozenset("is are was were has have had can could will would must may should does do did".split())
_BASES = (
    "accept add aim allow answer appear apply ask avoid back bear become begin belong block bring build buy call carry change charge "
    "cite claim close come connect contain cost count cover create cut decide deliver depend describe draw drop employ end "
    "exceed expect feed fit follow get give go grow guarantee help hold hope include intend join keep know lack last lead learn "
    "leave let lie limit link list look lose make mean measure meet mention miss move name need offer open own pay plan play point prefer "
    "promise protect provide put reach read receive record reduce refuse reject release rely remain remember replace report require "
    "return rise run save say see sell send serve set share ship show sit sleep sound speak stand start stay stop store support take "
    "talk tell test think track train translate travel treat trust turn understand use want warn watch weigh win work write"
).split()


def _third(base: str) -> str:
    if base.endswith(("s", "sh", "ch", "x", "o")):
        return base + "es"
    return base[:-1] + "ies" if re.search(r"[^aeiou]y$", base) else base + "s"


_PRESENT = {_third(base): base for base in _BASES}
#: Words before the verb that show that it may be another clause's, or that the sentence does not begin with its subject.
_CLAUSE = frozenset(
    "who whom which that whose where when while if because after before since unless until whether and or but what how".split()
)
_BEFORE_NOUNS = frozenset("to of by in for with not".split())
_NO_SUBJECT = frozenset(
    "at in on by for from with without past as to of under over about near through during despite like "
    "no nobody nothing none neither".split()
)
_DETERMINERS = frozenset(
    "the a an its it his her he she they their this these those there all some most many few only every each both one two".split()
)
_NEGATIVE = frozenset("not never no nobody nothing".split())
_HAVE = {"has": "does", "have": "do", "had": "did"}
_PARTICIPLE = re.compile(r"(?:ed|en|n|t|d|ne|de|me)$")
_SHORT_NOT = re.compile(r"\b(ca|wo|is|are|was|were|does|do|did|has|have|had|could|would|should)n['’]t\b")


def asked(text: str) -> tuple[str, bool] | None:
    """The question that a claim answers, and whether it says no to it; None where its verb cannot be told."""
    plain = _SHORT_NOT.sub(lambda m: {"ca": "can", "wo": "will"}.get(m[1], m[1]) + " not", text.rstrip("."))
    words = plain.replace("cannot", "can not").split()
    at = _verb(words)
    if not at or words[0].lower() in _NO_SUBJECT:
        return None
    subject, (front, rest) = words[:at], _fronted(words[at].lower(), words[at + 1 :])
    no, rest = _denied(front, rest)
    if not rest or _NEGATIVE & {w.lower() for w in (*subject, *rest)}:
        return None
    if front in _HAVE and not _is_participle(rest[0]):
        front, rest = _HAVE[front], ["have", *rest]
    if subject[0].lower() in _DETERMINERS:
        subject[0] = subject[0].lower()
    return f"{front.capitalize()} {' '.join(subject)} {' '.join(rest)}?", no


def _verb(words: Sequence[str]) -> int:
    """The place of the sentence's verb, or 0 where it cannot be told."""
    for at, word in enumerate(words[:9]):
        low = word.lower()
        if low in _CLAUSE or word.endswith(",") or (at and words[at - 1].lower() in _BEFORE_NOUNS):
            return 0
        if at and (low in _AUX or low in _PRESENT or low in PAST):
            return at
    return 0


def _fronted(verb: str, rest: list[str]) -> tuple[str, list[str]]:
    """The word that a question opens with, and what follows its subject."""
    if verb in _AUX:
        return verb, rest
    return ("does", [_PRESENT[verb], *rest]) if verb in _PRESENT else ("did", [PAST[verb], *rest])


def _denied(front: str, rest: list[str]) -> tuple[bool, list[str]]:
    """Whether the claim denies what the question asks, and the rest without that."""
    if rest and rest[0] in ("not", "never"):
        return True, rest[1:]
    if rest[:2] == ["no", "longer"]:
        return True, ["still", *rest[2:]]
    if rest and rest[0] == "no" and front in _AUX:
        return True, ["any", *rest[1:]]
    return False, rest


def _is_participle(word: str) -> bool:
    return (
        word not in _DETERMINERS
        and word != "any"
        and bool(_PARTICIPLE.search(word))
        and not word[0].isdigit()
    )


#: Changes that make a claim the opposite of its sentence, or put another value for what it says.
_CONTRARY = frozenset({"written", "negation", "opposite", "number", "date"})


def yes_or_no(claim: Claim, rng: random.Random) -> Claim:
    """A claim as the yes or no that it is to a question, where one can be made of it; otherwise the claim itself.

    What is supported supports one side and not the other. What was changed against its sentence mostly gets the other
    side from it; half of the time that is what is taught, and else only that the changed side is not supported.
    """
    found = asked(claim.text)
    if found is None:
        return claim
    question, says_no = found
    same, other = ("No", "Yes") if says_no else ("Yes", "No")
    if claim.supported:
        right = rng.random() < 0.6
    elif claim.kind in _CONTRARY:
        right = rng.random() >= 0.5
        same, other = other, same
    else:
        same, right = rng.choice((same, other)), False
        return replace(claim, text=as_claim(question, same), kind="side")
    return replace(claim, text=as_claim(question, same if right else other), supported=right, kind="side")
