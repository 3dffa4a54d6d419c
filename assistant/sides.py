"""Whether a quote says yes or no to a question that can be answered so, as far as words alone can tell."""

from __future__ import annotations

import re

from assistant.distortion import has_opposite, opposed
from assistant.terms import content_words, figures, names, negations

#: Words that settle a question by being the other of two: "closed" says no to "Is it open?".
_STATES = tuple(
    (frozenset(a.split()), frozenset(b.split()))
    for a, b in (
        ("open opened public", "closed proprietary private"),
        (
            "accept accepted approve approved approves confirmed confirm confirms",
            "reject rejected refuse refused denied deny denies",
        ),
        ("include includes included including", "exclude excludes excluded excluding"),
        ("free", "paid"),
        ("safe harmless", "unsafe dangerous harmful"),
        ("available", "unavailable"),
        ("possible able", "impossible unable"),
        ("true", "false untrue"),
        ("online", "offline"),
        ("optional voluntary", "mandatory compulsory obligatory"),
    )
)
_FREE = re.compile(
    r"\bfree\b|\bcosts?\s+nothing\b|\b(?:no|without)\s+(?:extra\s+)?(?:charge|cost|fee)\b", re.I
)
_PAID = re.compile(r"\b(?:charges|charged|costs?|priced?|pays?|paid|subscriptions?|fees?)\b", re.I)

#: A quote that leaves the matter open takes no side.
_LEFT_OPEN = re.compile(
    r"\bwhether\b|\bunclear\b|\b(?:cautious|careful|vague|hedged?s?|mixed|divided|disagrees?|differs?|depends)\b"
    r"|\b(?:not|never|n't)\s+(?:say|said|clear|known|disclose[ds]?)\b",
    re.I,
)
_OR_NOT = re.compile(
    r"\bor (?:not|no)\b|^(?:isn|aren|wasn|weren|doesn|don|didn|can|couldn|won|wouldn|hasn|haven|hadn)['’]t\b",
    re.I,
)
_JOINED = re.compile(r"[,;]\s+(?:and|but|while|though|yet)\s+", re.I)


def side(question: str, quote: str) -> frozenset[object]:
    """{"yes"} or {"no"}, or nothing where words alone do not tell."""
    if _LEFT_OPEN.search(quote):
        return frozenset()
    if _FREE.search(question) and (priced := _price_sides(quote)):
        return priced if len(priced) == 1 else frozenset()
    clause = _clause(question, quote)
    # "Does it work without a phone?" is answered yes by what works without one.
    denied = (negations(clause) - negations(_OR_NOT.sub(" ", question))) % 2 == 1
    if _turned(question, clause):
        denied = not denied
    elif has_opposite(question, quote):
        # "More" for "less", "after" for "before": of another thing, as often as not.
        return frozenset()
    return frozenset({"no" if denied else "yes"})


def denies_the_opposite(question: str, quote: str) -> bool:
    """Whether a quote denies the opposite of what is asked, which is a yes: "not open" of what may be closed."""
    return bool(_turned(question, quote)) and negations(quote) % 2 == 1


def met(question: str, quote: str) -> frozenset[str]:
    """Stems of the question's words, but for its names, that a quote uses or answers with their opposite."""
    asked = content_words(question) - content_words(" ".join(names(question)))
    turned = " ".join(_turned(question, quote))
    if _FREE.search(question) and _price_sides(quote):
        turned += " free charge cost fee"
    return asked & (content_words(quote) | content_words(turned))


def price_side(question: str, quote: str) -> frozenset[object]:
    """Which side a quote takes on whether a thing is free, by its price; nothing for another question."""
    return _price_sides(quote) if _FREE.search(question) else frozenset()


def _price_sides(quote: str) -> frozenset[object]:
    """Whether a quote calls a thing free ("yes"), names its price ("no"), or does both."""
    rest = _FREE.sub(" ", quote)
    free = any(negations(" ".join(quote[: m.start()].split()[-3:])) % 2 == 0 for m in _FREE.finditer(quote))
    paid = bool(_PAID.search(re.sub(r"\bof\s+charge\b", " ", rest, flags=re.I)) and figures(rest))
    return frozenset(["yes"] * free + ["no"] * paid)


def _turned(question: str, quote: str) -> frozenset[str]:
    """The question's words whose opposite stands in a quote that has not the words themselves."""
    return frozenset().union(*opposed(question, quote, _STATES))


def _clause(question: str, quote: str) -> str:
    """The part of a quote that has most of the question's words: two denials in two clauses do not cancel out."""
    asked = content_words(question) - content_words(" ".join(names(question)))
    return max(_JOINED.split(quote), key=lambda clause: len(asked & content_words(clause)))
