"""Follow-up questions made to stand alone, by rules.

"And when does it reach WhatsApp?" means nothing without the conversation. The rules bring in only words that the
user said before, or the launch's own name; an answer's text is never taken over, so that a wrong answer cannot
breed a wrong question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.errors import QuestionError
from assistant.models import Turn
from assistant.question import QuestionKind, parse_question
from assistant.terms import content_words, names
from corpus.models import Launch

_OPENERS = re.compile(
    r"^(?:(?:and|so|but|also|then|ok|okay|well|right|sure|thanks|thank you|hm+|ah|oh)\b[,.!]?\s+)+", re.I
)
_WHAT_ABOUT = re.compile(r"^(?:what|how) about\s+(?P<rest>.+?)\s*\??$", re.I)
_AND_X = re.compile(
    r"^and\s+(?:(?P<prep>on|in|at|for|to|from|by|with)\s+)?(?P<rest>[^?]{1,60}?)\s*\??$", re.I
)
_BARE = re.compile(
    r"^(?P<wh>why(?: not)?|how(?: so| come)?|when|where|who|since when|how (?:much|many)|which(?: ones?)?|"
    r"by whom|what for|says who|who says so?|according to whom)(?: (?:is|was) (?:that|this|it))?\s*\?*$",
    re.I,
)
_IT = re.compile(r"\b(it|this|that)\b(?!\s+(?:one|is said))", re.I)
_ITS = re.compile(r"\bits\b", re.I)
_THEY = re.compile(r"\b(they|them|those|these)\b", re.I)
_THEIR = re.compile(r"\btheir\b", re.I)
_PERSON = re.compile(r"\b(he|she|him|her)\b", re.I)
_POSSESSIVE = re.compile(r"\b(his|her)\b(?=\s+\w)", re.I)
_THERE = re.compile(r"\bthere\b(?!\s+(?:is|are|was|were|any|be|will|has|have))", re.I)
_IS_THERE = re.compile(r"\b(?:is|are|was|were|will|has|have)\s+there\b", re.I)
_THE_ONE = re.compile(r"\bthe (?:model|product|launch|release|company|app|device|system|tool)\b", re.I)


def as_turns(history: Sequence[Turn | Mapping[str, Any]], *, limit: int) -> tuple[Turn, ...]:
    """The last `limit` messages as turns; chat-style dicts with "role" and "content" (or "text") are taken too.

    Raises:
        QuestionError: an entry is neither.
    """
    turns = []
    for entry in history:
        if isinstance(entry, Turn):
            turns.append(entry)
            continue
        if not isinstance(entry, Mapping) or "role" not in entry:
            raise QuestionError(
                'Each message of the history must be a Turn or a dict with "role" and "content".'
            )
        content = entry.get("content", entry.get("text", ""))
        if isinstance(content, list):
            content = " ".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
        turns.append(Turn(str(entry["role"]), str(content)))
    return tuple(turns[-limit:]) if limit else ()


def standalone(question: str, history: Sequence[Turn], launch: Launch) -> str:
    """The question with what it leaves unsaid filled in from the user's earlier questions.

    A question that stands alone already comes back as it is, whitespace folded.
    """
    current = ""
    for turn in history:
        if turn.role == "user" and turn.text.strip():
            current = _resolve(" ".join(turn.text.split()), current, launch)
    return _resolve(" ".join(question.split()), current, launch)


def _resolve(question: str, before: str, launch: Launch) -> str:
    if not before:
        return question
    if bare := _BARE.match(_OPENERS.sub("", question)):
        return _bare(bare["wh"].lower(), before)
    about = _WHAT_ABOUT.match(_OPENERS.sub("", question)) or _AND_X.match(question)
    if about and not re.match(r"^(?:who|what|when|where|why|how|which|is|are|was|were|does|do|did|can|will|has|have)\b",
                              about["rest"], re.I):  # fmt: skip
        return _swap(about["rest"].strip(), about.groupdict().get("prep") or "", before, launch)
    rest = _OPENERS.sub("", question)
    filled = _fill(rest, before, launch)
    if filled != rest or rest == question:
        return filled[:1].upper() + filled[1:] if filled != question else question
    return rest[:1].upper() + rest[1:]


def _fill(question: str, before: str, launch: Launch) -> str:
    """Pronouns replaced by the names they can mean: the last names that the user said."""
    own = [n for n in names(question) if n.lower() not in ("i",)]
    said = [n for n in _names_of(before, launch) if n.lower() not in {o.lower() for o in own}]
    if not said:
        return question
    thing = _topic(said, launch)
    person = next((n for n in reversed(said) if len(n.split()) > 1 and n != thing), thing)
    text = question
    if _IS_THERE.search(text) is None:
        text = _THERE.sub(lambda m: f"in {said[-1]}", text, count=1)
    text = _ITS.sub(f"{thing}'s", text, count=1)
    text = _THEIR.sub(f"{_plural(said, launch)}'s", text, count=1)
    text = _POSSESSIVE.sub(f"{person}'s", text, count=1)
    text = _PERSON.sub(person, text, count=1)
    text = _THEY.sub(_plural(said, launch), text, count=1)
    text = _IT.sub(thing, text, count=1)
    return text


def _topic(said: Sequence[str], launch: Launch) -> str:
    own = {n.lower() for n in (launch.name, *launch.aliases) if n}
    for name in said:
        if name.lower() in own:
            return name
    return said[0]


def _plural(said: Sequence[str], launch: Launch) -> str:
    company = {n.lower() for n in (launch.company, *launch.company_names) if n}
    for name in said:
        if name.lower() in company:
            return name
    return launch.company or _topic(said, launch)


def _names_of(text: str, launch: Launch) -> list[str]:
    """Names in a question as the user wrote it; the launch's own are found in lower case too."""
    found: list[tuple[int, str]] = [(text.find(n), n) for n in names(text)]
    for name in (launch.name, *launch.aliases, launch.company, *launch.company_names):
        if name and (m := re.search(rf"\b{re.escape(name)}\b", text, re.I)):
            found.append((m.start(), name))
    ordered: list[str] = []
    for _, name in sorted(found, key=lambda item: (item[0], -len(item[1]))):
        if not any(name.lower() in kept.lower() for kept in ordered):
            ordered.append(name)
    return ordered


_WH_START = re.compile(
    r"^(?:who|what|when|where|why|which\s+\w+|which|how (?:many|much)\s+\w+|how\s+(?:many|much|big|large|long|old)|how)\b\s*",
    re.I,
)
_AUX = re.compile(r"^(?:is|are|was|were|does|do|did|can|could|will|would|has|have|had|should)\b", re.I)


def _bare(wh: str, before: str) -> str:
    """Hang a bare question word on the question before: "why?" takes over its clause."""
    if wh in ("says who", "who says", "who says so", "according to whom", "by whom"):
        return f"Who says: {before.rstrip(' ?')}?"
    wh = {
        "how so": "how",
        "how come": "why",
        "what for": "why",
        "why not": "why",
        "since when": "since when",
    }.get(wh, wh)
    rest = before.rstrip(" ?")
    if _AUX.match(rest):
        return f"{wh.capitalize()} {rest[:1].lower()}{rest[1:]}?"
    tail = _WH_START.sub("", rest)
    if _AUX.match(tail):
        return f"{wh.capitalize()} {tail}?"
    # "Who leads the lab?" - "why?": there is no clause to hang it on; keep both.
    return f"{wh.capitalize()}: {rest}?"


def _swap(rest: str, prep: str, before: str, launch: Launch) -> str:
    """Ask the last question again of another thing of its kind: "what about Instagram?"."""
    said = _names_of(before, launch)
    own = {n.lower() for n in (launch.name, *launch.aliases, launch.company, *launch.company_names) if n}
    # Swap the last thing named that is not the launch itself, if the new thing is a name and no new launch question.
    others = [n for n in said if n.lower() not in own]
    target = others[-1] if others else (said[-1] if said and rest[:1].isupper() else "")
    if target and (rest[:1].isupper() or not content_words(rest) & content_words(before)):
        return re.sub(re.escape(target), rest, before, count=1)
    topic = _topic(said, launch) if said else launch.name
    kind = parse_question(before).kind
    lead = {QuestionKind.WHEN: "When", QuestionKind.WHERE: "Where", QuestionKind.WHY: "Why"}.get(kind, "What")
    middle = f" {prep}" if prep else ""
    return f"{lead} about{middle} {rest} of {topic}?" if topic else f"{lead} about{middle} {rest}?"


def introduced_names(
    rewritten: str, original: str, history: Sequence[Turn], launch: Launch
) -> tuple[str, ...]:
    """Names in a rewritten question that neither the conversation nor the launch brought in: a rewrite gone wrong."""
    allowed = set(content_words(original))
    for turn in history:
        allowed |= content_words(turn.text)
    for name in (launch.name, *launch.aliases, launch.company, *launch.company_names):
        allowed |= content_words(name)
    return tuple(name for name in names(rewritten) if content_words(name) - allowed)
