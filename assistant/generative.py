"""The writing answerer: a chat model writes, and only sentences that their quotes bear out are shown.

As the model streams, each finished sentence is checked: its markers exist, the guard finds every figure, date, name
and quoted string in the quotes cited, and the evidence model says that they support it. A sentence that fails is
repaired once, else dropped. Whatever happens to the model, the reader gets an answer: the quotes.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable, RunnableConfig

from assistant import prompts
from assistant.distortion import distorted
from assistant.errors import ModelError
from assistant.evidence import EvidenceModel
from assistant.extractive import DIFFER, Draft, compose
from assistant.guard import Source, check_sentence, spelled_out
from assistant.injection import is_instruction, visible
from assistant.model_stream import bounded_stream
from assistant.models import MARKER, Evidence, Outcome, Sentence, Turn
from assistant.settings import ChatConfig
from assistant.steps import Reading
from corpus.models import Launch

MOST_SENTENCES = 5
MOST_QUOTES = 8
MOST_REPAIRS = 2
IN_THEIR_WORDS = "In the sources' own words:"
UNVERIFIED = "What the chat model wrote could not be verified; these are the sources' own words."


@dataclass(slots=True)
class Tally:
    """What became of the sentences of one answer."""

    kept: int = 0
    repaired: int = 0
    dropped: int = 0
    reasons: list[str] = field(default_factory=list)


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


class WritingAnswerer:
    """Lets a chat model write the answer; see the module's docstring."""

    def __init__(
        self,
        model: Runnable[Any, Any],
        evidence: EvidenceModel,
        launch: Launch,
        config: ChatConfig,
        *,
        name: str,
    ) -> None:
        self.name = name
        self.model = model
        self._evidence = evidence
        self._launch = launch
        self._config = config
        self.last_tally = Tally()

    def write(self, reading: Reading, *, config: RunnableConfig | None = None) -> Iterator[Sentence | Draft]:
        """See Answerer."""
        quotes = compose(
            reading.question, reading.scored, thresholds=self._evidence.thresholds, launch=self._launch
        )
        tally = self.last_tally = Tally()
        if quotes.outcome is Outcome.NO_EVIDENCE:
            # With no evidence the model is not asked: whatever it wrote could not be borne out.
            yield from quotes.sentences
            yield quotes
            return
        numbered = self._number(reading, quotes)
        draft = Draft(quotes.outcome, quotes.confidence, witnesses=quotes.witnesses)
        failure = ""
        try:
            for sentence in self._sentences(reading, numbered, tally, config):
                shown = self._show(draft, sentence, numbered)
                yield shown
        except ModelError as exc:
            failure = str(exc)
        yield from self._complete(draft, quotes, failure)
        yield draft

    def _number(self, reading: Reading, quotes: Draft) -> dict[int, Evidence]:
        """The quotes that the model gets, newest first: those of the quoting answer and the next best."""
        needed = {(c.article_id, c.start) for c in quotes.citations}
        floor = self._evidence.thresholds.partial * 0.5
        pool: dict[tuple[str, int], Evidence] = {}
        for _, evidence in reading.scored:
            for e in evidence:
                key = (e.hit.article.id, e.start)
                if key in needed or (e.score >= floor and len(pool) < MOST_QUOTES):
                    pool.setdefault(key, e)
        ordered = sorted(pool.values(), key=lambda e: e.hit.article.published or date.min, reverse=True)
        return dict(enumerate(ordered[: MOST_QUOTES + 4], start=1))

    def _sentences(
        self, reading: Reading, numbered: dict[int, Evidence], tally: Tally, config: RunnableConfig | None
    ) -> Iterator[Verdict]:
        deadline = time.monotonic() + self._config.timeout
        fence = f"-----{secrets.token_hex(6)}-----"
        messages = [
            SystemMessage(
                prompts.WRITE.format(
                    today=date.today().isoformat(), most=MOST_SENTENCES, nothing=prompts.NOTHING, fence=fence
                )
            ),
            HumanMessage(
                prompts.ASK.format(
                    fence=fence, quotes=_listed(numbered), question=reading.question.text, most=MOST_SENTENCES
                )
            ),
        ]
        abbreviations = spelled_out(h.article.text for h in reading.hits)
        said: list[str] = []
        repairs = after_gap = 0
        for written in split_sentences(self._tokens(messages, deadline, config)):
            if written.strip(" .").upper() == prompts.NOTHING:
                continue
            if not self._config.verify:
                tally.kept += 1
                yield Verdict(written, tuple(n for n in _markers(written) if n in numbered), 0.0, "")
                continue
            verdict = self.judge(written, numbered, abbreviations)
            if not verdict.good and repairs < MOST_REPAIRS:
                repairs += 1
                verdict = self._repair(verdict, numbered, abbreviations, deadline, config)
                tally.repaired += verdict.good
            elif verdict.good:
                tally.kept += 1
            plain = _plain(verdict.text)
            if not verdict.good or plain in said:
                tally.dropped += not verdict.good
                tally.reasons.append(verdict.reason)
                after_gap = 1
                continue
            said.append(plain)
            text = _CONNECTIVE.sub("", verdict.text) if after_gap else verdict.text
            after_gap = 0
            yield Verdict(text[:1].upper() + text[1:], verdict.cited, verdict.support, "")
            if len(said) >= MOST_SENTENCES:
                return

    def _tokens(
        self, messages: Sequence[BaseMessage], deadline: float, config: RunnableConfig | None
    ) -> Iterator[str]:
        return bounded_stream(
            self.model, list(messages), deadline=deadline, retries=self._config.retries,
            most_chars=self._config.max_tokens * 8, config=config,
        )  # fmt: skip

    def _repair(
        self, failed: Verdict, numbered: dict[int, Evidence], abbreviations: dict[str, str], deadline: float,
        config: RunnableConfig | None,
    ) -> Verdict:  # fmt: skip
        """Ask once more for this sentence alone, with the quotes it cited (or all, where it cited none)."""
        fence = f"-----{secrets.token_hex(6)}-----"
        few = {n: numbered[n] for n in failed.cited if n in numbered} or numbered
        prompt = prompts.REPAIR.format(
            fence=fence, quotes=_listed(few), sentence=_plain(failed.text), nothing=prompts.NOTHING
        )
        for written in split_sentences(self._tokens([HumanMessage(prompt)], deadline, config)):
            return self.judge(written, numbered, abbreviations)
        return failed

    def judge(self, written: str, numbered: dict[int, Evidence], abbreviations: dict[str, str]) -> Verdict:
        """Check one written sentence against the quotes it cites."""
        written = visible(written)
        cited = tuple(dict.fromkeys(_markers(written)))
        text = _plain(written)

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
        support = float(self._evidence.supports([(text, together)])[0])
        if support < self._evidence.thresholds.support:
            return bad("not supported")
        return Verdict(written, cited, support, "")

    def _show(self, draft: Draft, verdict: Verdict, numbered: dict[int, Evidence]) -> Sentence:
        """The sentence as shown: plain text, markers renumbered in the order of their first use."""
        if not self._config.verify:
            sentence = Sentence(" ".join(verdict.text.split()), (), verdict.support)
        else:
            markers = tuple(dict.fromkeys(draft.cite(numbered[n]) for n in verdict.cited))
            text = _plain(verdict.text).rstrip(" .")
            end = "" if text.endswith(("?", "!", "…")) else "."
            sentence = Sentence(f"{text}{end} {''.join(f'[{m}]' for m in markers)}", markers, verdict.support)
        draft.sentences.append(sentence)
        return sentence

    def _complete(self, draft: Draft, quotes: Draft, failure: str) -> Iterator[Sentence]:
        """What the model left out: everything if nothing it wrote could be shown, else the other side of a conflict."""
        if not draft.sentences:
            draft.sentences, draft.citations = list(quotes.sentences), list(quotes.citations)
            draft.conflicts = list(quotes.conflicts)
            draft.notes.append(failure or UNVERIFIED)
            yield from draft.sentences
            return
        told = {(c.article_id, c.start) for c in draft.citations}
        missing = [c for c in quotes.citations if (c.article_id, c.start) not in told]
        draft.conflicts = []
        if failure:
            draft.notes.append(failure)
        if not missing or not (failure or quotes.conflicts):
            yield from self._conflicts(draft, quotes)
            return
        phrase = Sentence(DIFFER if quotes.conflicts else IN_THEIR_WORDS, (), 1.0)
        draft.sentences.append(phrase)
        yield phrase
        for sentence in quotes.sentences:
            old = next((c for c in quotes.citations if c.marker in sentence.markers), None)
            if old is None or old not in missing:
                continue
            new = draft.adopt(old)
            shown = Sentence(MARKER.sub(f"[{new}]", sentence.text), (new,), 1.0)
            draft.sentences.append(shown)
            yield shown
        yield from self._conflicts(draft, quotes)

    def _conflicts(self, draft: Draft, quotes: Draft) -> Iterator[Sentence]:
        """Carry the quoting answer's conflicts over to this draft's markers; shows nothing."""
        draft.carry_conflicts(quotes)
        yield from ()

    def rewrite(self, question: str, turns: Sequence[Turn], *, config: RunnableConfig | None = None) -> str:
        """The question made to stand alone by the model, or "" where it failed; the caller checks it."""
        listed = "\n".join(f"{t.role}: {' '.join(t.text.split())[:300]}" for t in turns)
        prompt = prompts.REWRITE.format(turns=listed, question=question)
        deadline = time.monotonic() + min(15.0, self._config.timeout)
        try:
            text = "".join(self._tokens([HumanMessage(prompt)], deadline, config)).strip()
        except ModelError:
            return ""
        first = text.splitlines()[0].strip(' "“”') if text else ""
        return first if 3 <= len(first) <= 300 else ""


def _listed(numbered: dict[int, Evidence]) -> str:
    return prompts.number_quotes(
        [
            (n, e.hit.article.publisher, e.hit.article.published, " ".join(e.quote.split()))
            for n, e in numbered.items()
        ]
    )


_GROUP = re.compile(r"\[\s*(\d+(?:\s*[,;&]\s*\d+)*)\s*\]")
_MARKUP = re.compile(r"https?:|www\.|!\[|\]\(|<[a-z/!]|```|javascript:|data:|\bbase64\b", re.I)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b")
_CONNECTIVE = re.compile(
    r"^(?:However|But|Also|And|In addition|Additionally|Moreover|Furthermore|Yet|Still|Thus|Therefore|So),?\s+",
    re.I,
)
_END = re.compile(r"[.!?…][\"”’')\]]*(?:\s*\[\s*\d+(?:\s*[,;&]\s*\d+)*\s*\])*[.]?(?=\s+[\"“(]?[A-Z\d])|\n+")


def _markers(text: str) -> list[int]:
    return [int(n) for m in _GROUP.finditer(text) for n in re.findall(r"\d+", m.group(1))]


def _plain(text: str) -> str:
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
