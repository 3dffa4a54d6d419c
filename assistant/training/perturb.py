"""Claims made from sentences: harmless edits that stay supported, and small changes that do not."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

NAME = re.compile(r"\b[A-Z][\w'-]*[a-z0-9][\w-]*(?:\s+(?:[A-Z][\w'-]*|\d+(?:\.\d+)?)\b)*")
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_SMALL = "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty".split()
_DATE = re.compile(rf"\b(?:{'|'.join(_MONTHS + _DAYS)})\b")
_AUX = re.compile(
    r"\b(is|are|was|were|will|would|can|could|should|may|might|must|has|have|had|does|do|did)\b(?! not|n't|n’t)"
)
_NOT = re.compile(r"(?: not\b|n[’']t\b| never\b| no longer\b)")
PAST = {
    "released": "release", "launched": "launch", "announced": "announce", "said": "say", "scored": "score",
    "rose": "rise", "fell": "fall", "won": "win", "made": "make", "became": "become", "began": "begin",
    "bought": "buy", "sold": "sell", "built": "build", "wrote": "write", "led": "lead", "joined": "join",
    "opened": "open", "closed": "close", "published": "publish", "beat": "beat", "used": "use", "found": "find",
    "moved": "move", "added": "add", "called": "call", "started": "start", "ended": "end", "took": "take",
    "gave": "give", "confirmed": "confirm", "declined": "decline", "refused": "refuse", "grew": "grow",
    "raised": "raise", "cut": "cut", "founded": "found", "received": "receive", "served": "serve",
    "offered": "offer", "came": "come", "went": "go", "paid": "pay", "tested": "test", "approved": "approve",
}  # fmt: skip
_OPPOSITES = (
    "rose/fell more/less before/after higher/lower first/last increase/decrease increased/decreased up/down "
    "open/closed won/lost larger/smaller faster/slower best/worst above/below better/worse early/late "
    "cheaper/dearer free/paid public/private true/false begin/end began/ended start/stop started/stopped "
    "ahead/behind inside/outside strong/weak strongest/weakest old/new older/newer most/least gains/losses "
    "gained/lost win/lose accepted/rejected approved/rejected confirmed/denied allowed/forbidden north/south "
    "east/west majority/minority maximum/minimum long/short with/without longer/shorter bought/sold "
    "supports/opposes improved/worsened same/different possible/impossible available/unavailable "
    "optional/required over/under easy/hard high/low trails/leads raised/cut growing/shrinking"
).split()
_SURE = {"may": "will", "might": "will", "could": "will", "can": "must", "will": "may", "would": "might"}
_SURE |= {"plans to": "has begun to", "hopes to": "will", "expects to": "is certain to", "likely": "certain"}
_SURE |= {"reportedly": "certainly", "perhaps": "certainly", "probably": "definitely", "about": "exactly"}
_MANY = {"all": "some", "some": "all", "every": "hardly any", "many": "all", "most": "all", "few": "most"}
_MANY |= {
    "both": "neither of the",
    "none": "all",
    "several": "all",
    "only": "not only",
    "always": "sometimes",
}
_MANY |= {"never": "often", "half": "all", "nobody": "everybody", "any": "no", "each": "no"}
_LIKE = {
    "said": "stated",
    "says": "states",
    "announced": "said",
    "but": "yet",
    "large": "big",
    "bigger": "larger",
}
_LIKE |= {"because": "since", "buy": "purchase", "began": "started", "roughly": "about", "about": "around"}
_LIKE |= {
    "around": "about",
    "though": "although",
    "also": "in addition",
    "company": "firm",
    "firm": "company",
}
_LIKE |= {
    "shows": "demonstrates",
    "needs": "requires",
    "uses": "employs",
    "however": "but",
    "while": "whereas",
}
_LIKE |= {"many": "numerous", "help": "assist", "build": "construct", "quick": "fast", "get": "obtain"}
_LIKE |= {"per cent": "%", "percent": "per cent", "rival": "competitor", "rivals": "competitors"}

Edit = Callable[[str, random.Random], str | None]


def _once(text: str, table: dict[str, str], rng: random.Random) -> str | None:
    hits = [m for m in re.finditer(r"\b(?:" + "|".join(map(re.escape, table)) + r")\b", text)]
    if not hits:
        return None
    hit = rng.choice(hits)
    return text[: hit.start()] + table[hit[0]] + text[hit.end() :]


def names(text: str) -> list[str]:
    """Capitalised names in a sentence; the first word counts only if more of the name follows or it recurs."""
    found = []
    for match in NAME.finditer(text):
        if match.start() == 0 and " " not in match[0] and text.count(match[0]) < 2:
            continue
        if not _DATE.fullmatch(match[0]):
            found.append(match[0])
    return list(dict.fromkeys(found))


def negate(text: str, rng: random.Random) -> str | None:
    """The sentence with a "not" put in, or taken out."""
    if (hit := _NOT.search(text)) and rng.random() < 0.7:
        return text[: hit.start()] + text[hit.end() :]
    if hits := list(_AUX.finditer(text)):
        hit = rng.choice(hits)
        word = (
            rng.choice([" not", " not", "n't"]) if hit[0] not in ("may", "might", "can", "will") else " not"
        )
        return text[: hit.end()] + word + text[hit.end() :]
    if hits := [m for m in re.finditer(r"\b[a-z]+\b", text) if m[0] in PAST]:
        hit = rng.choice(hits)
        return f"{text[: hit.start()]}did not {PAST[hit[0]]}{text[hit.end() :]}"
    return None


def swap_roles(text: str, rng: random.Random) -> str | None:
    """Two names of the sentence change places, unless they only stand in a list."""
    found = list(NAME.finditer(text))
    pairs = [
        (a, b) for i, a in enumerate(found) for b in found[i + 1 :] if a[0] not in b[0] and b[0] not in a[0]
    ]
    pairs = [p for p in pairs if not _DATE.search(p[0][0] + p[1][0])]
    pairs = [p for p in pairs if not re.fullmatch(r"[\s,]*(?:and|or|,)?\s*", text[p[0].end() : p[1].start()])]
    pairs = [
        p
        for p in pairs
        if " " in p[0][0] or p[0].start() > 0 or text.count(p[0][0]) > 1 or p[0][0][-1] != "e"
    ]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    return text[: a.start()] + b[0] + text[a.end() : b.start()] + a[0] + text[b.end() :]


def opposite(text: str, rng: random.Random) -> str | None:
    """One word becomes its opposite."""
    table: dict[str, str] = {}
    for pair in _OPPOSITES:
        one, other = pair.split("/")
        table |= {one: other, other: one}
    return _once(text, table, rng)


def modality(text: str, rng: random.Random) -> str | None:
    """What may be becomes what will be, or the other way round."""
    return _once(text, _SURE, rng)


def quantity(text: str, rng: random.Random) -> str | None:
    """All becomes some, only becomes not only."""
    return _once(text, _MANY, rng)


def number(text: str, rng: random.Random) -> str | None:
    """One figure changes, digits or word."""
    hits = list(_NUMBER.finditer(text))
    words = [m for m in re.finditer(r"\b[a-z]+\b", text) if m[0] in _SMALL]
    if not hits and not words:
        return None
    hit = rng.choice(hits + words)
    if hit in words:
        new = rng.choice([w for w in _SMALL if w != hit[0]])
    else:
        digits = [i for i, c in enumerate(hit[0]) if c.isdigit()]
        at = rng.choice(digits)
        new = hit[0][:at] + rng.choice([d for d in "123456789" if d != hit[0][at]]) + hit[0][at + 1 :]
    return text[: hit.start()] + new + text[hit.end() :]


def date(text: str, rng: random.Random) -> str | None:
    """A month or a day of the week becomes another."""
    hits = list(_DATE.finditer(text))
    if not hits:
        return None
    hit = rng.choice(hits)
    kind = _MONTHS if hit[0] in _MONTHS else _DAYS
    return text[: hit.start()] + rng.choice([k for k in kind if k != hit[0]]) + text[hit.end() :]


def rename(text: str, rng: random.Random, *, others: list[str]) -> str | None:
    """A name becomes one of `others`."""
    mine, others = names(text), [o for o in others if o not in text]
    if not mine or not others:
        return None
    return text.replace(rng.choice(mine), rng.choice(others))


def same(text: str, rng: random.Random) -> str | None:
    """The sentence itself."""
    return text


def reworded(text: str, rng: random.Random) -> str | None:
    """A like word in place of another."""
    return _once(text, _LIKE, rng)


#: A lead on which the rest depends: without it the sentence says more than it did.
_BINDING_LEAD = re.compile(
    r"(?:If|Unless|Until|With|Without|According|Only|Had|Were|Should|Provided|(?:By|In) .* (?:account|view|words|reading|count))\b"
)


def trimmed(text: str, rng: random.Random) -> str | None:
    """Without its leading adverb or short clause, or without what follows its last comma."""
    lead = re.match(r"^[A-Z][\w ’']{1,40}, (?=\w)", text)
    if lead and not _BINDING_LEAD.match(lead[0]) and len(text) - lead.end() > 40:
        rest = text[lead.end() :]
        return rest[0].upper() + rest[1:]
    parts = re.split(r"(?:,|;|:) (?:and|but|which|who|while|although|with|where)\b", text)
    if len(parts) > 1 and len(parts[0]) > 25 and '"' not in parts[0]:
        return parts[0].rstrip(" ,;:") + "."
    return None


def reported(text: str, rng: random.Random) -> str | None:
    """Without the words that say who said it, or with such words moved to the front."""
    if tail := re.search(
        r",[\"”]? ((?:the |a )?[\w ]{2,30}) (said|says|added|wrote)(?:[^,]{0,30})?\.$", text
    ):
        said = text[: tail.start()].strip('"“')
        return f"{tail[1][0].upper()}{tail[1][1:]} {tail[2]} that {said[0].lower()}{said[1:]}."
    return None


SUPPORTED: dict[str, Edit] = {"same": same, "reworded": reworded, "trimmed": trimmed, "reported": reported}
UNSUPPORTED: dict[str, Edit] = {
    "negation": negate,
    "swapped": swap_roles,
    "opposite": opposite,
    "modality": modality,
    "quantity": quantity,
    "number": number,
    "date": date,
}
