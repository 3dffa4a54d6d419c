"""What belongs to what in a sentence: its denials, figures, names and subjects, clause by clause as in its quotes.

"Mira designed it, Jonas built it" holds every word of "Jonas designed it". What the quotes say in one clause may not be
told of the name, the figure or the denial of another. Deterministic; a clause that cannot be placed is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

from assistant.synonyms import meanings
from assistant.terms import NEGATIONS, STOPWORDS, content_words, fold, names, stem, tokens

#: Where the clauses of a sentence meet.
JOINTS = re.compile(r";|:|,(?!\d)|\s[–—-]\s|\b(?:and|but|while|whereas|yet)\b(?=\s)|(?<=[a-z\d])[.!?]\s+")
#: These deny nothing of what is said beside them.
_OTHER_THAN = frozenset({"except", "instead", "unlike"})
_STANDS_IN = re.compile(r"\b(?:it|them|its|their|own)\b", re.I)
_ARTICLE = re.compile(r"\s*(?:the |rival )?", re.I)


def bound_otherwise(claim: str, quotes: Sequence[str]) -> str:
    """What the claim binds to something else than its quotes do, in a word or two, or "".

    Args:
        claim: the sentence without markers, and without naming its publishers.
        quotes: what it cites, likewise.
    """
    return next((what for what, broken in _RULES.items() if broken(claim, quotes)), "")


def clauses(text: str) -> list[str]:
    """The parts of a text between its marks and conjunctions; a comma within a number joins."""
    found: list[str] = []
    held = ""
    for part in (p.strip() for p in JOINTS.split(text)):
        held = f"{held} {part}".strip()
        # "Ada" of "Ada and Bert built it" is no clause of its own.
        if len(held.split()) >= 4:
            found.append(held)
            held = ""
    return [*found, held] if held else found


def _denial(claim: str, quotes: Sequence[str]) -> bool:
    """A clause denies what the clause that it retells states, or the other way round."""
    given = [clause for quote in quotes for clause in clauses(quote)]
    for clause in clauses(claim):
        said = content_words(clause)
        shared = [len(said & content_words(g)) for g in given]
        if len(said) < 2 or max(shared, default=0) < max(2, 0.6 * len(said)):
            continue
        likest = [g for g, count in zip(given, shared, strict=True) if count == max(shared)]
        if all(_denied(clause) != _denied(g) for g in likest):
            return True
    return False


def _denied(text: str) -> bool:
    words = (w.lower() for w in tokens(re.sub(r"\bNo\.\s?(?=\d)", "", text)))
    return sum((w in NEGATIONS and w not in _OTHER_THAN) or w.endswith("n't") for w in words) % 2 == 1


def _figure(claim: str, quotes: Sequence[str]) -> bool:
    """A figure stands in one clause with a name or figure from which the quotes keep it apart."""
    given = [(number, clause) for number, quote in enumerate(quotes) for clause in clauses(quote)]
    for clause in clauses(claim):
        numbers, named = _numbers(clause), {fold(n) for n in names(clause)}
        for number in numbers:
            at = [g for g in given if number in _numbers(g[1])]
            for other in _nearest(number, (numbers | named) - {number}, fold(clause)) if at else ():
                beside = [g for g in given if other in _numbers(g[1]) or other in fold(g[1])]
                if not beside or any(g in beside for g in at):
                    continue
                # Only where the other has a figure of its own is there something to mix up.
                if not any(_numbers(g[1]) - {number} for g in beside):
                    continue
                if other in named and any(_goes_on(other, b, a) for a in at for b in beside):
                    continue
                return True
    return False


def _nearest(number: str, others: frozenset[str], clause: str) -> list[str]:
    """The one of the others that stands nearest to a number in the clause: what it is the number of."""
    at = clause.find(number)
    placed = [o for o in others if o in clause]
    return sorted(
        placed, key=lambda o: (min(abs(m.start() - at) for m in re.finditer(re.escape(o), clause)), o)
    )[:1]


def _numbers(text: str) -> frozenset[str]:
    for name in names(text):
        if any(c.isdigit() for c in name):
            text = text.replace(name, " ")
    return frozenset(re.findall(r"(?<![\w.-])\d+(?:[.,]\d+)*(?![\w-])", text))


def _goes_on(subject: str, before: tuple[int, str], clause: tuple[int, str]) -> bool:
    """Whether the subject of an earlier clause of the same quote is also that of a clause without its own."""
    starts = fold(before[1]).removeprefix("the ").startswith(subject)
    return starts and before[0] == clause[0] and not _subject(clause[1])


def _subject(clause: str) -> str:
    """The name that a clause begins with, or ""."""
    found, start = names(clause), clause[_ARTICLE.match(clause).end() :]  # type: ignore[union-attr]
    return found[0] if found and start.startswith(found[0]) else ""


def _told_of_another(claim: str, quotes: Sequence[str]) -> bool:
    """What the quotes say in a clause about one name only, the claim says of another name."""
    given = [clause for quote in quotes for clause in clauses(quote)]
    for clause in clauses(claim):
        subject = _subject(clause)
        if not subject:
            continue
        own = content_words(subject)
        said = content_words(clause) - own
        for number, other in enumerate(given):
            theirs = _subject(other)
            if (
                not theirs
                or len(other.split()) < 4
                or fold(theirs) in fold(clause)
                or own & content_words(other)
            ):
                continue
            rest = frozenset().union(*(content_words(g) for n, g in enumerate(given) if n != number))
            # "Jonas built it": what it is stands in the clause before.
            if any(
                own & content_words(g) and _STANDS_IN.search(g) and said & content_words(g) for g in given
            ):
                continue
            if said & (content_words(other) - rest - content_words(theirs)):
                return True
    return False


def _exchanged(claim: str, quotes: Sequence[str]) -> bool:
    """One word of a quote's wording has been exchanged for one that means something else and stands nowhere."""
    ours = _plain(claim)
    known = content_words(" ".join(quotes))
    for quote in quotes:
        theirs = _plain(quote)
        matcher = SequenceMatcher(None, [stem(w) for w in ours], [stem(w) for w in theirs], autojunk=False)
        if sum(block.size for block in matcher.get_matching_blocks()) < 0.7 * len(ours):
            continue
        for what, a, b, c, d in matcher.get_opcodes():
            if what != "replace" or (b - a, d - c) != (1, 1) or {ours[a], theirs[c]} & STOPWORDS:
                continue
            if not meanings(ours[a]) & meanings(theirs[c]) and not content_words(ours[a]) & known:
                return True
    return False


def _plain(text: str) -> list[str]:
    return [w for w in tokens(text.lower()) if w not in {"the", "a", "an", "that"}]


_RULES: dict[str, Callable[[str, Sequence[str]], bool]] = {
    "a denial": _denial,
    "a figure": _figure,
    "a subject": _told_of_another,
    "a word": _exchanged,
}
