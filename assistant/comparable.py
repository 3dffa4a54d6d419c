"""Whether two quotes speak of the same thing, so that what one says can be another answer to a question than what the other says.

Most figures that differ belong to different things: another product, another test, a hope and a result, a bound and what
keeps it. A difference is only told between quotes that could not both be true of what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from assistant.attribution import reporters, speakers
from assistant.distortion import has_opposite
from assistant.measures import measured, same_quantity
from assistant.models import Evidence
from assistant.occasions import Stretch
from assistant.ordinary import is_ordinary
from assistant.places import countries_in, is_large
from assistant.question import QuestionKind
from assistant.relevance import about
from assistant.replies import nearly, reply_value
from assistant.sides import met
from assistant.synonyms import meanings
from assistant.terms import (
    MONTHS,
    Day,
    Figure,
    content_words,
    figures,
    names,
    negations,
    overlap,
    spans_of_figures,
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
        if not content_words(name) & known and not (evidence.quote.startswith(name) and is_ordinary(name))
    ]
    return frozenset(found) if len(found) <= 2 else frozenset()


def same_subject(question: str, kind: QuestionKind, a: Evidence, b: Evidence) -> bool:
    """Whether two quotes speak of the same thing: of what was asked, and in the same measure."""
    if not about(question, b):
        return False
    replied = bool(a.reply and b.reply)
    if replied and (other_unit(a.reply or "", b.reply or "") or same_quantity(a.reply or "", b.reply or "")):
        return False
    if kind is QuestionKind.WHAT and replied and _counts_another(a.reply or "", b.reply or ""):
        return False
    # A name that is not asked about has figures, and a yes or no, of its own.
    named = kind in (QuestionKind.YES_NO, QuestionKind.QUANTITY)
    if kind is not QuestionKind.WHERE and (_other_place(question, a) or _other_place(question, b)):
        return False
    if _opens_with_another(question, a) or _opens_with_another(question, b):
        return False
    sure = min(a.score, b.score) >= (SURE if replied else SURELY) or (replied and nearly(question, a, b))
    entitled = replied and kind is QuestionKind.YES_NO
    if named and not sure and any(_elsewhere(question, e, entitled=entitled) for e in (a, b)):
        return False
    asked = content_words(question) - content_words(" ".join(names(question)))
    if kind is QuestionKind.YES_NO:
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
        ours, theirs = met(question, a.quote), met(question, b.quote)
        # "Closed" beside "not open" says the same, where the question used neither word.
        if has_opposite(a.quote, b.quote) and not has_opposite(question, f"{a.quote} {b.quote}"):
            return False
        enough = max(1, round(0.6 * len(asked)))
        return (alike >= 0.6 and min(len(ours), len(theirs)) >= enough) or len(ours & theirs) >= max(
            2, len(asked) - 1
        )
    if kind is QuestionKind.WHERE:
        # A place is often told twice, as the town and as its country, so only the question's own words count for it.
        ours, theirs = (asked & content_words(e.quote) for e in (a, b))
    else:
        sense = meanings(question) - meanings(" ".join(names(question)))
        ours, theirs = (sense & meanings(e.quote) for e in (a, b))
    counted = kind in (QuestionKind.QUANTITY, QuestionKind.WHAT, QuestionKind.LIST)
    # What is hoped for is no other figure for what is.
    if kind is not QuestionKind.WHEN and bool(_AIM.search(a.quote)) != bool(_AIM.search(b.quote)):
        return False
    if counted and (_of_another(question, a) or _of_another(question, b)):
        return False
    if counted and (_within_bound(a, b) or _within_bound(b, a) or _about(a, b) or _about(b, a)):
        return False
    if _events(a.quote) and _events(b.quote) and not _events(a.quote) & _events(b.quote):
        return False
    told = [reply_value(question, e) or measured(e.quote) for e in (a, b)]
    if counted and _of_another_size(*([f for f in values if isinstance(f, Figure)] for values in told)):
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
    if kind is QuestionKind.WHERE and replied and is_large(a.reply or "") != is_large(b.reply or ""):
        return False
    surely = {QuestionKind.WHERE: LIKELY, QuestionKind.WHEN: SURE}.get(kind, 0.0)
    figure = kind is QuestionKind.QUANTITY and bool(a.reply) and nearly(question, a, b)
    if (replied or figure) and min(a.score, b.score) >= surely:
        return True
    nouns = _measures(a.quote), _measures(b.quote)
    if counted and {f.unit for f in measured(a.quote)} & {f.unit for f in measured(b.quote)} - {
        "",
        "%",
        *CURRENCIES,
    }:
        return True
    if counted and all(nouns):
        return bool(nouns[0] & nouns[1])
    # Where no number is asked for, any sentence may have one.
    if kind is QuestionKind.WHAT and not replied and figures(a.quote) and figures(b.quote):
        return False
    if kind is QuestionKind.WHERE:
        return bool(ours & theirs)
    return (
        bool(ours & theirs)
        or (bool(ours) and _opens_with_pronoun(b.quote))
        or (bool(theirs) and _opens_with_pronoun(a.quote))
    )


def _counts_another(one: str, other: str) -> bool:
    """Whether two short answers count things of other names, where no number was asked for: "two reports", "ten times"."""
    figures_told = measured(one), measured(other)
    if not all(figures_told) or any(figure.unit for told in figures_told for figure in told):
        return False
    # A bare number may count anything.
    ours, theirs = ({w for w in content_words(reply) if w.isalpha()} for reply in (one, other))
    return bool(ours and theirs) and not ours & theirs


#: So many characters are an article's first lines, which say what it is about.
_LEAD = 300
#: So many characters at most lie between what a thing does and the figure of it.
_CLOSE = 12


#: "The run from Vienna to the Baltic lasts ...": what stands behind such a word does nothing itself.
_PLACED = re.compile(r"\b(?:to|from|in|at|of|on|for|with|by|across|near)(?: the)? $", re.I)


#: From which share of their words on two quotes say a thing alike.
_SAID_ALIKE = 0.5
_RELATIVE = re.compile(r"\b(?:which|that|who)\b")


def _of_another(question: str, e: Evidence) -> bool:
    """Whether the figure is told of a thing that was not asked about: "the Brannock Pebble, which costs 699 euros"."""
    spans = spans_of_figures(e.quote)
    starts = [
        start for start, end, _ in spans if not e.reply or e.reply.startswith(e.quote[start:end].strip())
    ]
    if not starts:
        return False
    before = e.quote[: starts[0]]
    known = content_words(f"{question} {e.hit.article.title}") | speakers(e.quote)
    for name in reversed(names(before)):
        does = r"(?:, an? [^,]{2,40},|,)? (?:which |that |who )?(?:(?:will|would|is|was|can) [a-z]{2,}|[a-z]{2,}s)\b"
        if found := list(re.finditer(rf"\b{re.escape(name)}{does}", before)):
            # A first word alone may be no name at all.
            last = found[-1]
            placed = _PLACED.search(before[: last.start()]) and not _RELATIVE.search(last.group())
            near = last.end() + _CLOSE >= len(before) and not placed
            return near and bool(last.start()) and not content_words(name) & known
    return False


_AIM = re.compile(r"\b(?:aim(?:s|ed|ing)?|hop(?:es?|ed|ing)|goal|target(?:s|ed)?|want(?:s|ed)? to)\b", re.I)
_AT_MOST = re.compile(
    r"\b(?:below|under|less than|fewer than|at most|no more than|(?:never|not) (?:over|above|beyond|exceed(?:s|ed|ing)?))(?: about| some)?$",
    re.I,
)
_AT_LEAST = re.compile(
    r"(?<!\bnot )(?<!\bnever )\b(?:over|above|(?<!\bno )more than|at least|no less than|beyond|exceed(?:s|ed|ing)?)(?: about| some)?$",
    re.I,
)


def _told_spans(e: Evidence) -> list[tuple[int, int, Figure]]:
    """The figures of a quote with their places: those of its short answer, where it was read."""
    spans = spans_of_figures(e.quote)
    told = [span for span in spans if e.reply and e.quote[span[0] : span[1]].strip() in e.reply]
    return told or spans


def _within_bound(a: Evidence, b: Evidence) -> bool:
    """Whether one quote only sets a bound that the other's figure keeps: "below 240 grams" beside "236 grams"."""
    for start, _, bound in _told_spans(a):
        before = a.quote[:start].rstrip()
        for _, _, figure in _told_spans(b):
            if figure.unit != bound.unit:
                continue
            if _AT_MOST.search(before) and figure.value <= bound.value:
                return True
            if _AT_LEAST.search(before) and figure.value >= bound.value:
                return True
    return False


_ABOUT = re.compile(r"\b(?:about|around|roughly|approximately|nearly|almost|close to|some|circa)$", re.I)
#: By how much of it a figure that is only given about may differ from the exact one.
_ROUGHLY = 0.02


def _about(a: Evidence, b: Evidence) -> bool:
    """Whether one quote gives about the figure that the other gives exactly: "around 300" beside "304"."""
    return any(
        figure.unit == told.unit and abs(figure.value - told.value) <= _ROUGHLY * abs(told.value)
        for start, _, told in _told_spans(a)
        if _ABOUT.search(a.quote[:start].rstrip())
        for _, _, figure in _told_spans(b)
    )


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
