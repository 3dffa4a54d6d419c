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
    r"\s+(?:true|possible|likely|clear|known|certain)\b(?=\s+(?:that|to|who|what|when|where|why|how|whether|if)\b)|\s+takes?\b.*\bto\b|\s+that\b",
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
    r"confirmed|official|certain|sure|final|known|likely|possible|because|why|how|what)\b",
    re.I,
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
        if word == "its" or (word == "it" and not _NO_THING.match(after)):
            return match
        if (
            word in ("that", "this")
            and not _CLAIM.match(after)
            and not _A_TIME.search(before)
            and (_ENDS.match(after) or (_AUX_END.search(before) and _GOES_ON.match(after)))
        ):
            return match
    return None


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
