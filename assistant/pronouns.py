"""The pronouns of a question that stand for something said before, told from those that do not.

"It" may stand for nothing ("is it true that"), "that" may bind clauses ("the lab that made it") or point at a noun.
"""

from __future__ import annotations

import re

from assistant.referents import SUBJECT, company_names, names_in
from assistant.terms import names
from corpus.models import Launch

_IT = re.compile(r"\b(?:it|its|this|that)\b(?!\s+(?:one|is said))(?!['’]s\s+own)", re.I)
#: "is it true that ...", "how long does it take to ...": this "it" stands for nothing.
_NO_THING = re.compile(
    r"\s+(?:true|possible|likely|clear|known|certain)\b(?=\s+(?:that|to|who|what|when|where|why|how|whether|if)\b)|\s+takes?\b.*\bto\b|\s+costs?\s+to\s+(?:hire|build|train|make|buy|develop|get)\b|\s+that\b",
    re.I,
)
_ENDS = re.compile(
    r"\s*(?:[?.!,;]|$)|\s+(?:and|or|but)\b|\s+(?:for|in|on|at|from|with|by|to|of|than|as)\s*[?.!]*$", re.I
)
_AUX_END = re.compile(
    r"\b(?:is|are|was|were|does|do|did|can|could|will|would|has|have|had|should|may|might|isn't|doesn't|didn't|wasn't|what['’]s|who['’]s)\s+$",
    re.I,
)
#: "Is that confirmed?", "Is that a lot?": what was said is meant, and no thing.
_CLAIM = re.compile(
    r"\s+(?:(?:really|actually|still|already|even|all|quite)\s+)*(?:a lot|a little|much|many|more|less|enough|true|false|right|wrong|correct|"
    r"confirmed|official|certain|sure|final|known|likely|possible|because|why|how|what|change|mean|matter)\b",
    re.I,
)
#: "Is it true?", "was it a Wednesday?": what was said, or when it was, and no thing.
_SAID_OF = re.compile(
    r"\s+(?:really\s+|actually\s+)?(?:true|right|correct|a\s+(?:mon|tues|wednes|thurs|fri|satur|sun)day)\s*[?.!]*$",
    re.I,
)
_TOLD = re.compile(
    r"\b(?:say|says|said|admits?|admitted|claim|claims|claimed|confirm|confirms|confirmed|den(?:y|ies|ied)|know|knows|measured|"
    r"think|thinks|thought)\s+$",
    re.I,
)
_THE_TIME = re.compile(
    r"\b(?:how long ago|what day(?: of the week)?|what time|which day)\s+(?:is|was)\s+$", re.I
)
_A_TIME = re.compile(r"\b(?:before|after|since|until)\s+$", re.I)
#: What follows a "that" that stands alone, rather than before its noun.
_GOES_ON = re.compile(
    r"\s+(?:be|been|mean|means|cost|work|happen|come|go|run|have|get|make|take|change|compare|apply|include|affect|use|support|"
    r"reach|true|right|wrong|new|free|good|better|bad|fast|open|closed|ready|available|enough|ever|still|already|really|also|"
    r"not|so|all|just|the|an?|for|in|on|at|from|with|by|to|than|\w+ed|\w+ing|\w+ly)\b",
    re.I,
)


def it_of(text: str) -> re.Match[str] | None:
    """The first "it", "its", "that" or "this" of a question that stands for a thing.

    Not the "that" of "the lab that made it", of "say that ..." or of "that plant", nor the "it" of "is it true that".
    """
    for match in _IT.finditer(text):
        word, before, after = match[0].lower(), text[: match.start()], text[match.end() :]
        if word != "its" and (_SAID_OF.match(after) or _THE_TIME.search(before)):
            continue
        if word == "its" or (word == "it" and not _NO_THING.match(after)):
            return match
        if (
            word in ("that", "this")
            and not _CLAIM.match(after)
            and not (_TOLD.search(before) and _ENDS.match(after))
            and not _A_TIME.search(before)
            and (_ENDS.match(after) or (_AUX_END.search(before) and _GOES_ON.match(after)))
        ):
            return match
    return None


def ending(pronoun: re.Match[str]) -> str:
    """What a name needs in the place of a pronoun: "its price" is "Kestrel's price"."""
    word = pronoun[0].lower()
    owns = word in ("its", "their", "his") or (
        word == "her" and re.match(r"\s+\w", pronoun.string[pronoun.end() :])
    )
    return "'s" if owns else ""


_CLAUSE = re.compile(r",|\b(?:and|or|but|when|if|because|before|after|while|since|until)\b", re.I)
_SAYS = re.compile(
    r"\b(?:say|says|said|think|thinks|thought|write|writes|wrote|report|reports|claim|claims|argue)\b", re.I
)


def settled(it: re.Match[str], launch: Launch) -> bool:
    """Whether the question itself says what "it" is."""
    ahead = it.string[: it.start()]
    # "How much did Meta pay for its share?" says itself whose share is meant.
    if it[0].lower() == "its":
        return bool(names(ahead)) or _has_subject(ahead)
    return _has_own(ahead, launch)


def _has_subject(ahead: str) -> bool:
    """Whether one common thing acts there: "did the firm", and neither "did the critics" nor a speaker."""
    subject = SUBJECT.search(ahead)
    return (
        bool(subject)
        and not re.search(r"[^s]s$", subject["subject"] if subject else "")
        and not _SAYS.search(ahead)
    )


def _has_own(ahead: str, launch: Launch) -> bool:
    """Whether a later clause's pronoun has its thing in the same question: "When does Avocado come and is it ...?"."""
    *_, clause = (None, *_CLAUSE.finditer(ahead))
    if not clause or _SAYS.search(ahead):
        return False
    if clause[0].lower() in (",", "and", "or", "if") and _has_subject(ahead[: clause.start()]):
        return True
    company = company_names(launch)
    return any(n.lower() not in company for n in names_in(ahead[: clause.start()], launch))


#: What may stand between the things that act and the "they" that takes them up.
_PLURAL = re.compile(
    r"\b(?!(?:does|was|is|has|his|its|this|as|us|says|news|always|whos|whats|wheres|hows|lets|perhaps|yes)\b)[a-z-]{2,}[^s\W]s\b"
)
#: "What do analysts say about their chances?": not the analysts' own.
_SPOKEN_OF = re.compile(
    r"\b(?:say|says|said|think|thinks|write|wrote|feel)\b[^,]*\b(?:about|of|on)\s+$", re.I
)
_AUX_LAST = re.compile(
    r"\b(?:does|do|did|has|have|had|will|would|can|could|should|are|were|may|might)\s+$", re.I
)


def they_settled(they: re.Match[str]) -> bool:
    """Whether the question itself says who "they" are: "Which companies say they will use it?"."""
    ahead = they.string[: they.start()]
    if _SPOKEN_OF.search(ahead):
        return False
    if not _AUX_LAST.search(ahead):
        return bool(_PLURAL.search(ahead)) or (they[0].lower() != "them" and bool(names(ahead)))
    *_, clause = (None, *_CLAUSE.finditer(ahead))
    acts = re.search(
        r"\b(?:did|do|have|will|are|were)\s+(?:the\s+)?[a-z-]{2,}[^s\W]s\b",
        ahead[: clause.start()] if clause else "",
    )
    return bool(acts)
