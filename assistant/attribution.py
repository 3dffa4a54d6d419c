"""Who a sentence says its claim comes from: "The Agent Report wrote that ...", "..., according to TechCrunch".

That an article's own publisher said what the article says needs no support from its words, and its name in the
sentence only draws a model's eye from the claim: it is taken off before the claim is judged. A source that nobody
cited is another matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from assistant.terms import MONTHS, tokens

_SAID = r"(?:wrote|writes|reported|reports|said|says|noted|notes|stated|states|found|finds|observed|observes)"
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


def ascribes(text: str, who: Iterable[str]) -> bool:
    """Whether the sentence says that it is what one of these says."""
    names = "|".join(re.escape(form) for name in who for form in _forms(name))
    said = rf"(?:{_SAID}|claim(?:s|ed)?|announce[sd]?|promise[sd]?|describe[sd]?|calls?|called)"
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
            rf"^(?:according to|as reported by)\s+{who}{_WHEN}\s*,\s+",
            rf"^in\s+{who}['’]s?\s+{_ACCOUNT}(?:\s+of\s+{_DAY})?\s*,\s+",
            rf"^{who}{_WHEN}\s+(?:also\s+)?{_SAID}{_WHEN}\s+that\s+",
            rf",?\s+(?:according to|as reported by|by the account of)\s+{who}{_WHEN}\s*\.?$",
            rf",\s+(?:as\s+)?{who}{_WHEN}\s+{_SAID}{_WHEN}\s*\.?$",
            rf",\s+in\s+{who}['’]s?\s+{_ACCOUNT}(?:\s+of\s+(?:{_DAY}|that day))?\s*\.?$",
            rf",\s+(?:as\s+)?{who}{_WHEN}\s+{_SAID}{_WHEN}\s*,\s+",
        )
    )
