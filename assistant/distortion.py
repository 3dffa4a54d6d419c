"""What a sentence does to its evidence without bringing in anything new: denies it, overstates it, turns it round.

Deterministic, for the distortions that keep every figure and name in place and that a model overlooks most easily.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from assistant.terms import content_words, dates, figures, fold, names, negations, tokens

_ANTONYMS = tuple(
    (frozenset(a.split()), frozenset(b.split()))
    for a, b in (
        ("rose rise rises risen rising climb climbed climbs grew grow grows increase increased increases up gained jump jumped higher soared",
         "fell fall falls fallen falling drop dropped drops decline declined declines decrease decreased shrink shrank down lost lower sank slid slipped"),
        ("before ahead earlier", "after behind later following"),
        ("more faster larger bigger greater above over exceeds exceeded", "less fewer slower smaller below under"),
        ("open opened public", "closed proprietary private"),
        ("first", "last"),
        ("win won wins beat beats beating", "lose lost loses"),
        ("best strongest strong strength strengths", "worst weakest weak weakness weaknesses"),
        ("accept accepted approve approved approves confirmed confirm confirms", "reject rejected refuse refused denied deny denies"),
        ("include includes included including", "exclude excludes excluded excluding"),
        ("free", "paid"),
        ("start started starts begin began begins launched", "end ended ends stopped cancelled canceled"),
        ("gain gains", "loses lose lost gives"),
        ("minimum least", "maximum most"),
        ("increase", "reduce reduces reduced"),
    )
)  # fmt: skip
_CERTAIN = frozenset(
    "will is are was were has have did does confirmed definitely certainly always all every".split()
)
_HEDGES = frozenset(
    """may might could possibly perhaps reportedly allegedly suggests suggest hopes hope plans plan expects expected expect
    aims aim likely rumoured rumored considering considers would should appears seems probably some""".split()
)


def polarity_differs(claim: str, evidence: str) -> bool:
    """Whether one of two texts denies what the other states, as far as counting denials and opposites can tell."""
    if (negations(claim) % 2) != (negations(evidence) % 2):
        return True
    ours, theirs = {w.lower() for w in tokens(claim)}, {w.lower() for w in tokens(evidence)}
    for left, right in _ANTONYMS:
        for a, b in ((left, right), (right, left)):
            if ours & a and not ours & b and theirs & b and not theirs & a:
                return True
    return False


def has_opposite(question: str, text: str) -> bool:
    """Whether a text uses the opposite of a word of the question, beside that word or in its place."""
    asked, used = {w.lower() for w in tokens(question)}, {w.lower() for w in tokens(text)}
    return any((asked & a and used & b) or (asked & b and used & a) for a, b in _ANTONYMS)


Pairs = Iterable[tuple[frozenset[str], frozenset[str]]]


def opposed(asked: str, text: str, pairs: Pairs = _ANTONYMS) -> Iterator[frozenset[str]]:
    """For each pair of opposites, the words of one text that the other has only the opposite of."""
    ours, theirs = (frozenset(w.lower() for w in tokens(t)) for t in (asked, text))
    for left, right in pairs:
        for a, b in ((left, right), (right, left)):
            if ours & a and theirs & b and not theirs & a:
                yield ours & a


def says_the_opposite(question: str, text: str) -> bool:
    """Whether a text has all of a question's words but for one that it uses the opposite of: fell, and it rose."""
    if not (dates(question) <= dates(text) and figures(question) <= figures(text)):
        return False
    asked, told = content_words(question), content_words(text)
    rests = (asked - content_words(" ".join(words)) for words in opposed(question, text))
    return any(rest and rest <= told for rest in rests)


def overstated(claim: str, evidence: str) -> bool:
    """Whether the claim drops a hedge ("may", "some", "hopes to") that the evidence has."""
    ours, theirs = {w.lower() for w in tokens(claim)}, {w.lower() for w in tokens(evidence)}
    return bool(theirs & _HEDGES) and not ours & _HEDGES and bool((ours & _CERTAIN) - theirs)


def distorted(claim: str, evidence: str) -> bool:
    """Whether the claim says the opposite of its evidence, more than it, or the same of exchanged parties."""
    if fold(claim) == fold(evidence):
        return False
    return (
        polarity_differs(claim, evidence)
        or overstated(claim, evidence)
        or roles_swapped(claim, evidence)
        or figure_repeated(claim, evidence)
    )


def figure_repeated(claim: str, evidence: str) -> bool:
    """Whether the claim uses a number more often than its evidence does: one of them stands for another number."""
    ours, theirs = Counter(_numerals(claim)), Counter(_numerals(evidence))
    return any(count > theirs[number] > 0 for number, count in ours.items())


def _numerals(text: str) -> list[str]:
    return [w.lower() for w in tokens(text) if w[0].isdigit() or w.lower() in _NUMBER_WORDS]


_NUMBER_WORDS = frozenset(
    "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty seventy eighty ninety".split()
)


_TURNING = frozenset("by from to with against versus and or of than while as both respectively".split())


def roles_swapped(claim: str, evidence: str) -> bool:
    """Whether two names have changed places in what is otherwise the evidence's own wording.

    "Ada sued Bert" beside "Bert sued Ada" says something else; "Ada was sued by Bert" does not. So only claims that
    bring in almost no word of their own are judged, and none that turns the sentence with words of its own.
    """
    ours, theirs = [w.lower() for w in tokens(claim)], [w.lower() for w in tokens(evidence)]
    own = set(ours) - set(theirs)
    if len(own) > max(1, len(ours) // 8) or own & _TURNING or not set(ours) & set(theirs):
        return False
    return all(_exchanged(claim, order) for order in _orders(evidence))


_FRONTED = re.compile(
    r"((?:On|In|With|By|At|For|Under|After|Before|Within|Without|Since|Until) [^,]{3,80}), ([^.]+(?:\.\d[^.]*)*)\.?"
)


def _orders(evidence: str) -> tuple[str, ...]:
    """The evidence, and where it begins with "On the index, ..." also with that at its end."""
    fronted = _FRONTED.fullmatch(evidence)
    return (evidence, f"{fronted.group(2)} {fronted.group(1)}.") if fronted else (evidence,)


def _exchanged(claim: str, evidence: str) -> bool:
    flat, source = fold(claim), fold(evidence)
    order = [(name, _place(name, source)) for name in _distinct(claim) if _place(name, source) is not None]
    if len(order) < 2:
        return False
    places = {name: _place(name, flat) for name, _ in order}
    for i, (first, at) in enumerate(order):
        for second, other in order[i + 1 :]:
            if first == second or at is None or other is None or at < other:
                continue
            before, after = places[first], places[second]
            assert before is not None
            assert after is not None
            if _only_listed(flat[before + len(first) : after]):
                continue
            return True
    return False


def _distinct(text: str) -> list[str]:
    """Names in the order of their first places, folded; none that is part of another."""
    flat = fold(text)
    found = [fold(name) for name in names(text)]
    whole = [n for n in found if not any(n != other and n in other for other in found)]
    return sorted(dict.fromkeys(whole), key=lambda n: flat.find(n))


def _place(name: str, text: str) -> int | None:
    match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    return match.start() if match else None


def _only_listed(between: str) -> bool:
    return bool(re.fullmatch(r"\s*(?:,|,?\s*and|,?\s*or|&)\s*(?:the\s+)?", between))
