"""Claims turned into the questions that they answer with yes or no: "The pen cannot be opened" says no to "Can the pen be opened?"."""

from __future__ import annotations

import random
import re
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
#: Words before the verb that show that it may be another clause's.
_CLAUSE = frozenset(
    "who whom which that whose where when while if because after before since unless until whether and or but what how".split()
)
_PREPOSITIONS = frozenset(
    "at in on by for from with without past as to of under over about near through during despite like".split()
)
_OPENERS = frozenset(
    "the a an its it his her he she they their this these those there all some most many few no none only every each both one two".split()
)


def asked(text: str) -> tuple[str, bool] | None:
    """The question that a claim answers, and whether it says no to it; None where its verb cannot be told."""
    words = (
        re.sub(
            r"\b(ca|wo|is|are|was|were|does|do|did|has|have|had|could|would|should)n['’]t\b",
            _apart,
            text.rstrip("."),
        )
        .replace("cannot", "can not")
        .split()
    )
    for at, word in enumerate(words[:9]):
        if (
            word.lower() in _CLAUSE
            or word.endswith(",")
            or (at and words[at - 1].lower() in ("to", "of", "by", "in", "for", "with", "not"))
        ):
            return None
        if at == 0:
            continue
        low = word.lower()
        if low in _AUX:
            front, rest = low, words[at + 1 :]
        elif low in _PRESENT or low in PAST:
            front, rest = ("does", [_PRESENT[low]]) if low in _PRESENT else ("did", [PAST[low]])
            rest = [*rest, *words[at + 1 :]]
        else:
            continue
        subject, no = words[:at], False
        if subject[0].lower() in _PREPOSITIONS or subject[0] in (
            "No",
            "Nobody",
            "Nothing",
            "None",
            "Neither",
        ):
            return None
        if rest and rest[0] in ("not", "never"):
            no, rest = True, rest[1:]
        elif rest[:2] == ["no", "longer"]:
            no, rest = True, ["still", *rest[2:]]
        elif rest and rest[0] == "no" and front in ("is", "are", "was", "were", "has", "have", "had"):
            no, rest = True, ["any" if rest[1:2] and rest[1].endswith("s") else "a", *rest[1:]]
        if subject[0].lower() in _OPENERS:
            subject = [subject[0].lower(), *subject[1:]]
        if len(rest) < 1 or {"not", "never", "no", "nobody", "nothing"} & {
            w.lower() for w in (*subject, *rest)
        }:
            return None
        if (
            (
                front in ("has", "have", "had")
                and not re.search(
                    r"(?:ed|en|n|t|d|ne|de|me|ht|ld|un)$", rest[0] if rest[0] not in ("a", "an") else "x"
                )
            )
            or (front in ("has", "have", "had") and rest[0] in _OPENERS | {"a", "an", "got"})
            or (front in ("has", "have", "had") and rest[0][:1].isdigit())
        ):
            front, rest = {"has": "does", "have": "do", "had": "did"}[front], ["have", *rest]
        return f"{front.capitalize()} {' '.join(subject)} {' '.join(rest)}?", no
    return None


def _apart(match: re.Match[str]) -> str:
    return {"ca": "can", "wo": "will"}.get(match[1], match[1]) + " not"


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
