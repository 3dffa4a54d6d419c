"""Sentences in a quote's own words that only move a phrase, or leave out an aside or the first of two things said.

"In May, Delta cut its fares" says what "Delta cut its fares in May" says. Read in the order of the quote it is the quote's
own words, and every other check then sees what was kept and what was left out. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.terms import fold, negations

_LEADS = frozenset(
    "in on at by for with from after before during since until under over across within among against to".split()
)
#: Before a denial, only when and where something was not so can be moved without a change of what is denied.
_WHEN_AND_WHERE = frozenset("in on at by from after before during since until".split())
_LONGEST = 14
_WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*%?", re.UNICODE)


def in_quote_order(claim: str, quotes: Sequence[str]) -> str:
    """The stretch of a quote of which the claim is a rearrangement; "" where it is none.

    The phrase that was moved opens with a preposition, and stood in the quote inside the rest or directly beside it.
    """
    said = [_fold(m.group()) for m in _WORD.finditer(claim)]
    if len(said) < 5:
        return ""
    leads = _WHEN_AND_WHERE if negations(claim) else _LEADS
    for quote in quotes:
        spans = list(_WORD.finditer(quote))
        words = [_fold(m.group()) for m in spans]
        for size in range(2, min(_LONGEST, len(said) - 3) + 1):
            for phrase, rest in ((said[:size], said[size:]), (said[-size:], said[:-size])):
                if phrase[0] in leads and (found := _place(phrase, rest, words)):
                    return quote[spans[found[0]].start() : spans[found[1] - 1].end()]
    return ""


#: Between two commas, what is said of a name by the way.
_ASIDE = re.compile(r",\s(?:who|which|whose|whom|where|formerly|an?|the)\s[^,;]*,")


def without_asides(quotes: Sequence[str]) -> list[str]:
    """Each quote that holds an aside between commas, without it; one for each aside."""
    return [f"{q[: m.start()]}{q[m.end() :]}" for q in quotes for m in _ASIDE.finditer(q)]


#: Words on which the second of two things may hang together with the first.
_HANGS = frozenset(
    "if unless when only both between either neither until once after before without not no never cannot".split()
)


def second_of_two(claim: str, quotes: Sequence[str]) -> bool:
    """Whether a quote says this second: "is lighter than A and cheaper than B" says "is cheaper than B"."""
    said = [_fold(m.group()) for m in _WORD.finditer(claim)]
    for quote in quotes:
        words = [_fold(m.group()) for m in _WORD.finditer(quote)]
        for cut in range(2, len(said) - 1):
            for begin in _occurrences(said[:cut], words):
                for at in _occurrences(said[cut:], words):
                    between = words[begin + cut : at]
                    if len(between) < 2 or between[-1] not in ("and", "but") or "and" in between[:-1]:
                        continue
                    if not _HANGS & {*words[begin:at]}:
                        return True
    return False


def _place(phrase: list[str], rest: list[str], words: list[str]) -> tuple[int, int] | None:
    """Where in the words the rest stands once the phrase is taken out of it, or from beside it: (begin, end)."""
    for at in _occurrences(phrase, words):
        remainder = words[:at] + words[at + len(phrase) :]
        for begin in _occurrences(rest, remainder):
            if begin <= at <= begin + len(rest):
                return begin, begin + len(rest) + len(phrase)
    return None


def _occurrences(part: list[str], words: list[str]) -> list[int]:
    return [i for i in range(len(words) - len(part) + 1) if words[i : i + len(part)] == part]


def _fold(word: str) -> str:
    return fold(word).lower()
