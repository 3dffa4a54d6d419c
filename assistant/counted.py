"""Whether the figures of two quotes count one thing: not a bound and what keeps it, nor a rounded figure and the exact one."""

from __future__ import annotations

import re
from collections.abc import Collection

from assistant.attribution import speakers
from assistant.measures import measured
from assistant.models import Evidence
from assistant.terms import MONTHS, Figure, content_words, names, spans_of_figures


def counts_another(one: str, other: str) -> bool:
    """Whether two short answers count things of other names, where no number was asked for: "two reports", "ten times"."""
    figures_told = measured(one), measured(other)
    if not all(figures_told) or any(figure.unit for told in figures_told for figure in told):
        return False
    # A bare number may count anything.
    ours, theirs = ({w for w in content_words(reply) if w.isalpha()} for reply in (one, other))
    return bool(ours and theirs) and not ours & theirs


#: So many characters at most lie between what a thing does and the figure of it.
_CLOSE = 12
#: "The run from Vienna to the Baltic lasts ...": what stands behind such a word does nothing itself.
_PLACED = re.compile(r"\b(?:to|from|in|at|of|on|for|with|by|across|near)(?: the)? $", re.I)
_RELATIVE = re.compile(r"\b(?:which|that|who)\b")


def of_another(question: str, e: Evidence) -> bool:
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


def within_bound(a: Evidence, b: Evidence) -> bool:
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


def roughly(a: Evidence, b: Evidence) -> bool:
    """Whether one quote gives about the figure that the other gives exactly: "around 300" beside "304"."""
    return any(
        figure.unit == told.unit and abs(figure.value - told.value) <= _ROUGHLY * abs(told.value)
        for start, _, told in _told_spans(a)
        if _ABOUT.search(a.quote[:start].rstrip())
        for _, _, figure in _told_spans(b)
    )


#: Nobody reports one thing so many times as large as somebody else does: 9 million is no other word for 12.
_FAR_APART = 100.0


def of_another_size(ours: Collection[Figure], theirs: Collection[Figure]) -> bool:
    """Whether all figures of one unit lie too far apart to be two reports of one thing."""
    pairs = [sorted((abs(x.value), abs(y.value))) for x in ours for y in theirs if x.unit == y.unit]
    return bool(pairs) and all(small * _FAR_APART < large for small, large in pairs)


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


def measures(text: str) -> frozenset[str]:
    """Stems of the nouns that figures count: "12 hours" gives hour, "No. 6" a rank; users and customers are people."""
    ranks = frozenset({"rank"} if _RANK.search(text) else ())
    return ranks | frozenset(
        "peopl" if word in _PEOPLE else word
        for m in _FOLLOWED.finditer(text)
        if m.group(1).lower() not in _PLAIN and m.group(1).lower() not in MONTHS
        for word in content_words(m.group(1).replace("/", " "))
    )
