"""Verifying a written sentence: nothing that its quotes do not bear out is passed.

The markers exist; the guard finds every figure, date, name and quoted string in the quotes cited; the evidence model
says that they support the sentence; and it is a sentence, without markup, addresses or orders.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.attribution import told_by_name, unknown_source, without_attribution
from assistant.bindings import bound_otherwise, clauses
from assistant.distortion import distorted
from assistant.evidence import EvidenceModel
from assistant.guard import Source, check_sentence, shared_words
from assistant.injection import is_instruction, visible
from assistant.models import Evidence
from assistant.qualifiers import changed_qualifier
from assistant.reordering import in_quote_order, second_of_two, without_asides
from assistant.retelling import retold_otherwise
from assistant.terms import content_words, fold, negations, tokens

#: A sentence has more than this share of its content words from its quotes, or the model has to be as good as sure of it.
LEAST_SHARED = 0.5
#: And every clause of it at least this one.
LEAST_OF_CLAUSE = 0.34
#: Doubts that no model's word outweighs: what they find missing is what a model overlooks most easily.
LAST_WORD = frozenset({"a condition", "a modifier", "cut short", "whose word it is"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence may be shown; `cited` are quote numbers as the model used them."""

    text: str
    cited: tuple[int, ...]
    support: float
    reason: str

    @property
    def good(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reason


def judge(
    written: str, numbered: Mapping[int, Evidence], abbreviations: Mapping[str, str], model: EvidenceModel
) -> Verdict:
    """Check one written sentence against the quotes it cites.

    Args:
        written: as the model wrote it, markers included.
        numbered: the quotes that it was given, by their numbers.
        abbreviations: spelled out by the articles themselves (`guard.spelled_out`).
        model: says whether quotes support a claim.
    """
    written = visible(written)
    cited = tuple(dict.fromkeys(markers_of(written)))
    text = plain_words(written)

    def bad(reason: str) -> Verdict:
        return Verdict(written, cited, 0.0, reason)

    if len(text.split()) < 3 or not any(c.isalpha() for c in text):
        return bad("no sentence")
    if not _FINISHED.search(written) or _FRAGMENT.match(text):
        return bad("unfinished")
    if text.endswith("?"):
        return bad("a question")
    if _MARKUP.search(text) or is_instruction(text):
        return bad("markup or an instruction")
    if not cited:
        return bad("no marker")
    if any(n not in numbered for n in cited):
        return bad("a marker without a quote")
    evidence = [numbered[n] for n in cited]
    sources = [
        Source.of_article(e.quote, e.hit.article.publisher, e.hit.article.published, e.hit.article.title)
        for e in evidence
    ]
    quoted = " ".join(source.quote for source in sources).lower()
    if any(address not in quoted for address in _ADDRESS.findall(text.lower())):
        return bad("an address")
    reason, support = weigh(text, sources, abbreviations, model)
    return bad(reason) if reason else Verdict(written, cited, support, "")


def weigh(
    text: str, sources: Sequence[Source], abbreviations: Mapping[str, str], model: EvidenceModel
) -> tuple[str, float]:
    """What speaks against a sentence beside its sources ("" for nothing), and how far they support it, in [0, 1]."""
    if text.count('"') % 2 or text.count("“") != text.count("”"):
        return "half a quotation", 0.0
    problems = check_sentence(text, sources, abbreviations=abbreviations)
    if problems:
        return f"{problems[0].sort}: {problems[0].words}", 0.0
    publishers = [source.publisher for source in sources if source.publisher]
    around = "\n".join(f"{s.quote}\n{s.publisher}\n{s.published}\n{s.title}" for s in sources)
    if unknown := unknown_source(text, around):
        return f"source: {unknown}", 0.0
    claim = without_attribution(_JOINING.sub("", _plain_answer(text)), publishers)
    quotes = [
        without_attribution(" ".join(told_by_name(s.quote, s.publisher, text).split()), [s.publisher])
        for s in sources
    ]
    together = " ".join(quotes)
    plain = [*quotes, *without_asides(quotes)]
    claim = in_quote_order(claim, plain) or claim
    said, whole = _words(claim), _words(together)
    if said in {whole, *map(_words, quotes)}:
        return "", 1.0
    doubt = _doubt(claim, quotes, together)
    # Word for word, and not turned round by what it leaves out.
    verbatim = any(f" {said} " in f" {_words(own)} " for own in (together, *plain))
    if not doubt and (verbatim or second_of_two(claim, plain)):
        return "", 1.0
    shared = shared_words(claim, around)
    # A clause that the quotes have hardly a word of cannot come from them, whatever stands beside it.
    apart = any(
        len(content_words(c)) > 1 and shared_words(c, around) < LEAST_OF_CLAUSE for c in clauses(claim)
    )
    if shared <= LEAST_SHARED or apart:
        doubt = doubt or "other words"
    support = float(model.supports([(claim, together)])[0])
    needed = model.thresholds.support
    if doubt:
        # A rule that is often right and sometimes wrong: the model may still be sure of the sentence.
        needed = math.inf if doubt.removeprefix("retold: ") in LAST_WORD else model.thresholds.doubted
    return ("" if support >= needed else doubt or "not supported"), support


def _doubt(claim: str, quotes: Sequence[str], together: str) -> str:
    """What a rule has against the claim, in a word or two; "" for nothing."""
    if distorted(claim, together):
        return "distorted"
    for changed in (changed_qualifier, retold_otherwise, bound_otherwise):
        if what := changed(claim, quotes):
            return f"retold: {what}"
    return ""


def _words(text: str) -> str:
    return " ".join(tokens(fold(text).lower()))


def _plain_answer(text: str) -> str:
    """A sentence without the "No," or "Yes," that only says again what it says itself."""
    match = re.match(r"(yes|no),\s+(?=\S)", text, re.I)
    if match is None or (match.group(1).lower() == "no") != (negations(text[match.end() :]) % 2 == 1):
        return text
    rest = text[match.end() :]
    return rest[:1].upper() + rest[1:]


#: What joins a sentence to the one before it and states nothing.
_JOINING = re.compile(
    r"^(?:However|Moreover|Furthermore|Meanwhile|Also|Besides|In addition|By contrast|In short|Overall|And then|Then|But|And|So|Still|Yet)"
    r",?\s+(?=[\"“]?[A-Z\d])"
)


#: What ends a sentence: its full stop, or the marker where a writer left the full stop out.
_FINISHED = re.compile(r"(?:[.!?…][\"”’')]*|\])[\s.*]*$")
#: A sentence has a capital at its head, but for names like "iPhone"; small models hand the question back without one.
_FRAGMENT = re.compile(r"[\"“”'‘(\[]*[a-z]+\b(?![A-Z])")
_GROUP = re.compile(r"\[\s*(\d+(?:\s*[,;&]\s*\d+)*)\s*\]")
_MARKUP = re.compile(r"https?:|www\.|!\[|\]\(|<[a-z/!]|```|javascript:|data:|\bbase64\b", re.I)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b")
_END = re.compile(r"[.!?…][\"”’')\]]*(?:\s*\[\s*\d+(?:\s*[,;&]\s*\d+)*\s*\])*[.]?(?=\s+[\"“(]?[A-Z\d])|\n+")


def markers_of(text: str) -> list[int]:
    """The quote numbers in a written sentence, in order; "[1, 2]" is two."""
    return [int(n) for m in _GROUP.finditer(text) for n in re.findall(r"\d+", m.group(1))]


def plain_words(text: str) -> str:
    """A written sentence without its markers and without list signs."""
    without = _GROUP.sub("", text)
    without = re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", without)
    without = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(without.replace("**", "").split()))
    return re.sub(r"([.!?])[.\s]+$", r"\1", without).strip()


def split_sentences(pieces: Iterator[str]) -> Iterator[str]:
    """Whole sentences as soon as they are finished; trailing markers belong to the sentence before them."""
    held = ""
    for piece in pieces:
        held += piece
        while match := _END.search(held):
            head, held = held[: match.end()].strip(), held[match.end() :]
            if head:
                yield head
    if held.strip():
        yield held.strip()
