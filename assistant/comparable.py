"""Whether two quotes speak of the same thing, so that what one says can be another answer to a question than what the other says.

Most figures that differ belong to different things: another product, another test, a hope and a result, a bound and what
keeps it. A difference is only told between quotes that could not both be true of what was asked.
"""

from __future__ import annotations

import re

from assistant.attribution import reporters
from assistant.counted import counts_another, measures, of_another, of_another_size, roughly, within_bound
from assistant.distortion import has_opposite
from assistant.measures import measured, same_quantity
from assistant.models import Evidence
from assistant.occasions import Stretch
from assistant.ordinary import names_nobody
from assistant.places import countries_in, is_large
from assistant.question import QuestionKind
from assistant.relevance import about
from assistant.replies import nearly, reply_value
from assistant.sides import met
from assistant.synonyms import meanings
from assistant.terms import (
    Day,
    Figure,
    content_words,
    figures,
    names,
    negations,
    overlap,
    tokens,
)
from assistant.values import CURRENCIES, other_unit

#: From which score on a sentence is taken to answer, though it lacks a name that was asked about or stands against many.
SURE = 0.3
#: From where on it answers so surely that what it names besides cannot be what it speaks of.
SURELY = 0.5
#: And from which two places that are told as answers are two: one place is often told as the town and as its quarter.
LIKELY = 0.5


def compatible(a: frozenset[object], b: frozenset[object]) -> bool:
    """Whether two sets of values can both be true."""
    if a & b or not set(map(_sort_of, a)) & set(map(_sort_of, b)):
        return True
    for x in a:
        for y in b:
            if isinstance(x, Day) and isinstance(y, Day) and x.agrees(y):
                return True
            if (isinstance(x, Stretch) and isinstance(y, Day | Stretch) and x.agrees(y)) or (
                isinstance(y, Stretch) and isinstance(x, Day) and y.agrees(x)
            ):
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


def _sort_of(value: object) -> type:
    """What a value can be compared with: a part of a year with a day."""
    return Day if isinstance(value, Stretch) else type(value)


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


def new_names(question: str, evidence: Evidence) -> frozenset[object]:
    """Names in a quote that are neither in the question nor in the article's title; more than two are a list."""
    known = (
        content_words(question)
        | content_words(evidence.hit.article.title)
        | content_words(evidence.hit.article.publisher)
        | reporters(question, evidence.quote)
    )
    found = [
        name
        for name in names(evidence.quote)
        if not content_words(name) & known and not names_nobody(name, evidence.quote)
    ]
    return frozenset(found) if len(found) <= 2 else frozenset()


def same_subject(question: str, kind: QuestionKind, a: Evidence, b: Evidence) -> bool:
    """Whether two quotes speak of the same thing: of what was asked, and in the same measure."""
    if not about(question, b):
        return False
    replied = bool(a.reply and b.reply)
    if replied and (other_unit(a.reply or "", b.reply or "") or same_quantity(a.reply or "", b.reply or "")):
        return False
    if kind is QuestionKind.WHAT and replied and counts_another(a.reply or "", b.reply or ""):
        return False
    if kind is not QuestionKind.WHERE and any(_other_place(question, e) for e in (a, b)):
        return False
    if any(_opens_with_another(question, e) for e in (a, b)):
        return False
    if kind in (QuestionKind.YES_NO, QuestionKind.QUANTITY) and _one_elsewhere(question, kind, a, b):
        return False
    if kind is QuestionKind.YES_NO:
        return _one_matter(question, a, b)
    if kind is not QuestionKind.WHEN and bool(_AIM.search(a.quote)) != bool(_AIM.search(b.quote)):
        # What is hoped for is no other figure for what is.
        return False
    counted = kind in (QuestionKind.QUANTITY, QuestionKind.WHAT, QuestionKind.LIST)
    if counted and _other_figures(question, kind, a, b):
        return False
    if _other_circumstances(a, b):
        return False
    if kind is QuestionKind.WHERE:
        return _one_place(question, a, b)
    return _one_value(question, kind, a, b)


def _one_elsewhere(question: str, kind: QuestionKind, a: Evidence, b: Evidence) -> bool:
    """Whether a quote that is not sure to answer tells of a name that was not asked about: it has figures of its own."""
    replied = bool(a.reply and b.reply)
    if min(a.score, b.score) >= (SURE if replied else SURELY) or (replied and nearly(question, a, b)):
        return False
    entitled = replied and kind is QuestionKind.YES_NO
    return any(_elsewhere(question, e, entitled=entitled) for e in (a, b))


def _one_matter(question: str, a: Evidence, b: Evidence) -> bool:
    """Whether a yes and a no are said of the same."""
    replied = bool(a.reply and b.reply)
    # What is planned or hoped for later does not contradict what is so today.
    # Where each side was read as one, "may" is a word like any other: "so that drinkers may start it from bed".
    to_come = _PLANNED if replied else _LATER
    later = bool(to_come.search(question))
    if any(bool(to_come.search(e.quote)) != later for e in (a, b)):
        return False
    alike = overlap(content_words(a.quote), content_words(b.quote))
    if replied:
        # What is said in the same words, with as many denials, is no yes to the other's no.
        return alike < _SAID_ALIKE or negations(a.quote) != negations(b.quote)
    # "Closed" beside "not open" says the same, where the question used neither word.
    if has_opposite(a.quote, b.quote) and not has_opposite(question, f"{a.quote} {b.quote}"):
        return False
    ours, theirs = met(question, a.quote), met(question, b.quote)
    asked = content_words(question) - content_words(" ".join(names(question)))
    enough = max(1, round(0.6 * len(asked)))
    return (alike >= 0.6 and min(len(ours), len(theirs)) >= enough) or len(ours & theirs) >= max(
        2, len(asked) - 1
    )


def _other_figures(question: str, kind: QuestionKind, a: Evidence, b: Evidence) -> bool:
    """Whether the figures of two quotes do not count the same: another thing's, a bound, one long before."""
    if any(of_another(question, e) for e in (a, b)):
        return True
    if within_bound(a, b) or within_bound(b, a) or roughly(a, b) or roughly(b, a):
        return True
    told = [reply_value(question, e) or measured(e.quote) for e in (a, b)]
    if of_another_size(*([f for f in values if isinstance(f, Figure)] for values in told)):
        return True
    # What was before is no other value of what is.
    return kind is QuestionKind.QUANTITY and bool(_BEFORE.search(a.quote)) != bool(_BEFORE.search(b.quote))


def _other_circumstances(a: Evidence, b: Evidence) -> bool:
    """Whether two quotes tell of different events, of different extents, or one of what the other leaves out."""
    events = _events(a.quote), _events(b.quote)
    if all(events) and not events[0] & events[1]:
        return True
    left_out = _without(a.quote), _without(b.quote)
    if (
        left_out[0] & content_words(b.quote) - left_out[1]
        or left_out[1] & content_words(a.quote) - left_out[0]
    ):
        return True
    extents = [{w for w in tokens(e.quote.lower()) if w in _EXTENTS} for e in (a, b)]
    return all(extents) and not extents[0] & extents[1]


def _one_place(question: str, a: Evidence, b: Evidence) -> bool:
    """Whether two quotes say where the same thing is."""
    replied = bool(a.reply and b.reply)
    # A place is told as the town or as its country, so that two names need not differ.
    if replied and is_large(a.reply or "") != is_large(b.reply or ""):
        return False
    if replied and min(a.score, b.score) >= LIKELY:
        return True
    # It is often told twice, as the town and as its country, so only the question's own words count for it.
    asked = content_words(question) - content_words(" ".join(names(question)))
    return bool(asked & content_words(a.quote) & content_words(b.quote))


def _one_value(question: str, kind: QuestionKind, a: Evidence, b: Evidence) -> bool:
    """Whether two quotes give the same thing's figure, day or name."""
    replied = bool(a.reply and b.reply)
    # Days are many in every report.
    surely = SURE if kind is QuestionKind.WHEN else 0.0
    figure = kind is QuestionKind.QUANTITY and bool(a.reply) and nearly(question, a, b)
    if (replied or figure) and min(a.score, b.score) >= surely:
        return True
    if kind in (QuestionKind.QUANTITY, QuestionKind.WHAT, QuestionKind.LIST):
        units = ({f.unit for f in measured(e.quote)} - {"", "%", *CURRENCIES} for e in (a, b))
        if set.intersection(*units):
            return True
        nouns = measures(a.quote), measures(b.quote)
        if all(nouns):
            return bool(nouns[0] & nouns[1])
    # Where no number is asked for, any sentence may have one.
    if kind is QuestionKind.WHAT and not replied and figures(a.quote) and figures(b.quote):
        return False
    sense = meanings(question) - meanings(" ".join(names(question)))
    ours, theirs = (sense & meanings(e.quote) for e in (a, b))
    return (
        bool(ours & theirs)
        or (bool(ours) and _opens_with_pronoun(b.quote))
        or (bool(theirs) and _opens_with_pronoun(a.quote))
    )


#: From which share of their words on two quotes say a thing alike.
_SAID_ALIKE = 0.5
#: So many characters are an article's first lines, which say what it is about.
_LEAD = 300
_AIM = re.compile(r"\b(?:aim(?:s|ed|ing)?|hop(?:es?|ed|ing)|goal|target(?:s|ed)?|want(?:s|ed)? to)\b", re.I)
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
_PLANNED = re.compile(r"\b(?:later|hopes?|plans?|planned|one day|future)\b", re.I)
_EXTENTS = frozenset("long high tall wide deep thick heavy old fast large far".split())


def _other_place(question: str, evidence: Evidence) -> bool:
    """Whether a quote speaks of another country than the question: of Korea where Japan was asked."""
    asked, told = countries_in(question), countries_in(evidence.quote)
    return bool(asked and told) and not asked & told


#: "The Bolge was designed by ...": what a sentence opens with is what it speaks of.
_OPENS = re.compile(
    r"(?:The|Its|Their|An?|Our) (?P<name>[A-Z][\w-]*(?: [A-Z\d][\w-]*)*),?(?: (?:an?|its|the) [^,]{2,40},)? "
    r"(?:is|was|are|were|will|has|had|can|costs?|weighs?|lasts?|runs?|starts?|sells?|goes|comes|ships?|arrives?)\b"
)


def _opens_with_another(question: str, e: Evidence) -> bool:
    """Whether a quote opens with a thing of another name, and has nothing that the question names."""
    asked = names(question)
    opens = _OPENS.match(e.quote)
    if opens is None or not asked or any(content_words(n) & content_words(e.quote) for n in asked):
        return False
    known = content_words(f"{question} {e.hit.article.title} {e.reply or ''}")
    return not content_words(opens["name"]) & known


def _elsewhere(question: str, evidence: Evidence, *, entitled: bool) -> bool:
    """Whether a quote misses a name that the question has and brings another: Korea where Japan was asked.

    Where `entitled`, what its article names in the title or in its first lines need not be named again.
    """
    article = evidence.hit.article
    heading = f"{article.title} {article.text[:_LEAD]}" if entitled else ""
    low = f"{evidence.quote} {heading}".lower()
    missing = [n for n in names(question) if n.split()[-1].lower() not in low]
    return bool(missing) and bool(new_names(question, evidence))


def _opens_with_pronoun(quote: str) -> bool:
    return bool(re.match(r"(?:It|Its|He|She|They|Their|His|Her)\b", quote))
