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
from assistant.models import MARKER, Turn
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
    """The question with what it leaves unsaid filled in from the conversation.

    Things are named as the user named them; only a person ("she") may come from the answer before. A question that
    stands alone already comes back as it is, whitespace folded.
    """
    asked, answered = "", ""
    for turn in history:
        text = " ".join(turn.text.split())
        if turn.role == "user" and text:
            asked, answered = _resolve(text, asked, answered, launch), ""
        elif turn.role == "assistant":
            answered = text
    return _resolve(" ".join(question.split()), asked, answered, launch)


def _resolve(question: str, before: str, answered: str, launch: Launch) -> str:
    if not before:
        return question
    rest = _OPENERS.sub("", question)
    if bare := _BARE.match(rest):
        return _bare(bare["wh"].lower(), before)
    about = _WHAT_ABOUT.match(rest) or _AND_X.match(question)
    if about and not _QUESTION_WORD.match(about["rest"]):
        return _swap(about["rest"].strip(), about.groupdict().get("prep") or "", before, launch)
    filled = _fill(rest, before, answered, launch)
    if filled == rest and _leans_on(rest, question):
        # Nothing to put in the place of a word, and yet it hangs on the question before: say so beside it.
        filled = f"{rest.rstrip(' ?')} ({_tail(before)})?"
    return question if filled == question else filled[:1].upper() + filled[1:]


_QUESTION_WORD = re.compile(
    r"^(?:who|whom|whose|what|when|where|why|how|which|is|are|was|were|does|do|did|can|could|will|would|has|have|had)\b",
    re.I,
)
_DEICTIC = re.compile(
    r"\b(?:it|its|that|those|these|this|they|them|their|there|he|she|him|her|his|then|again|ever|the (?:new|old|other|same|"
    r"larger|smaller|second|first|next|last) (?:one|ones)?)\b",
    re.I,
)


def _leans_on(rest: str, question: str) -> bool:
    """Whether a question without names cannot be understood on its own."""
    if names(rest):
        return False
    words = rest.rstrip(" ?").split()
    return (
        rest != question or bool(_DEICTIC.search(rest)) or len(words) <= 3 or not _QUESTION_WORD.match(rest)
    )


def _tail(before: str) -> str:
    """What a question is about: its words without the question word and the auxiliary."""
    text = _WH_START.sub("", before.rstrip(" ?"))
    return re.sub(r"^there\s+", "", _AUX.sub("", text).strip()) or before.rstrip(" ?")


def _fill(question: str, before: str, answered: str, launch: Launch) -> str:
    """Pronouns replaced by the names they can mean: the last names that the user said."""
    own = {n.lower() for n in names(question)}
    said = [n for n in _names_of(before, launch) if n.lower() not in own]
    text = question
    if _PERSON.search(text) or _POSSESSIVE.search(text):
        person = _person(before, answered, launch)
        if person:
            text = _POSSESSIVE.sub(f"{person}'s", text, count=1)
            text = _PERSON.sub(person, text, count=1)
    if not said:
        return text
    possessive = _ITS.search(text) or _THEIR.search(text)
    if possessive and names(text[: possessive.start()]):
        # "How much did Meta pay for its share?" says itself whose share is meant.
        return text
    company = _company(said, launch)
    if company and (_THEY.search(text) or _THEIR.search(text)):
        text = _THEIR.sub(f"{company}'s", text, count=1)
        text = re.sub(r"\b(?:they|them)\b", company, text, count=1, flags=re.I)
        said = [n for n in said if n != company] or said
    thing = _noun_phrase(_topic(said, launch), before)
    text = _ITS.sub(f"{thing}'s", text, count=1)
    return _IT.sub(thing, text, count=1)


def _person(before: str, answered: str, launch: Launch) -> str:
    """The one person that the last question or its answer names, or ""."""
    company = {n.lower() for n in (launch.name, *launch.aliases, launch.company, *launch.company_names) if n}
    told = MARKER.sub(" ", answered)
    order = (before, told) if re.match(r"who(?: is|'s| was)\b", before, re.I) else (told, before)
    for text in order:
        people = [
            n
            for n in names(text)
            if len(n.split()) == 2
            and n.lower() not in company
            and all(len(w) > 1 and w.isalpha() for w in n.split())
        ]
        if len(set(people)) == 1 or (people and text is before):
            return people[-1]
    return ""


def _topic(said: Sequence[str], launch: Launch) -> str:
    own = {n.lower() for n in (launch.name, *launch.aliases) if n}
    return next((name for name in said if name.lower() in own), said[0])


def _company(said: Sequence[str], launch: Launch) -> str:
    """Who "they" are: a company that was named, or the launch's own."""
    company = {n.lower() for n in (launch.company, *launch.company_names) if n}
    return next((name for name in said if name.lower() in company), launch.company)


def _noun_phrase(name: str, before: str) -> str:
    """The name with the noun it qualifies: "the British edition" rather than "British"."""
    if not re.search(r"(?:ish|ese|[^aeiou]an|ch)$", name):
        return name
    match = re.search(rf"\b(the|an?)\s+({re.escape(name)}\s+[a-z]{{3,}})\b", before)
    return f"the {match.group(2)}" if match else name


#: "Kestrel 2", and not "Meta 2 days ago".
_MODEL_NUMBER = re.compile(
    r"\s\d{1,3}(?:\.\d+)?\b(?!\s*(?:%|percent|per cent|million|billion|thousand|st|nd|rd|th|people|users|times|"
    r"seconds?|minutes?|hours?|days?|weeks?|months?|years?|dollars|euros|pounds|of)\b)"
)


def _names_of(text: str, launch: Launch) -> list[str]:
    """Names in a question as the user wrote it, with their number; the launch's own in lower case too."""
    found: list[tuple[int, str]] = []
    for name in names(text):
        at = text.find(name)
        number = _MODEL_NUMBER.match(text, at + len(name)) if at >= 0 else None
        found.append((at, name + number.group() if number else name))
    for name in (launch.name, *launch.aliases, launch.company, *launch.company_names):
        if name and (m := re.search(rf"\b{re.escape(name)}\b", text, re.I)):
            found.append((m.start(), name))
    ordered: list[str] = []
    for _, name in sorted(found, key=lambda item: (item[0], -len(item[1]))):
        if not any(name.lower() in kept.lower() for kept in ordered):
            ordered.append(name)
    return ordered


_WH_START = re.compile(
    r"^(?:who|what|when|where|why|which\s+\w+|which|how (?:many|much)\s+\w+|how\s+(?:many|much|big|large|long|old|often|well|far|soon)|how)\b\s*",
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
    rest = re.sub(r"\s+(?:for|of|with|on|in)\s+(?:it|that|this|them)$", "", rest, flags=re.I)
    stem = before.rstrip(" ?")
    if prep:
        # "and in Spain?" takes the place of "in France", or is added where the question had no such part.
        same = re.search(rf"\b{prep}\s+(?:the\s+)?(?:[A-Z][\w.-]*(?:\s+[A-Z][\w.-]*)*|\w+)$", stem)
        if same:
            return f"{stem[: same.start()]}{prep} {rest}?"
        return f"{stem} {prep} {rest}?"
    said = _names_of(before, launch)
    own = {n.lower() for n in (launch.name, *launch.aliases, launch.company, *launch.company_names) if n}
    others = [n for n in said if n.lower() not in own]
    if rest[:1].isupper() and (target := others[-1] if others else (said[-1] if said else "")):
        return re.sub(rf"(?:\bthe\s+)?{re.escape(target)}", rest, stem, count=1) + "?"
    thing = re.search(r"\bthe\s+[a-z][\w-]*", stem)
    if thing and re.match(r"(?:the|an?)\b", rest) and not said:
        return f"{stem[: thing.start()]}{rest}{stem[thing.end() :]}?"
    topic = _topic(said, launch) if said else (launch.name or _tail(before))
    return f"What about {rest} of {topic}?" if said or launch.name else f"{stem}: {rest}?"


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
