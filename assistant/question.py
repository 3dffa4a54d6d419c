"""What a question asks for: its kind, its parts, and which sentences can be of that kind at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from assistant.occasions import event_dates
from assistant.referents import is_person, the_one_who
from assistant.terms import content_words, dates, figures, names, quarters

AUXILIARIES = (
    "is are was were do does did can could will would has have had should may might isn't aren't doesn't don't didn't "
    "won't can't wasn't hasn't"
).split()
_YES_NO = re.compile(rf"^(?:and |so |but |or |then |also )*(?:{'|'.join(AUXILIARIES)})\b", re.I)
_LIST = re.compile(
    r"\b(?:which|what|name|list)\b.{0,40}\b(?:apps|products|platforms|models|companies|rivals|competitors|modes|services"
    r"|features|partners|countries|places|areas|things|benchmarks|benefits|drawbacks|advantages|risks|reasons|surfaces"
    r"|devices|tools|reports|articles|weaknesses|strengths|gaps|names|people|inputs|formats|languages|markets)\b"
    r"|\bwhat are\b|\bwho are\b|\bwhich (?:ones|other)\b|^list\b|^name (?:the|all)\b",
    re.I,
)


#: "What does it cost in Japan?" asks for a figure, "What does the secrecy cost the company?" for a loss.
_PRICED = re.compile(
    r"\bwhat (?:does|do|did|will|would) .*\b(?:cost|weigh|charge)"
    r"(?: (?:(?:in|at|on|for|per) \w.*|(?:an?|each|now|then|today|there)\b.*))?\s*\??$"
    r"|\bwhat (?:is|are|was|were) .*\bworth(?: (?:in|at|on|now|then|today)\b.*)?\s*\??$"
)


_SIZES = "weight|height|width|length|size|range|speed|capacity|payload|thrust|score|fee|rate|resolution|temperature|budget"
#: "What is the top speed of the Orla?", but not "What is the price that it pays for secrecy?".
_MEASURED = re.compile(
    r"\bwhat (?:is|was|are|were|will be) (?:the|its|their) (?:[\w'’.-]+ ){0,4}?"
    rf"(?:prices?|power|{_SIZES})"
    r"(?: (?:of|for|in|on|at|per|with)\b(?!.*\b(?:that|which|secrecy)\b).*)?\s*\??$"
)
#: "What range does it have?" asks for a figure, "What range of colours does it come in?" for a list.
_SIZED = re.compile(
    r"\b(?:what|which) (?!kind|sort|type)(?:[a-z-]+ ){0,2}"
    rf"(?:price|{_SIZES}|discount|salary|age|distance|percentage|share|deposit|fine|interest)s?(?! of\b)"
    r"(?= (?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|must|may)\b)"
)


class QuestionKind(StrEnum):
    """The kinds of question that are answered differently."""

    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    QUANTITY = "quantity"
    WHY = "why"
    HOW = "how"
    YES_NO = "yes/no"
    LIST = "list"
    WHAT = "what"


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart; `parts` has one element unless it asks two things."""

    text: str
    kind: QuestionKind
    parts: tuple[str, ...]


def parse_question(text: str) -> Question:
    """Take a stand-alone question apart."""
    flat = " ".join(text.split())
    return Question(flat, kind_of(flat), _parts(flat))


def kind_of(text: str) -> QuestionKind:
    """What kind of question this is, by its words."""
    low = re.sub(r"^(?:and|so|but|then|also|ok|okay|well)[, ]+", "", text.lower().strip())
    low = re.sub(r"^(what|who|where|when|how|why)(?:['’]s|s)\b", r"\1 is", low)
    if _YES_NO.match(low):
        return QuestionKind.YES_NO
    if (
        _PRICED.search(low)
        or re.search(
            r"\bhow (?:many|much|big|large|long|far|fast|old|often|expensive|heavy|tall|high|well)\b", low
        )
        or re.search(
            r"\bwhat (?:percentage|percent|share|number|price|score|rank|amount|size|sum|proportion|speed|weight|rate|interest rate)\b",
            low,
        )
        or _MEASURED.search(low)
        or _SIZED.search(low)
    ):
        return QuestionKind.QUANTITY
    if re.search(r"\bwhy\b|\bhow come\b|\bwhat (?:is|was|were|are) the reasons?\b|\bfor what reason\b", low):
        return QuestionKind.WHY
    if re.search(
        rf"\bwhat (?:is|was|will be) the (?:[\w-]+ ){{0,3}}?(?:date|deadline)\b|^(?:and |so |but )?(?:since |until |by |from )?when\b|\bwhen (?:{'|'.join(AUXILIARIES)})\b|\bwhat (?:date|day|year|month)\b|\bwhich (?:date|day|year|month)\b|\bhow soon\b",
        low,
    ):
        return QuestionKind.WHEN
    if _LIST.search(low):
        return QuestionKind.LIST
    if re.search(r"\bwhere\b|\bin (?:what|which) (?:country|countries|city|place|region)\b", low):
        return QuestionKind.WHERE
    if re.search(
        r"\bwho\b|\bwhom\b|\bwhose\b|\bwhich (?:person|company|firm|outlet|publication|newspaper)\b", low
    ):
        return QuestionKind.WHO
    if re.search(r"\bhow\b", low):
        return QuestionKind.HOW
    return QuestionKind.WHAT


_WH = r"(?:who|what|when|where|why|how|which|whose|is|are|was|were|does|do|did|can|will|has|have)"
_SPLIT = re.compile(
    rf"(?:\?\s+(?:and\s+)?|,?\s+and\s+(?:also\s+)?)(?=(?:(?:under|in|on|at|by|for|from|to|with|of|about) (?:what|which|whom)|{_WH})\b)",
    re.I,
)
#: "What did open weights bring ...": several things that "they" takes up again.
_SEVERAL_THINGS = re.compile(
    rf"\b(?:{'|'.join(AUXILIARIES)})\s+(?P<things>(?:(?:the|its|their|these|those)\s+)?(?:[a-z-]+\s+)?[a-z-]{{3,}}s)\s+[a-z]+",
)


def _parts(text: str) -> tuple[str, ...]:
    """Two questions in one, each made to stand alone as far as rules can."""
    pieces = [p.strip(" ?,") for p in _SPLIT.split(text) if p and p.strip(" ?,")]
    if len(pieces) < 2 or len(pieces) > 3 or not re.match(rf"^{_WH}\b", pieces[0], re.I):
        return (text,)
    named = [n for n in names(pieces[0])]
    whoever = next((n for n in named if is_person(n, pieces[0])), "") or the_one_who(pieces[0])
    parts = [pieces[0] + "?"]
    for piece in pieces[1:]:
        # "what does it gain and what does it lose": the second part borrows the first part's names.
        has_own = bool(names(piece))
        if whoever and not has_own:
            # "Who runs the lab, and where did he work before?": no product is meant by "he".
            piece = re.sub(r"\b(?:he|she)\b", whoever, piece, count=1, flags=re.I)
        things = _SEVERAL_THINGS.search(pieces[0])
        if things and re.search(r"\bthey\b", piece, re.I):
            piece = re.sub(r"\bthey\b", things["things"], piece, count=1, flags=re.I)
            has_own = True
        subject = next((n for n in named if n.lower() not in piece.lower()), "")
        if subject and (version := re.search(rf"{re.escape(subject)} \d[\d.]*\b", pieces[0])):
            subject = version.group()
        if not has_own and subject and re.search(r"\b(?:it|they|its|their)\b", piece, re.I):
            piece = re.sub(r"\b(?:it|they)\b", subject, piece, count=1, flags=re.I)
        parts.append(piece + "?")
    return tuple(parts)


_REASON = re.compile(
    r"\b(?:because|since|so that|in order to|due to|owing to|thanks to|as a result|to avoid|to keep|to gain|to give|reason"
    r"|therefore|in exchange|the aim|which means|after all|blamed|cites?|citing|allows?|lets?|gains?|driven by)\b",
    re.I,
)


def gives_reason(sentence: str) -> bool:
    """Whether a sentence has the words of a reason."""
    return bool(_REASON.search(sentence))


_PLACE = re.compile(
    r"\b(?:in|on|at|across|from|to|into|inside|through|within|available|near)\s+(?:the\s+)?[A-Z]|\b(?:worldwide|everywhere"
    r"|globally|country|countries|region|app|website|online)\b"
)


#: "apps, glasses and a website": the word for what is listed ("products") often stands nowhere near.
_ENUMERATION = re.compile(r"[\w”’)]+, (?:[^,.;:]{2,45}, )*(?:[^,.;:]{2,45},? )?(?:and|or|plus) [\w“‘]", re.I)
_LISTED = 3.0
_OF_A_KIND = re.compile(r"\b(?:which|what) ([a-z]+)", re.I)


def lists_another_kind(question: str, sentence: str) -> bool:
    """Whether a sentence lists what was not asked for: "three modes: ..." where a question asks which apps."""
    listed, kind = _ENUMERATION.search(sentence), _OF_A_KIND.search(question)
    if listed is None or kind is None:
        return False
    before, colon, _ = sentence[: listed.end()].rpartition(":")
    return bool(colon) and not content_words(kind.group(1)) & content_words(before)


def type_cue(question: str, sentence: str) -> float:
    """Whether a sentence can be of the kind asked for: 1 if it shows the sign, 0 if there is none to look for, -1.

    A list is a surer sign than a figure or a date, of which a report is full, and counts for more than 1.
    """
    kind = kind_of(question)
    if kind is QuestionKind.WHEN:
        timed = re.search(
            r"\b(?:weeks?|months?|years?|days?|today|tomorrow|later|soon|launch|quarter|season|already)\b",
            sentence,
            re.I,
        )
        return (
            1.0
            if event_dates(sentence) or quarters(sentence)
            else (0.2 if timed or dates(sentence) else -1.0)
        )
    if kind is QuestionKind.QUANTITY:
        return 1.0 if figures(sentence) else -1.0
    if kind is QuestionKind.WHO:
        asked = {n.lower() for n in names(question)}
        return 1.0 if any(n.lower() not in asked for n in names(sentence)) else -1.0
    if kind is QuestionKind.WHERE:
        return 0.6 if _PLACE.search(sentence) else -0.6
    if kind is QuestionKind.LIST:
        listed = _ENUMERATION.search(sentence) and not lists_another_kind(question, sentence)
        return _LISTED if listed else 0.0
    if kind is QuestionKind.WHY:
        return 0.8 if gives_reason(sentence) else -0.2
    return 0.0


def unknown_names(question: str, known: Callable[[str], bool]) -> tuple[str, ...]:
    """Names in the question that the sources do not have: what nobody mentions, nobody answers.

    Args:
        question: as asked.
        known: whether a word stands in the sources, in any form.

    Returns:
        Names of which the last word is not known; it tells one of a family from the others.
    """
    last = [(name, name.split()[-1]) for name in names(question)]
    return tuple(name for name, word in last if not known(word) and not known(ROLES.get(word, word)))


#: Offices that a question abbreviates and a report spells out, by the word that tells them apart.
ROLES = {
    "CEO": "executive",
    "CFO": "financial",
    "CTO": "technology",
    "COO": "operating",
    "CMO": "marketing",
    "CIO": "information",
}


_WHICH_ONE = re.compile(
    r"^\s*(?:in |at |from |by )?(?:which|what) (?!(?:price|score|rank|share|percentage|proportion|number|amount|sum|year|date|day|month|time|speed|weight|size|capacity|height|length|width|range|distance|payload|power|temperature|age|fee|rate|interest|discount|budget|salary|resolution)s?\b|is|are|was|were|do|does|did|has|have|had|will|would|can|could)[a-z]+\b",
    re.I,
)


def asks_which(question: str) -> bool:
    """Whether a question asks for one of a kind by its name: which university, what app; "what cashback rate" does not."""
    return bool(_WHICH_ONE.match(question)) and kind_of(question) is not QuestionKind.QUANTITY


def as_claim(question: str, answer: str) -> str:
    """A question with an answer that it may have, as the claim that the evidence model is asked about."""
    return f"{question.rstrip(' ?')}? {answer[:1].upper()}{answer[1:].rstrip('.')}."
