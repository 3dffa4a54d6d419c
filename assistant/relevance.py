"""What cannot answer a question, however alike the words: another product, another measure, a question of its own.

The evidence model says how likely a sentence is to answer. These rules say when it cannot: a question for a number
needs a number, one for a person needs somebody, and what is said of Muse Glimmer is not said of Muse Spark. A rule
speaks only where its sign is plain; everything else is left to the model. Rules err too ("ppl" are patients), so what one
speaks against is doubted, not struck out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import replace

from assistant.evidence import sentence_before
from assistant.kinship import of_another_kind, of_another_role, of_no_name
from assistant.models import Evidence
from assistant.occasions import another_version
from assistant.question import ROLES, QuestionKind, kind_of, lists_another_kind
from assistant.terms import content_words, dates, figures, names, quarters, tokens

#: What a rule's word weighs, in log-odds; the development questions were best served by about this much.
DOUBT = 2.0
#: And where a quote speaks of another product, which is worse than no answer.
OF_ANOTHER = 4.0


def doubted(score: float, weight: float = DOUBT) -> float:
    """The probability that a quote answers after a rule of this weight (log-odds) spoke against it."""
    return score / (score + (1.0 - score) * math.exp(weight))


def weighed(question: str, evidence: Evidence, own: Collection[str] = ()) -> Evidence:
    """The evidence with the scores that are left of it after the rules; see `can_answer`."""
    weight = _spoken_against(question, evidence, own)
    if not weight:
        return evidence
    score, alone = doubted(evidence.score, weight), doubted(evidence.own_score, weight)
    return replace(evidence, score=score, own_score=alone)


def can_answer(question: str, evidence: Evidence, own: Collection[str] = ()) -> bool:
    """Whether a quote can be an answer at all.

    Args:
        question: stands alone.
        evidence: the quote in its passage.
        own: the launch's own names; they are understood where they are not said.
    """
    return not _spoken_against(question, evidence, own)


def _spoken_against(question: str, evidence: Evidence, own: Collection[str]) -> float:
    """How much a rule's word weighs against a quote; 0 where none speaks against it."""
    quote = evidence.quote
    if not about(question, evidence, own):
        return OF_ANOTHER
    if quote.rstrip(" ”\"'’)").endswith("?"):
        return DOUBT
    if _OF_ITSELF.match(quote) and not _OF_REPORTS.search(question):
        return DOUBT
    if not _names_it(question, evidence, own) or not _in_context(question, evidence):
        return DOUBT
    told = f"{sentence_before(evidence)} {quote}"
    if of_another_kind(question, told) or of_another_role(question, told) or of_no_name(question, told):
        return DOUBT
    rule = _RULES.get(kind_of(question))
    return 0.0 if rule is None or rule(question, quote) else DOUBT


_REPORT = "report|article|piece|summary|story|column|analysis|post|review|brief|interview"
#: "The report deals with the app": what an article says of itself, which is not what it says of the launch.
_OF_ITSELF = re.compile(
    rf"(?:the|this|our|an?) (?:{_REPORT})(?: of [\w' ]{{2,40}})?(?:,[^,]{{3,60}},)?\s+(?:also\s+)?"
    r"(?:deals|is about|looks|covers|turns|goes into|appeared|was written|sets out|focuses|concentrates|weighs)\b",
    re.I,
)
_OF_REPORTS = re.compile(rf"\b(?:{_REPORT}|author|writer|sources?)", re.I)
_IT = re.compile(r"\b(?:it|its)\b", re.I)


def about(question: str, evidence: Evidence, own: Collection[str] = ()) -> bool:
    """Whether a quote names nothing that stands in the place of a name in the question (another model, place).

    Where a figure or a date of "it" is asked for and nothing is named, the launch (the first of `own`) is meant.
    """
    if another_version(question, evidence.quote):
        return False
    asked, found = names(question), names(evidence.quote)
    if not asked and _IT.search(question) and kind_of(question) in (QuestionKind.QUANTITY, QuestionKind.WHEN):
        asked = tuple(own)[:1]
    for name in asked:
        words = name.split()
        if not words or name in evidence.quote or words[-1].lower() in evidence.quote.lower():
            continue
        for other in found:
            rest = other.split()
            if len(words) > 1 and len(rest) > 1 and rest[0] == words[0] and rest[-1] != words[-1]:
                return False
    return True


def _names_it(question: str, evidence: Evidence, own: Collection[str]) -> bool:
    """Whether what the question names stands in the quote, in the sentence before it, or in the article's title."""
    known = {name.lower() for name in own}
    article = evidence.hit.article
    near = content_words(f"{sentence_before(evidence)} {evidence.quote} {article.title} {article.publisher}")
    asked = [n for n in names(question) if n.lower() not in known]
    last = [name.split()[-1] for name in asked]
    return not asked or any(content_words(ROLES.get(word, word)) & near for word in last)


#: What a follow-up was asked after, where nothing in it could be filled; see `assistant.followup`.
_CONTEXT = re.compile(r"\(([^()]+)\)\?$")


def _in_context(question: str, evidence: Evidence) -> bool:
    """Whether a quote, or the sentence before it, has to do with what a follow-up was asked after."""
    asked = _CONTEXT.search(question)
    if asked is None or not (of := content_words(asked.group(1))):
        return True
    return bool(of & content_words(f"{sentence_before(evidence)} {evidence.quote}"))


def without_context(question: str) -> str:
    """A follow-up without what it was asked after."""
    bare = _CONTEXT.sub("", question).rstrip()
    if not bare or bare == question:
        return question
    return bare if bare.endswith("?") else f"{bare}?"


def mentioned(question: str, evidence: Evidence, own: Collection[str] = ()) -> bool:
    """Whether the passage names everything that the question names, but for the launch's own names."""
    known = {name.lower() for name in own}
    near = content_words(f"{evidence.hit.article.title} {evidence.hit.passage.text}")
    return all(content_words(n.split()[-1]) & near for n in names(question) if n.lower() not in known)


_MANY = re.compile(
    r"\bhow many (?P<of>of (?:the|its|their) )?(?:more |other |different |new )?(?P<noun>[a-z][\w-]*)", re.I
)
_MONEY = re.compile(
    r"\bhow much (?:does|do|did|will|would|is|are|was|were|has|have)\b.*\b(?:cost|costs|pay|charged?|worth|sell|sold|price)\b"
    r"|\bwhat\b.*\b(?:cost|costs|price)\b|\bhow (?:expensive|cheap)\b",
    re.I,
)
_COSTS = re.compile(
    r"[$€£¥]|\b(?:free|price[sd]?|pricing|cost(?:s|ing)?|pay(?:s|ing)?|paid|charges?|charged|fee|dollars?|euros?|pounds?|cents?"
    r"|expensive|cheap(?:er)?|subscription|kron(?:or|er|e)|yen|yuan|rupees?|francs?)\b",
    re.I,
)
_COUNTS = re.compile(
    r"\b(?:no|none|nobody|neither|both|half|third|quarter|double|twice|triple|dozens?|hundreds?|thousands?|millions?|"
    r"billions?|multi-?(?:million|billion|trillion)|one|single|once|several|few|many|most|all|every|unlimited|free|nothing|undisclosed|only)\b",
    re.I,
)
_TIMES = re.compile(
    r"\b(?:weeks?|months?|years?|days?|hours?|minutes?|today|tonight|tomorrow|yesterday|morning|evening|later|soon|launch|"
    r"quarter|season|spring|summer|autumn|fall|winter|already|now|never|once|first|after|before|until|since|when|next|last|"
    r"ago|yet|still|immediately|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{1,2}[:.]\d{2})\b",
    re.I,
)
_SOMEBODY = re.compile(
    r"\b(?:company|firm|maker|users?|people|customers?|developers?|partners?|everyone|everybody|anyone|anybody|nobody|staff|"
    r"employees|engineers?|researchers?|analysts?|investors?|critics?|doctors?|patients?|adults|children|students|schools|"
    r"drivers?|owners?|buyers?|subscribers?|members?|team|lab|founder|he|she|they|we|authority|agency|government|"
    r"ministry|regulator|board|union|university|institute|police|coastguard)\b",
    re.I,
)
#: What is counted in these is often told without them: "stands at 57", "won 8 of 10".
_UNITS = frozenset("points percent percents per stars times things ppl".split())
_PEOPLE = frozenset(
    "peopl user custom subscrib reader listen viewer person member buyer worker staff employe".split()
)


def _quantity(question: str, quote: str) -> bool:
    if not (figures(quote) or dates(quote) or _COUNTS.search(quote)):
        return False
    if (counted := _MANY.search(question)) and counted["noun"].lower() not in _UNITS:
        noun, held = content_words(counted["noun"]), content_words(quote)
        if noun and not noun & held and not (noun & _PEOPLE and held & _PEOPLE):
            return False
        # "81 per cent of the beds" does not say how many beds there are.
        if not counted["of"] and {figure.unit for figure in figures(quote)} == {"%"}:
            return False
    return not _MONEY.search(question) or bool(_COSTS.search(quote) or figures(quote))


def _when(question: str, quote: str) -> bool:
    return bool(dates(quote) or quarters(quote) or _TIMES.search(quote))


def _list(question: str, quote: str) -> bool:
    return not lists_another_kind(question, quote)


def _who(question: str, quote: str) -> bool:
    asked = {w.lower() for name in names(question) for w in tokens(name)}
    others = [n for n in names(quote) if not all(w.lower() in asked for w in tokens(n))]
    return bool(others) or bool(_SOMEBODY.search(quote))


_RULES = {
    QuestionKind.QUANTITY: _quantity,
    QuestionKind.WHEN: _when,
    QuestionKind.WHO: _who,
    QuestionKind.LIST: _list,
}
