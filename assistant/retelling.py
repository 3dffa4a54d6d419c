"""Whether a sentence made of its quotes' own words tells them as they stood.

The most deceptive sentences have no word of their own: they exchange who did what, or stop where the quote goes on to
take half of it back. Deterministic; a sentence with other words is left to the evidence model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from assistant.attribution import SAID
from assistant.terms import fold, stem, tokens

_FRAMES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"^[^,]{{2,70}}?\b{SAID}\b[^,]{{0,30}}?\bthat\s+",
        rf",\s+[^,.;]{{2,50}}?\s+{SAID}(?:\s+(?:on|in)\s+[\w ]+)?\s*(?=$|[.;])",
        rf",\s+{SAID}\s+[^.;]{{2,60}}(?=$|[.;])",
        r"^According to [^,]+(?:, [^,]{1,40})?,\s+",
        r",?\s+according to [^,.;]+(?=$|[.;])|,?\s+by [\w ']{2,30} account(?=$|[.;])",
    )
)
_LIGHT = frozenset(
    """the a an that which who is are was were be been has have had of so also then this there own does do did and
    or""".split()
)
_PRONOUNS = frozenset("it its she he they them his her their him".split())
_STANDS_FOR = "*"
_PREPOSITIONS = frozenset(
    """in on by at for under after before if unless because with when according during since until within without from
    to as plugged following through among across despite except""".split()
)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)\s+\w+\s+(?:\w+\s+)?by\b", re.I)
_CLAUSES = re.compile(r"[;:.](?=\s|$)|,(?!\d)|\b(?:and|but|while|whereas|because|so|which|who|that)\b", re.I)


def retold_otherwise(claim: str, quotes: Sequence[str]) -> str:
    """How a claim in its quotes' own words departs from them ("order", "cut short"), or "" where it does not.

    Args:
        claim: the sentence without markers, and without naming its publishers.
        quotes: what it cites, likewise.
    """
    bare, sources = _unframed(claim), [_unframed(q) for q in quotes]
    said = [w for w in _words(bare) if w != _STANDS_FOR]
    told = {w for source in sources for w in _words(source)}
    if not said or any(w not in told for w in said):
        return ""
    if not _PASSIVE.search(bare) and not _keeps_order(bare, said, sources):
        return "order"
    return "cut short" if _cut_short(said, sources) else ""


def _unframed(text: str) -> str:
    """Without "X wrote that" and the like, whoever X is: who says it is another rule's affair."""
    text = fold(text)
    for frame in _FRAMES:
        text = frame.sub("", text)
    return text


def _words(text: str) -> list[str]:
    """Stems of the words that carry the order; a pronoun is only known to stand for something."""
    words = (w for w in tokens(fold(text)) if w not in _LIGHT)
    return [_STANDS_FOR if w in _PRONOUNS else stem(w) for w in words]


def _keeps_order(claim: str, said: Sequence[str], sources: Sequence[str]) -> bool:
    """Whether the words come as in a quote, or in the quotes one after the other, but for one phrase that moved."""
    texts = [" ".join(sources), *sources, *([" ".join(reversed(sources))] if len(sources) > 1 else [])]
    orders = [_words(text) for text in dict.fromkeys(texts)]
    if any(_runs_through(said, order) for order in orders):
        return True
    return any(
        any(_runs_through(_plain(moved), order) for order in orders)
        and any(_runs_through(_plain(rest), order) for order in orders)
        for moved, rest in _moved(claim)
    )


def _plain(text: str) -> list[str]:
    return [w for w in _words(text) if w != _STANDS_FOR]


def _moved(claim: str) -> Iterator[tuple[str, str]]:
    """A phrase that may have moved, and the rest: up to the first comma, or from a preposition on."""
    if head := re.match(r"([^,]{2,80}),\s+(.*)$", claim):
        yield head[1], head[2]
    places = [m.start() for m in re.finditer(r"[^\W_]+(?:[.'&-][^\W_]+)*", claim)]
    first = claim[: places[1]].strip().lower() if len(places) > 1 else ""
    for at, after in pairwise([*places, len(claim)]):
        if at and claim[at:after].strip(" ,").lower() in _PREPOSITIONS:
            yield claim[at:], claim[:at]
    if first in _PREPOSITIONS:
        for at in places[2:8]:
            yield claim[:at], claim[at:]


def _runs_through(said: Sequence[str], order: Sequence[str]) -> bool:
    """Whether `said` comes in this order; a pronoun in it may stand for up to three words that it had before."""
    reached, seen = {0}, set[str]()
    for word in order:
        for at in tuple(reached):
            if at == len(said):
                break
            if word == _STANDS_FOR:
                reached |= {
                    end
                    for end in range(at + 1, min(at + 3, len(said)) + 1)
                    if all(w in seen for w in said[at:end])
                }
            elif said[at] == word:
                reached.add(at + 1)
        seen.add(word)
    return len(said) in reached


def _cut_short(said: Sequence[str], sources: Sequence[str]) -> bool:
    """Whether the claim ends where the clause that it comes from goes on with words that it has nowhere."""
    found = []
    for source in sources:
        for clause in _CLAUSES.split(source):
            words = _plain(clause)
            if said[-1] not in words or not _runs_through([w for w in said if w in words], words):
                continue
            last = len(words) - 1 - words[::-1].index(said[-1])
            found.append(any(w not in said for w in words[last + 1 :]))
    return bool(found) and all(found)
