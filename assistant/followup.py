"""Follow-up questions made to stand alone, by rules.

"And when does it reach WhatsApp?" means nothing without the conversation. The rules bring in only words that the
user said before, or the launch's own name; an answer's text is never taken over, so that a wrong answer cannot
breed a wrong question. Only whether it was a no is: "why?" then asks why not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.courtesy import is_courtesy, plainly_not_english
from assistant.errors import QuestionError
from assistant.extractive import NO_ANSWER, SILENT_ON
from assistant.models import MARKER, Turn
from assistant.pronouns import ending, it_of, settled, they_settled
from assistant.referents import (
    like_person,
    person,
    the_one_who,
    they,
    thing,
)
from assistant.sides import side
from assistant.swaps import swap
from assistant.terms import content_words, names
from corpus.models import Launch

_POLITE = re.compile(
    r"^(?:(?:ok|okay|well|right|sure|thanks|thank you|hm+|ah|oh)\b[,.!]?\s+|(?:thank you very much|many thanks|thanks a lot|"
    r"great|nice|good|cool|perfect|got it|i see|hello|hi|hey|please)\b[,.!]+\s+)+",
    re.I,
)
_OPENERS = re.compile(r"^(?:(?:and|so|but|also|then)\b[,.!]?\s+)+", re.I)
_PREP = r"(?:(?P<prep>on|in|at|for|to|from|by|with|about|without|than)\s+)?"
_WHAT_ABOUT = re.compile(rf"^(?:what|how) about\s+{_PREP}(?P<rest>.+?)\s*\??$", re.I)
_AND_X = re.compile(rf"^and\s+{_PREP}(?P<rest>[^?]{{1,60}}?)\s*\??$", re.I)
#: "No, I meant Instagram.", "same question for Instagram", "or Instagram?": the last question, of another thing.
_RATHER = re.compile(
    r"^(?:(?:no|nope|sorry|oh|wait|actually|but|or)\b[,.!]?\s+)*"
    r"(?:i\s+(?:meant|mean)\s+|(?:the\s+)?same(?:\s+question)?\s+(?:for|about|with)\s+|not\s+[\w .-]+,\s*(?:but\s+)?)?",
    re.I,
)
_NAME = r"(?P<rest>[A-Z](?:[\w.-]*\w)?(?:\s+[A-Z\d](?:[\w.-]*\w)?){0,3})"
_A_NAME = re.compile(rf"(?:(?P<prep>on|in|at)\s+)?{_NAME}\s*(?P<end>[?.!]*)")
#: "does GPT-5.4?": the same of another thing.
_DOES_X = re.compile(rf"^(?:is|are|was|were|does|do|did|can|could|will|would|has|have|had)\s+{_NAME}\s*\?*$")
_BARE = re.compile(
    r"^(?P<wh>why(?: not)?|how(?: so| come)?|when|where|who|since when|how (?:much|many)|which(?: ones?)?|"
    r"by whom|what for|says who|who says so?|who (?:says|said|reports|reported|claims|claimed|wrote|confirmed) (?:that|this|it|so)|according to whom)(?: (?:is|was) (?:that|this|it))?\s*\?*$",
    re.I,
)
_THEY = re.compile(
    r"(?:(?<!\bof )|(?<=\bcharge of ))\b(?:they(?!\s+be\b)|their|(?:(?<=\bby )|(?<=\bfrom )|(?<=\bto )|(?<=\bwith )|(?<=\babout )|(?<=\bfor )|(?<=\bcost )|(?<=\bpaid )|(?<=\bcharge of ))them)\b",
    re.I,
)
#: "which of them said": the sources of the answer that was shown.
_OF_THEM = re.compile(
    r"(?P<of>\b(?:which|who|any|one|some|none|neither|either|both|all|how many|most) of)\s+(?:them|those|these)\b"
    r"(?=\s+(?:(?:has|have|had|actually|also|really)\s+)*(?:say|says|said|saying|write|writes|wrote|written|report|reports|reported|"
    r"claim|claims|claimed|mention|mentions|mentioned|gave|gives|give|state|states|stated)\b)",
    re.I,
)
_PERSON = re.compile(r"\b(?:he|she|him|his|her)\b", re.I)


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
    asked, answered, skipped = "", "", False
    own = (launch.name, *launch.aliases)
    for turn in history:
        text = " ".join(turn.text.split())
        if turn.role == "user" and text:
            # Thanks and their reply are no part of what is talked about.
            skipped = is_courtesy(text, own)
            if not skipped:
                asked, answered = _resolve(text, asked, answered, launch), ""
        elif turn.role == "assistant" and not skipped:
            answered = text
    return _resolve(" ".join(question.split()), asked, answered, launch)


def _resolve(question: str, before: str, answered: str, launch: Launch) -> str:
    if not before or plainly_not_english(question):
        return question
    said = _POLITE.sub("", question)
    rest = _OPENERS.sub("", said)
    if bare := _BARE.match(rest):
        return _bare(bare["wh"].lower(), before, answered)
    about = _WHAT_ABOUT.match(rest) or _AND_X.match(said) or _rather(rest) or _DOES_X.match(rest)
    # "what about norway, do they pay for it?" asks its own question.
    pieces = re.split(r",\s+", about["rest"]) if about else []
    if about and not any(_QUESTION_WORD.match(p) or _ORDER.match(p) for p in pieces):
        return swap(about["rest"].strip(), about.groupdict().get("prep") or "", before, launch)
    filled = _fill(rest, before, answered, launch)
    open_still = filled == rest or (not names(filled) and _DEICTIC.search(filled))
    if (open_still and _leans_on(rest, said, launch)) or _CLAIMED.search(filled):
        # Nothing to put in the place of a word, and yet it hangs on the question before: say so beside it.
        filled = f"{filled.rstrip(' ?')} ({_tail(before)})?"
    # Polite words alone do not make another question of it.
    return question if filled == said else filled[:1].upper() + filled[1:]


def _rather(said: str) -> re.Match[str] | None:
    """What a correction puts in the place of the name before, with its preposition; None where it is no correction."""
    at = _RATHER.match(said)
    begun = at.end() if at else 0
    named = _A_NAME.fullmatch(said, begun)
    if named is None or said.lower() in _OPENING_ALONE:
        return None
    # A name alone is a question only with its mark, and one of a person is a question of its own.
    return named if begun or (named["end"] and not like_person(named["rest"])) else None


#: "When did he say that?": what was said is what was asked about before.
_CLAIMED = re.compile(
    r"\b(?:say|says|said|admits?|admitted|claims?|claimed|confirms?|confirmed|deny|denies|denied|knows?|measured|thinks?)\s+"
    r"(?:that|this|so)\s*[?.!]*$",
    re.I,
)
_OPENING_ALONE = frozenset(
    "why? when? how? who? what? where? really? seriously? yes? no? ok? okay? sure?".split()
)
_QUESTION_WORD = re.compile(
    r"^(?:(?:in|for|by|at|on|from|to|with|of|into|under|since|until)\s+(?=(?:which|what|how|whom|whose|when)\b))?"
    r"(?:whats|whos|wheres|hows|who|whom|whose|what|when|where|why|how|which|is|are|was|were|does|do|did|can|could|will|would|has|have|had)\b",
    re.I,
)
#: An order with something of its own to work on: "Tell me about the launch".
_ORDER = re.compile(
    r"^(?:please\s+)?(?:(?:can|could|would|will) you\s+)?(?:please\s+)?(?:tell|explain|describe|summari[sz]e|list|name|give|show|"
    r"compare|ignore|forget|say|write|translate|quote|find|look|define|outline|report|i want|i would like|let)\b"
    r"(?!(?:\s+(?:me|us|more|a|bit|little|further|in|detail|details|please|again|why|how|simply|briefly|about|of|on|it|that|this))*"
    r"\s*[?.!]*$)",
    re.I,
)
#: "What is distillation?" is short, and whole.
_WHOLE = re.compile(r"^(?:what|who)(?:'s|’s| is| are| was| were)\s+(?:the\s+|an?\s+)?[\w-]{3,}[ ?]*$", re.I)
_DEICTIC = re.compile(
    r"\b(?:it|its|those|these|they|them|their|(?<!is )(?<!are )(?<!was )(?<!were )there|he|she|him|her|his|then|again|ever|"
    r"the (?:new|old|other|same|larger|smaller|second|first|next|last) (?:one|ones)?)\b"
    r"|\bthis\b(?!\s+(?:year|month|week|day|quarter|time)\b)",
    re.I,
)
#: "that plant", "when could that be", but not "the lab that made", "say that the".
_POINTING = re.compile(
    r"\b(?:is|are|was|were|does|do|did|can|could|will|would|has|have|had|about|of|for|with|in|on|at|from|to|by|than)\s+that\b"
    r"|^that\b|\bthat(?=\s*(?:[?.!,]|$))",
    re.I,
)


def _leans_on(rest: str, said: str, launch: Launch) -> bool:
    """Whether a question without names cannot be understood on its own."""
    if names(rest):
        return False
    it = it_of(rest)
    open_to = f"{rest[: it.start()]}{rest[it.end() :]}" if it and settled(it, launch) else rest
    if (group := _THEY.search(open_to)) and they_settled(group):
        open_to = f"{open_to[: group.start()]}{open_to[group.end() :]}"
    if _DEICTIC.search(open_to) or _POINTING.search(open_to):
        return True
    if _ORDER.match(rest):
        return False
    words = rest.rstrip(" ?").split()
    short = len(words) <= (6 if rest != said else 3)
    return not _QUESTION_WORD.match(rest) or (short and not _WHOLE.match(rest))


_ASKED_AFTER = re.compile(r"\(([^()]+)\)\W*$")


def _tail(before: str) -> str:
    """What a question is about: its words without the question word and the auxiliary."""
    if inner := _ASKED_AFTER.search(before):
        return inner[1]
    text = _WH_START.sub("", before.rstrip(" ?"))
    return re.sub(r"^(?:there|I|you|we)\s+", "", _AUX.sub("", text).strip()) or before.rstrip(" ?")


def _fill(question: str, before: str, answered: str, launch: Launch) -> str:
    """Pronouns replaced by what they can mean; those of which it cannot be told stay."""
    text = _OF_THEM.sub(lambda m: f"{m['of']} the sources", question) if MARKER.search(answered) else question
    if he := _PERSON.search(text):
        # What a refusal quotes only came near.
        told = "" if answered.startswith(NO_ANSWER) else answered
        who = person(before, told, launch) or the_one_who(before)
        if who:
            text = f"{text[: he.start()]}{who}{ending(he)}{text[he.end() :]}"
    if (group := _THEY.search(text)) and not they_settled(group):
        who = they(before, text, launch)
        if who:
            text = f"{text[: group.start()]}{who}{ending(group)}{text[group.end() :]}"
    text = re.sub(
        r"\bit['’]s\b(?=\s+(been|got)\b)?", lambda m: "it has" if m[1] else "it is", text, flags=re.I
    )
    it = it_of(text)
    if it and not settled(it, launch) and (what := thing(before, text, launch)):
        text = f"{text[: it.start()]}{what}{ending(it)}{text[it.end() :]}"
    return text


_WH_START = re.compile(
    r"^(?:who|what|when|where|why|which\s+\w+|which|how (?:many|much)\s+\w+|how\s+(?:many|much|big|large|long|old|often|well|far|soon)|how)\b\s*",
    re.I,
)
_AUX = re.compile(r"^(?:is|are|was|were|does|do|did|can|could|will|would|has|have|had|should)\b", re.I)


_PASSIVE = re.compile(
    r"\b(?:was|were|been|is|are|be)\b.*\b(?:\w+ed|built|made|led|bought|sold|run|given|written|shown)\b", re.I
)
_NEGATED = {"can": "can't", "will": "won't"}


def _bare(wh: str, before: str, answered: str) -> str:
    """Hang a bare question word on the question before: "why?" takes over its clause, denied if the answer was no."""
    if wh == "by whom" and not _PASSIVE.search(before):
        wh = "says who"
    if wh in ("says who", "who says", "who says so", "according to whom") or re.match(
        r"who (?:says|said|reports|reported|claims|claimed|wrote|confirmed) ", wh
    ):
        return f"Who says: {before.rstrip(' ?')}?"
    denied = wh == "why not" or side(before, MARKER.sub(" ", answered).replace(SILENT_ON, " ")) == {"no"}
    wh = {
        "how so": "how",
        "how come": "why",
        "what for": "why",
        "why not": "why",
        "since when": "since when",
    }.get(wh, wh)
    rest = before.rstrip(" ?")
    if does := _AUX.match(rest):
        word = does[0].lower()
        if wh == "why" and denied:
            word = _NEGATED.get(word, f"{word}n't")
        return f"{wh.capitalize()} {word}{rest[does.end() :]}?"
    tail = _WH_START.sub("", rest)
    if _AUX.match(tail):
        return f"{wh.capitalize()} {tail}?"
    # "Who leads the lab?" - "why?": there is no clause to hang it on; keep both.
    return f"{wh.capitalize()}: {rest}?"


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
