"""What a sentence may not drop from its quotes or put in: conditions, causes, bounds, units, "may", "some", who says so.

Every word of "The plant will close." stands in "The plant will close unless a buyer is found.", and yet it says more. A
judge that compares words or meanings overlooks such a loss; these rules look for nothing else. Deterministic. Each
was kept because on sentences written to deceive it caught more than it cost in true ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from assistant.attribution import other_speaker, word_lost
from assistant.bindings import JOINTS
from assistant.terms import NEGATIONS, STOPWORDS, content_words, fold, stem, tokens

Quotes = Sequence[str]


def changed_qualifier(claim: str, quotes: Quotes) -> str:
    """What the claim does to a qualifier of its quotes, in a word or two, or "" where it keeps them.

    Args:
        claim: the sentence without markers, and without naming its publishers.
        quotes: what it cites, likewise.
    """
    return next((what for what, broken in _RULES.items() if broken(claim, quotes)), "")


_CONDITION = re.compile(
    r"\b(?:if|unless|provided that|so long as|only when|except|until|depending on|in case)\b(?P<on>[^,;.]*)",
    re.I,
)
_CONDITIONAL = re.compile(
    _CONDITION.pattern.replace("(?P<on>[^,;.]*)", "") + r"|\b(?:when(?:ever)?|once|without)\b", re.I
)


def _condition(claim: str, quotes: Quotes) -> bool:
    """The quote says it on a condition, and the claim says it outright, or on another condition."""
    together = " ".join(quotes)
    if _has(claim, r"\beven if\b") and not _has(together, r"\beven if\b"):
        return True
    denied = any(w.lower() in NEGATIONS for w in tokens(claim))
    if _has(together, r"\bunless\b") and _has(claim, r"\bif\b") and not denied:
        return True
    if _CONDITIONAL.search(claim):
        return False
    said = content_words(claim)
    for quote in quotes:
        for sentence in re.split(r"[;:]|(?<=\.)\s", quote):
            match = _CONDITION.search(sentence)
            if match is None or re.search(r",\s*(?:and|but)\s*$", sentence[: match.start()]):
                continue
            on = content_words(match["on"])
            rest = content_words(sentence) - on
            if len(said & rest) >= 0.6 * len(said) and 2 * len(on & said) < max(1, len(on)):
                return True
    return False


_CAUSE = r"\b(?:because|due to|thanks to|owing to|as a result|therefore|hence|caused?|causes|led to|reasons?|so that)\b"
_WHY = re.compile(r"(?P<fact>.*)\b(?:because|due to)\b(?P<cause>.*)", re.I)


def _cause(claim: str, quotes: Quotes) -> bool:
    """The claim gives a reason where its quotes give none, or turns reason and result round."""
    if not _has(claim, _CAUSE):
        return False
    if not _has(" ".join(quotes), _CAUSE + r"|, so\b|\bSo\b|\bsince\b|\bin order to\b"):
        return True
    told = None if re.match(r"because|due to", claim, re.I) else _WHY.search(claim)
    if told is None:
        return False
    reason = content_words(told["cause"])
    for quote in quotes:
        if given := _WHY.search(quote):
            fact, cause = content_words(given["fact"]), content_words(given["cause"])
            if len(reason & (fact - cause)) > len(reason & (cause - fact)):
                return True
    return False


_UNITS = frozenset(
    stem(word)
    for word in """second minute hour day week month year decade million billion trillion thousand dozen kilometre
    kilometer metre meter mile kilogram gram tonne ton watt kilowatt megawatt gigawatt dollar euro pound cent percent
    percentage degree litre gallon byte gigabyte terabyte megabyte token parameter""".split()
)


def _unit(claim: str, quotes: Quotes) -> bool:
    """The claim counts in something that its quotes do not."""
    return bool(_units(claim) - _units(" ".join(quotes)))


def _units(text: str) -> frozenset[str]:
    text = re.sub(r"per\s?cent\b|percent\b|%", " pct ", text, flags=re.I)
    for short, unit in (("bn|b", "billion"), ("mn|m", "million"), ("tn", "trillion"), ("k", "thousand")):
        text = re.sub(rf"(\d\s?)(?:{short})\b", rf"\1 {unit}", text)
    for sign, unit in (("$", "dollars"), ("€", "euros"), ("£", "pounds")):
        text = re.sub(rf"{re.escape(sign)}\s?([\d.,]*\d)", rf"\1 {unit}", text)
    words = {stem(part) for word in tokens(text.lower()) for part in (word, *word.split("-"))}
    return frozenset(words & _UNITS)


_NUMERALS = {w: str(n) for n, w in enumerate("two three four five six seven eight nine ten".split(), 2)}
_NUMBER = rf"(?:\d[\d.,]*\d|\d|{'|'.join(_NUMERALS)})"
_BOUNDS = {
    "least": r"at least|more than|over|above|no less than|no fewer than|upwards of|a minimum of",
    "most": r"at most|less than|under|below|up to|as (?:long|many|much|high) as|fewer than|no more than|nearly|almost"
    r"|within|a maximum of",
}
_BOUNDED = re.compile(
    rf"(?:\b(?:(?P<least>{_BOUNDS['least']})|(?P<most>{_BOUNDS['most']}))\s+)?[$€£]?\b(?P<number>{_NUMBER})\b"
    r"(?:(?:\s+[a-z]+)?\s+(?:(?P<more>at least|or more)|(?P<less>at most|or less)))?",
    re.I,
)


def _bound(claim: str, quotes: Quotes) -> bool:
    """A figure has a bound ("at least") that its quotes do not give it, or has lost the one that they do."""
    given = _bounds(" ".join(quotes))
    return any(
        (bound and bound not in given[number]) or (not bound and "" not in given[number])
        for number, bounds in _bounds(claim).items()
        if number in given
        for bound in bounds
    )


def _bounds(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for match in _BOUNDED.finditer(text):
        number = match["number"].lower()
        bound = (
            "least" if match["least"] or match["more"] else "most" if match["most"] or match["less"] else ""
        )
        found.setdefault(_NUMERALS.get(number, number), set()).add(bound)
    return found


_MODAL = re.compile(
    r"\b(?:may|might|could|would|will|shall|plans?|planned|hopes?|hoped|expects?|expected|aims?|intends?|wants?"
    r"|promise[sd]?|likely|(?:is|are|was|were|going|due) to|to come|due|working on|considering|tr(?:y|ies|ied|ying)"
    r"|should|must|ha(?:s|ve|d) to)\b",
    re.I,
)


def _modal(claim: str, quotes: Quotes) -> bool:
    """The part of the quotes that the claim retells says that something may be, or is to be; the claim, that it is."""
    if _is_modal(claim):
        return False
    said = content_words(claim)
    parts = [p for q in quotes for s in re.split(r";|(?<=[a-z])\.\s", q) for p in _parts(s)]
    return bool(parts) and _is_modal(max(parts, key=lambda p: len(said & content_words(p))))


def _parts(text: str) -> list[str]:
    return [part for part in JOINTS.split(text) if part.strip()]


def _is_modal(text: str) -> bool:
    # "May" is a month, but for a question's or a headline's first word.
    return bool(_MODAL.search(re.sub(r"(?<=\s)May\b", "", text)))


_SOME = re.compile(
    r"\b(?:some|certain|many|several|few|most)\s+(?:of\s+(?:the\s+)?)?(?P<what>[a-z][a-z-]+)", re.I
)
_NOT_ALL = re.compile(r"\b(?:some|certain|many|several|few|most|selected|chosen)\b", re.I)


def _some(claim: str, quotes: Quotes) -> bool:
    """What the quotes say of some, the claim says of all, or of most."""
    for quote in quotes:
        for match in _SOME.finditer(quote):
            what = match["what"].lower()
            if what in STOPWORDS:
                continue
            for again in re.finditer(rf"\b{re.escape(what)}\b", claim, re.I):
                before = _NOT_ALL.search(claim[max(0, again.start() - 25) : again.start()])
                if before is None:
                    return True
                if before[0].lower() == "most" and not match[0].lower().startswith("most"):
                    return True
    return False


def _tied(claim: str, quotes: Quotes) -> bool:
    """One of several firsts is told as the first."""
    shared = r"\b(?:tied|joint(?:ly)?|shares? first|among the|one of the)\b"
    kept = r"\b(?:tie[ds]?|joint(?:ly)?|shared?s?|among|one of|with|together)\b"
    alone = r"\b(?:first|best|top|most|\w+est)\b"
    return _has(" ".join(quotes), shared) and not _has(claim, kept) and _has(claim, alone)


_BREAK = re.compile(r"[,.;:]|\b(?:until|before|after|if|when)\b", re.I)
_LIGHT = frozenset("the a an of in on at to for with by from is are was were be can".split())


def _only(claim: str, quotes: Quotes) -> bool:
    """The word "only" restricts other words than it does in the quotes."""
    ours, theirs = _restricted(claim), _restricted(" ".join(quotes))
    return bool(ours and theirs) and not ours & theirs


def _restricted(text: str) -> frozenset[str]:
    """Stems of the two words that each "only" is nearest to: after it, or before it where nothing follows."""
    found: set[str] = set()
    for match in re.finditer(r"\bonly\b", text, re.I):
        after = [w for w in tokens(_BREAK.split(text[match.end() :])[0].lower()) if w not in _LIGHT]
        before = [
            w for w in tokens(re.split(r"[,.;:]", text[: match.start()])[-1].lower()) if w not in _LIGHT
        ]
        found |= {stem(w) for w in (after[:2] or before[-2:])}
    return frozenset(found)


_MODIFIED = re.compile(
    r"\b(?P<how>former|ex|nearly|almost|so-called|planned|alleged|proposed|possible|potential|expected|draft|partial"
    r"|hardly|barely|then|outgoing|acting|interim|would-be|suspected|private|unofficial|unconfirmed|early|estimated"
    r"|fewer than|less than|more than)\s+(?P<what>[a-z-]+)",
    re.I,
)
_LIKEWISE = r"nearly|almost|previously|before|close to|formerly|once|was|under|over"


def _modifier(claim: str, quotes: Quotes) -> bool:
    """A word that changes what the next one says has been left out: the former engineer is told as the engineer."""
    return any(
        _has(claim, rf"\b{re.escape(match['what'])}\b")
        and not _has(claim, rf"\b(?:{re.escape(match['how'])}|{_LIKEWISE})\b")
        for quote in quotes
        for match in _MODIFIED.finditer(quote)
        if match["what"].lower() not in STOPWORDS
    )


_EXTREME = re.compile(
    r"\b(?:best|worst|most|record|ever|unprecedented|only|first|sole|every|all|always|everyone|everybody|nobody|never"
    r"|none|highest|lowest|largest|biggest|smallest|fastest|strongest|weakest|cheapest|entire)\b",
    re.I,
)
_AS_MUCH = {
    "only": r"only|just|solely|alone|exclusive\w*|limited|no other|but not|not",
    "every": "every|all|each|any", "all": "all|every|each|whole|both|entire", "everyone": "every\\w*|all",
    "everybody": "every\\w*|all", "nobody": "no|not|none|nobody|never", "none": "no|none|not|neither",
    "never": "never|not|no|n't",
}  # fmt: skip


def _extreme(claim: str, quotes: Quotes) -> bool:
    """The claim says "all", "record" or "best" where its quotes do not."""
    together = " ".join(quotes)
    plain = re.sub(
        r"\bat (?:least|most)\b|\ball (?:of|three|two)\b|\bfirst (?:look|quarter|half)\b",
        " ",
        claim,
        flags=re.I,
    )
    return any(
        not _has(together, rf"\b(?:{_AS_MUCH.get(word.lower(), re.escape(word.lower()))})\b")
        for word in _EXTREME.findall(plain)
    )


def _has(text: str, pattern: str) -> bool:
    return re.search(pattern, fold(text), re.I) is not None


_RULES: dict[str, Callable[[str, Quotes], bool]] = {
    "a condition": _condition,
    "a cause": _cause,
    "a unit": _unit,
    "a bound": _bound,
    "a possibility": _modal,
    "some for all": _some,
    "one of several": _tied,
    "only": _only,
    "whose word it is": word_lost,
    "another speaker": other_speaker,
    "a modifier": _modifier,
    "an extreme": _extreme,
}
