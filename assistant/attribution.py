"""Who a sentence says its claim comes from: "The Agent Report wrote that ...", "..., according to TechCrunch".

That an article's own publisher said what the article says needs no support from its words, and its name in the
sentence only draws a model's eye from the claim: it is taken off before the claim is judged. A source that nobody
cited is another matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from assistant.terms import MONTHS, content_words, fold, tokens

#: What a report does with what it tells.
SAID = r"(?:wrote|writes|reported|reports|said|says|noted|notes|stated|states|found|finds|observed|observes)"
_MONTH = "|".join(sorted((m for m in MONTHS), key=len, reverse=True))
_DAY = rf"(?:(?:\d{{1,2}}\s+)?(?:{_MONTH})(?:\s+\d{{1,2}})?(?:,?\s+\d{{4}})?|\d{{4}}-\d{{2}}-\d{{2}})"
_WHEN = rf"(?:,?\s+(?:on|in|of)\s+{_DAY},?)?"
_ACCOUNT = r"(?:words|reading|account|view|report|article)"
_SOURCE = re.compile(r"\b(?:according to|as (?:reported|noted|stated) by)\s+([^,.;:]{1,60})", re.I)
_LABEL = re.compile(r"^([^\"“”:]{1,80}):\s*[\"“]")
_SMALL = frozenset(
    "the a an of and on in by its their own report article undated dated says said wrote".split()
)


def without_attribution(text: str, publishers: Iterable[str]) -> str:
    """The claim alone, where the sentence ascribes it to one of these publishers; else the sentence as it is."""
    found = tuple(dict.fromkeys(form for p in publishers for form in _forms(p)))
    if not found:
        return text
    *outer, within = _patterns(found)
    text = within.sub(", ", text)
    for pattern in outer:
        match = pattern.search(text)
        if match is None:
            continue
        rest = (text[: match.start()].rstrip(" ,") + "." if match.start() else text[match.end() :]).strip()
        if len(rest.split()) >= 3:
            return rest[:1].upper() + rest[1:]
    return text


_US = re.compile(r"\b(?:we|us|our)\b", re.I)


def told_by_name(quote: str, publisher: str, claim: str) -> str:
    """The quote with its publisher's name in place of "we", "us" and "our", where the claim has that name and not "we".

    What stands in quotation marks is somebody else's "we".
    """
    forms = _forms(publisher)
    named = re.search(rf"(?:\bthe\s+)?(?:{'|'.join(map(re.escape, forms))})", claim, re.I) if forms else None
    if named is None or _US.search(claim):
        return quote

    def put(match: re.Match[str]) -> str:
        return f"{named[0]}'s" if match[0].lower() == "our" else named[0]

    pieces = re.split(r"([\"“][^\"“”]*[\"”])", quote)
    return "".join(piece if i % 2 else _US.sub(put, piece) for i, piece in enumerate(pieces))


def ascribes(text: str, who: Iterable[str]) -> bool:
    """Whether the sentence says that it is what one of these says."""
    names = "|".join(re.escape(form) for name in who for form in _forms(name))
    said = rf"(?:{SAID}|claim(?:s|ed)?|announce[sd]?|promise[sd]?|describe[sd]?|calls?|called)"
    return bool(
        names
        and re.search(
            rf"\b(?:{names})\b[^.;]{{0,30}}\b{said}\b|\baccording to (?:the )?(?:{names})|\bin (?:the )?(?:{names})['’]s? {_ACCOUNT}",
            text,
            re.I,
        )
    )


def unknown_source(text: str, known: str) -> str:
    """What the sentence names as its source although nothing that is `known` does, or ""."""
    words = {w.lower() for w in tokens(known)} | _SMALL
    spans = [m.group(1) for m in _SOURCE.finditer(text)]
    label = _LABEL.match(text)
    if label:
        spans.append(label.group(1))
    for span in spans:
        named = (
            tokens(span)
            if label and span == label.group(1)
            else [w for w in tokens(span) if w.lower() not in _SMALL][:1]
        )
        if any(w.lower() not in words and not w[0].isdigit() for w in named):
            return span.strip()
    return ""


def _forms(publisher: str) -> tuple[str, ...]:
    """A publisher's name as a sentence may have it: without "The", without what stands in brackets."""
    short = re.sub(r"\s*\([^)]*\)", "", publisher).strip()
    return tuple(f for name in (publisher.strip(), short) if (f := re.sub(r"^the\s+", "", name, flags=re.I)))


@lru_cache(maxsize=256)
def _patterns(publishers: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    names = "|".join(re.escape(p) for p in sorted(publishers, key=len, reverse=True))
    who = rf"(?:the\s+)?(?:{names})"
    return tuple(
        re.compile(p, re.I)
        for p in (
            rf"^(?:according to|as reported by)\s+{who}{_WHEN}\s*,?\s+",
            rf"^in\s+{who}['’]s?\s+{_ACCOUNT}(?:\s+of\s+{_DAY})?\s*,\s+",
            rf"^{who}{_WHEN}\s+(?:also\s+)?(?:{SAID}{_WHEN}\s+that|says|said)\s+",
            rf",?\s+(?:according to|as reported by|by the account of)\s+{who}{_WHEN}\s*\.?$",
            rf",\s+(?:as\s+)?{who}{_WHEN}\s+{SAID}{_WHEN}\s*\.?$",
            rf",\s+in\s+{who}['’]s?\s+{_ACCOUNT}(?:\s+of\s+(?:{_DAY}|that day))?\s*\.?$",
            rf",\s+(?:as\s+)?{who}{_WHEN}\s+{SAID}{_WHEN}\s*,\s+",
        )
    )


_SAYING = (
    r"(?:claim(?:s|ed)?|call(?:s|ed)?|sa(?:ys?|id)|argu(?:es|ed)|accus(?:es|ed?)|blam(?:es|ed?)|believ(?:es|ed?)"
    r"|thinks?|thought|warn(?:s|ed)?|suggest(?:s|ed)?|wr(?:ites?|ote)|report(?:s|ed)?|told|estimat(?:es|ed?)"
    r"|predict(?:s|ed)?|complain(?:s|ed)?|quoted|put|ranked|found (?:that|\w+ (?:strong|weak|good|bad))|rumou?r(?:s|ed)?"
    r"|reportedly|allegedly|state[sd]?|note[sd]|announced|heard)"
)
_ASCRIBED = rf"\b{_SAYING}\b|\baccording to\b|\bby [\w' ]{{1,30}} (?:account|count|reading|claim)\b|\bin [\w' ]{{1,30}}(?:words|reading|view|account)\b"
#: What keeps a claim somebody's word; more than is needed to make it that.
_KEPT = (
    rf"{_ASCRIBED}|\b(?:hop(?:es|ed)|admit(?:s|ted)?|den(?:y|ies|ied)|promis(?:es|ed?)|reject(?:s|ed)|grants?"
    r"|conclud(?:es|ed)|holds|sees|gives?|gave|count(?:s|ed)?|describ(?:es|ed)|conced(?:es|ed)|acknowledg(?:es|ed)"
    r"|judg(?:es|ed)|rat(?:es|ed)|ranks|puts|finds|found|tells|observed)\b"
)


#: That a thing was announced is an event, and nobody's word.
_EVENT = re.compile(r"\b(?:was|were|is|are|been|being)\s+(?:first\s+)?announced\b", re.I)


def word_lost(claim: str, quotes: Sequence[str]) -> bool:
    """The quotes give it as somebody's word (not their publisher's), the claim as a fact."""
    if re.search(_KEPT, fold(claim), re.I):
        return False
    said = content_words(claim)
    shared = [len(said & content_words(quote)) for quote in quotes]
    for quote, count in zip(quotes, shared, strict=True):
        if count < max(shared):
            continue
        part = max(re.split(r";|, but\b|, and\b", quote), key=lambda p: len(said & content_words(p)))
        part = _EVENT.sub(" ", part)
        if not re.search(_ASCRIBED, fold(part), re.I):
            return False
    return bool(quotes)


_WHO = r"((?:(?:the|a|an|its|their|his|her)\s+)?(?:[\w'.-]+\s+){0,3}[\w'.-]+)"
_SPEAKERS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?:^|[,;.]\s+|\b(?:and|that|while|but|who|which)\s+){_WHO}\s+(?:also\s+|itself\s+)?(?:{_SAYING}|promises|hopes|rejects?|den(?:ied|ies)|admitted)\b",
        r"\b(?:according to|as reported by)\s+([^,.;]+)",
        r",\s+(?:wrote|said|says|reported|writes)\s+([^.;]+)",
        rf",\s+([^,.;]{{2,50}}?)\s+(?:{_SAYING})\s*(?:$|[,.;])",
        r"\bby\s+([\w' ]{1,30}?)'s? (?:account|count|reading|claim)\b",
    )
)


def other_speaker(claim: str, quotes: Sequence[str]) -> bool:
    """The claim puts it into the mouth of somebody who says nothing in its quotes."""
    if re.match(r"(?:After|Before|Unless|If|When|While|In)\b", claim):
        return False
    named = {w for w in speakers(_ACTS.sub(" ", claim)) if not w.isdigit()}
    openings = (match[0] for quote in quotes if (match := _OPENING.match(quote)))
    given = frozenset().union(*map(speakers, quotes), *map(content_words, openings))
    return bool(named) and not named & given


#: What is done by saying something needs nobody who says it.
_ACTS = re.compile(
    r"\b(?:announced|quoted|put|told|heard|noted|stated|ranked|(?:wrote|reported) (?!that\b)(?:the|a|an|its)\b)",
    re.I,
)
_OPENING = re.compile(rf"[^.;:]{{2,90}}?\b{_SAYING}\b", re.I)


def speakers(text: str) -> frozenset[str]:
    """Stems of the names of those whose word a text gives: "The Machine Herald wrote", "according to Vals"."""
    found = (match[1] for pattern in _SPEAKERS for match in pattern.finditer(fold(text)))
    return frozenset().union(*map(content_words, found))


def reporters(question: str, text: str) -> frozenset[str]:
    """The text's speakers, who are no answer to what they report; nobody where the question asks whose word it is."""
    return frozenset() if _asks_who_said(question) else speakers(text)


def _asks_who_said(question: str) -> bool:
    """Whether a question asks whose word something is: "Who calls it strong?"."""
    return bool(
        re.match(
            rf"\W*(?:who|which [\w' -]+?|according to who(?:m)?)\b.{{0,20}}?\b{_SAYING}\b", question, re.I
        )
    )
