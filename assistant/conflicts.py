"""Where articles differ: quotes that answer the same question with other figures, other dates, or yes against no.

A conflict is only called when the two quotes are about the same thing and neither contains the other's value; a
rounder figure ("about 14 billion" beside 14.3) differs, a less exact date ("April" beside "8 April") does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.distortion import has_opposite
from assistant.models import Evidence
from assistant.occasions import event_dates
from assistant.question import QuestionKind, asks_which, parse_question
from assistant.relevance import about
from assistant.replies import has_reply, reply_value
from assistant.sides import met, side
from assistant.synonyms import meanings
from assistant.terms import (
    MONTHS,
    Day,
    Figure,
    content_words,
    dates,
    figures,
    names,
    overlap,
    tokens,
)
from assistant.values import other_unit


@dataclass(frozen=True, slots=True)
class Difference:
    """Evidence grouped by the value that it gives; `sides` by the day of the best of each, newest first."""

    subject: str
    sides: tuple[tuple[str, tuple[Evidence, ...]], ...]


def find_difference(question: str, evidence: Sequence[Evidence]) -> Difference | None:
    """The difference among pieces of evidence from different articles, or None where they agree.

    Args:
        question: the stand-alone question.
        evidence: sentences that answer it, best first.
    """
    if len({e.hit.article.id for e in evidence}) < 2:
        return None
    kind = parse_question(question).kind
    by_words = _reader(kind, question)
    if by_words is None:
        return None

    def read(e: Evidence) -> frozenset[object]:
        return reply_value(question, e) or by_words(e)

    top = next((e for e in evidence if read(e)), None)
    if top is None or top.score < 0.8 * evidence[0].score or not about(question, top):
        return None
    groups: list[tuple[frozenset[object], list[Evidence]]] = [(read(top), [top])]
    for other in evidence:
        value = read(other)
        if other is not top and (has_reply(top, other) or has_reply(other, top)):
            groups[0][1].append(other)
            continue
        if other is top or not value or not _same_subject(question, kind, top, other):
            continue
        for index, (held, members) in enumerate(groups):
            if _compatible(held, value):
                groups[index] = (held & value or held, [*members, other])
                break
        else:
            # Two figures in one article are two facts, not a contradiction.
            if all(other.hit.article.id not in {m.hit.article.id for m in members} for _, members in groups):
                groups.append((value, [other]))
    groups = groups[:1] + [group for group in groups[1:] if not _outweighed(question, group[1], groups[0][1])]
    if len(groups) < 2:
        return None
    sides = [(_spell(value), tuple(members)) for value, members in groups]
    sides.sort(key=lambda side: max(side[1], key=_score).hit.article.published or date.min, reverse=True)
    return Difference(" ".join(question.rstrip(" ?").split()), tuple(sides))


#: So many articles that agree outweigh another that answers the question less than half as surely.
_MANY, _LESS_SURE = 3, 0.5


def _outweighed(question: str, few: Sequence[Evidence], many: Sequence[Evidence]) -> bool:
    """Whether what stands against many reports answers the question so much less surely that it may answer another."""
    # A figure or a date that the model reads as the short answer answers this question; a name stands in any sentence.
    if any(e.reply and e.score >= _SURE and not _is_name(question, e) for e in few):
        return False
    if len({e.hit.article.id for e in few}) > 1 or len({e.hit.article.id for e in many}) < _MANY:
        return False
    return max(map(_score, few)) < _LESS_SURE * max(map(_score, many))


def _is_name(question: str, evidence: Evidence) -> bool:
    return any(isinstance(v, str) and v not in ("yes", "no") for v in reply_value(question, evidence))


def _score(evidence: Evidence) -> float:
    return evidence.score


def _reader(kind: QuestionKind, question: str) -> Callable[[Evidence], frozenset[object]] | None:
    """How to read off a quote what this kind of question asks for; None where there is nothing to compare."""
    if kind is QuestionKind.WHEN:
        return lambda e: event_dates(e.quote) - dates(question)
    if kind is QuestionKind.YES_NO:
        return lambda e: side(question, e.quote)
    if kind in (QuestionKind.WHO, QuestionKind.WHERE) or asks_which(question):
        return lambda e: _new_names(question, e)
    if _MADE_OF.search(question):
        return lambda e: frozenset(m.group().lower() for m in _MATERIAL.finditer(e.quote))
    if kind in (QuestionKind.QUANTITY, QuestionKind.WHAT, QuestionKind.LIST):
        return lambda e: frozenset(figures(e.quote)) - figures(question)
    return None


_MADE_OF = re.compile(r"\bmade (?:of|from|out of)\b", re.I)
_MATERIAL = re.compile(
    r"\b(?:alumini?um|bamboo|brass|bronze|cardboard|carbon fib(?:re|er)|cellulose|ceramics?|copper|cork|cotton|glass|gold|graphene"
    r"|iron|leather|linen|magnesium|nickel|nylon|paper|plastics?|polyester|porcelain|resin|rubber|silicone|silk|silver|steel"
    r"|stone|titanium|tungsten|wood|wool|zinc)\b",
    re.I,
)


def _new_names(question: str, evidence: Evidence) -> frozenset[object]:
    """Names in a quote that are neither in the question nor in the article's title; more than two are a list."""
    known = (
        content_words(question)
        | content_words(evidence.hit.article.title)
        | content_words(evidence.hit.article.publisher)
    )
    found = [name for name in names(evidence.quote) if not content_words(name) & known]
    return frozenset(found) if len(found) <= 2 else frozenset()


def _compatible(a: frozenset[object], b: frozenset[object]) -> bool:
    """Whether two sets of values can both be true."""
    if a & b or not {type(x) for x in a} & {type(y) for y in b}:
        return True
    for x in a:
        for y in b:
            if isinstance(x, Day) and isinstance(y, Day) and x.agrees(y):
                return True
            if (
                isinstance(x, Figure)
                and isinstance(y, Figure)
                and x.unit == y.unit
                and _rounded(x.value, y.value)
            ):
                return True
            if isinstance(x, str) and isinstance(y, str) and content_words(x) & content_words(y):
                return True
    ours = [x for x in a if isinstance(x, Figure)]
    theirs = [y for y in b if isinstance(y, Figure)]
    # Figures of different units do not speak of the same thing.
    return bool(ours and theirs) and not {f.unit for f in ours} & {f.unit for f in theirs}


def _rounded(a: float, b: float) -> bool:
    """Whether one figure is the other, rounded to a figure that ends in noughts: 10 million for 10.4 million."""
    small, large = sorted((abs(a), abs(b)))
    if large < 100 or not small:
        return False
    if large < 1000:
        return (a % 100 == 0) != (b % 100 == 0) and abs(a - b) <= 0.005 * large
    for digits in (1, 2):
        step = 10 ** (len(str(int(large))) - digits)
        for rounded, exact in ((a, b), (b, a)):
            near = abs(rounded - exact) <= min(step / 2, 0.05 * large)
            if near and rounded % step == 0 and exact % step:
                return True
    return False


def _same_subject(question: str, kind: QuestionKind, a: Evidence, b: Evidence) -> bool:
    """Whether two quotes speak of the same thing: of what was asked, and in the same measure."""
    if not about(question, b):
        return False
    replied = bool(a.reply and b.reply)
    if replied and other_unit(a.reply or "", b.reply or ""):
        return False
    # A name that is not asked about has figures, and a yes or no, of its own.
    named = kind in (QuestionKind.YES_NO, QuestionKind.QUANTITY)
    sure = replied and kind is QuestionKind.QUANTITY and min(a.score, b.score) >= _SURE
    if named and not sure and (_elsewhere(question, a) or _elsewhere(question, b)):
        return False
    asked = content_words(question) - content_words(" ".join(names(question)))
    if kind is QuestionKind.YES_NO:
        # What is planned or hoped for later does not contradict what is so today.
        later = bool(_LATER.search(question))
        if any(bool(_LATER.search(e.quote)) != later for e in (a, b)):
            return False
        if replied:
            return True
        ours, theirs = met(question, a.quote), met(question, b.quote)
        # "Closed" beside "not open" says the same, where the question used neither word.
        if has_opposite(a.quote, b.quote) and not has_opposite(question, f"{a.quote} {b.quote}"):
            return False
        enough = max(1, round(0.6 * len(asked)))
        alike = overlap(content_words(a.quote), content_words(b.quote)) >= 0.6
        return (alike and min(len(ours), len(theirs)) >= enough) or len(ours & theirs) >= max(
            2, len(asked) - 1
        )
    if kind is QuestionKind.WHERE:
        # A place is often told twice, as the town and as its country, so only the question's own words count for it.
        ours, theirs = (asked & content_words(e.quote) for e in (a, b))
    else:
        sense = meanings(question) - meanings(" ".join(names(question)))
        ours, theirs = (sense & meanings(e.quote) for e in (a, b))
    if _events(a.quote) and _events(b.quote) and not _events(a.quote) & _events(b.quote):
        return False
    counted = kind in (QuestionKind.QUANTITY, QuestionKind.WHAT, QuestionKind.LIST)
    if counted and _of_another_size(figures(a.quote), figures(b.quote)):
        return False
    # What was before is no other value of what is.
    if kind is QuestionKind.QUANTITY and bool(_BEFORE.search(a.quote)) != bool(_BEFORE.search(b.quote)):
        return False
    if _without(a.quote) & content_words(b.quote) - _without(b.quote):
        return False
    if _without(b.quote) & content_words(a.quote) - _without(a.quote):
        return False
    extents = [{w for w in tokens(e.quote.lower()) if w in _EXTENTS} for e in (a, b)]
    if all(extents) and not extents[0] & extents[1]:
        return False
    # A place is told as the town or as its country, so that two names need not differ; days are many in every report.
    if (
        replied
        and kind is not QuestionKind.WHERE
        and (kind is not QuestionKind.WHEN or min(a.score, b.score) >= _SURE)
    ):
        return True
    nouns = _measures(a.quote), _measures(b.quote)
    if counted and all(nouns):
        return bool(nouns[0] & nouns[1])
    if kind is QuestionKind.WHERE:
        return bool(ours & theirs)
    return (
        bool(ours & theirs)
        or (bool(ours) and _opens_with_pronoun(b.quote))
        or (bool(theirs) and _opens_with_pronoun(a.quote))
    )


#: From which score on a name beside the point takes nothing from an answer.
_SURE = 0.3


#: Nobody reports one thing so many times as large as somebody else does: 9 million is no other word for 12.
_FAR_APART = 100.0


def _of_another_size(ours: Collection[Figure], theirs: Collection[Figure]) -> bool:
    pairs = [sorted((abs(x.value), abs(y.value))) for x in ours for y in theirs if x.unit == y.unit]
    return bool(pairs) and all(small * _FAR_APART < large for small, large in pairs)


#: What may happen to a product on a day; a quote about one of them says nothing of the day of another.
_EVENTS = {
    word: event
    for event, words in {
        "announcement": "announced announces announcement unveiled unveils revealed presented introduced showed",
        "sale": "sale sales shops shipped ships shipping delivered deliveries sold orders",
        "approval": "approved approval cleared permit",
        "end": "ended ends discontinued withdrawn recalled",
    }.items()
    for word in words.split()
}


def _events(text: str) -> frozenset[str]:
    return frozenset(_EVENTS[w] for w in tokens(text.lower()) if w in _EVENTS)


def _without(text: str) -> frozenset[str]:
    """Stems of what a quote leaves out: "480 grams without a lens"."""
    left_out = re.findall(
        r"\b(?:without|excluding|before)\s+(?:an?\s+|the\s+|its\s+|any\s+)?([a-z]+)", text.lower()
    )
    return content_words(" ".join(left_out))


_BEFORE = re.compile(r"\b(?:stood|was|were|had) .*\bbefore\b|\b(?:previously|formerly|used to)\b", re.I)
_LATER = re.compile(r"\b(?:later|hopes?|plans?|planned|may|might|could|one day|future)\b", re.I)
_EXTENTS = frozenset("long high tall wide deep thick heavy old fast large far".split())


def _elsewhere(question: str, evidence: Evidence) -> bool:
    """Whether a quote misses a name that the question has and brings another: Korea where Japan was asked."""
    low = evidence.quote.lower()
    missing = [n for n in names(question) if n.split()[-1].lower() not in low]
    return bool(missing) and bool(_new_names(question, evidence))


def _opens_with_pronoun(quote: str) -> bool:
    return bool(re.match(r"(?:It|Its|He|She|They|Their|His|Her)\b", quote))


_FOLLOWED = re.compile(
    r"(?<![\w.])\d[\d.,]*(?:\s?(?:thousand|million|billion|trillion|bn|m|k))?[\s-]+(?:[a-z]+ly\s+)?([a-z]{2,}(?:/[a-z]+)?)",
    re.I,
)
_PLAIN = frozenset(
    """the and for its our per with from that than but more less over under about out a to of in on at by as is was or an
    it we he she they this if not be are were has had""".split()
)


_RANK = re.compile(r"\b(?:No\.|number)\s?\d+\b")
_PEOPLE = frozenset("user custom subscrib reader listen viewer person".split())


def _measures(text: str) -> frozenset[str]:
    """Stems of the nouns that figures count: "12 hours" gives hour, "No. 6" a rank; users and customers are people."""
    ranks = frozenset({"rank"} if _RANK.search(text) else ())
    return ranks | frozenset(
        "peopl" if word in _PEOPLE else word
        for m in _FOLLOWED.finditer(text)
        if m.group(1).lower() not in _PLAIN and m.group(1).lower() not in MONTHS
        for word in content_words(m.group(1).replace("/", " "))
    )


def _spell(value: frozenset[object]) -> str:
    words = []
    for item in sorted(value, key=str):
        if isinstance(item, Figure):
            sign = item.unit if item.unit in "$€£¥" else ""
            words.append(f"{sign}{_in_words(item.value)}{' %' if item.unit == '%' else ''}")
        elif isinstance(item, Day):
            words.append("-".join(f"{part:02d}" for part in (item.year, item.month, item.day) if part))
        else:
            words.append(str(item))
    return ", ".join(words)


def _in_words(value: float) -> str:
    """A figure as people write it: 1,290 or 14.3 billion."""
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if abs(value) >= size:
            return f"{value / size:,.10g} {word}"
    return f"{value:,.10g}"
