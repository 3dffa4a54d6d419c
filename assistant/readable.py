"""A quote as it is shown: on one line, and with what its first word stands for in square brackets. Pure."""

from __future__ import annotations

import re

from assistant.evidence import sentence_before
from assistant.models import MARKER, Evidence
from assistant.terms import names
from corpus.models import Launch

_PRONOUN = re.compile(
    r"^(?:(?:And|But|So|Still|Yet|Now|Today|However|Meanwhile),?\s+)?(It|They|He|She)\b(?!['’]s\b)",
    re.UNICODE,
)


def readable(evidence: Evidence, launch: Launch) -> str:
    """The quote on one line, an opening pronoun explained in square brackets where the text leaves no doubt."""
    # "[1]" in an article is not one of our markers; an invisible joiner keeps the two apart.
    flat = MARKER.sub("[\u2060\\1]", " ".join(evidence.quote.split()))
    match = _PRONOUN.match(flat)
    if not match:
        return flat
    referent = _referent(match.group(1), sentence_before(evidence), launch)
    if not referent or referent.lower() in flat.lower():
        return flat
    return f"{flat[: match.end()]} [{referent}]{flat[match.end() :]}"


def _referent(pronoun: str, before: str, launch: Launch) -> str:
    """Who "It" or "She" is: the one name that opens the sentence before, or "" when in doubt."""
    found = names(before)
    if pronoun in ("He", "She"):
        people = [n for n in found if len(n.split()) == 2 and not any(c.isdigit() for c in n)]
        return people[0] if len(people) == 1 else ""
    if pronoun == "It" and found:
        first = found[0]
        opening = before.replace("’", "'")
        at = opening.find(first)
        if 0 <= at <= 4 or re.match(r"^(?:The|In|On|At|By|With|For)\b.{0,40}$", before[:at] or "x"):
            own = next(
                (n for n in (launch.name, launch.company) if n and first.lower().endswith(n.lower())), ""
            )
            # Two plain words may be a person, and a person is no "it".
            person = len(first.split()) == 2 and first.replace(" ", "").isalpha()
            return own or (first if at <= 4 and not person else "")
    return ""
