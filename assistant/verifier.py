"""Verifying a written sentence: nothing that its quotes do not bear out is passed.

The markers exist; the guard finds every figure, date, name and quoted string in the quotes cited; the evidence model
says that they support the sentence; and it is a sentence, without markup, addresses or orders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assistant.distortion import distorted
from assistant.evidence import EvidenceModel
from assistant.guard import Source, check_sentence
from assistant.injection import is_instruction, visible
from assistant.models import Evidence


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
    problems = check_sentence(text, sources, abbreviations=abbreviations)
    if problems:
        return bad(f"{problems[0].sort}: {problems[0].words}")
    together = " ".join(" ".join(e.quote.split()) for e in evidence)
    if distorted(text, together):
        return bad("distorted")
    support = float(model.supports([(text, together)])[0])
    if support < model.thresholds.support:
        return bad("not supported")
    return Verdict(written, cited, support, "")


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
