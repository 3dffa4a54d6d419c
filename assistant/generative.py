"""The writing answerer: a chat model writes, and only sentences that their quotes bear out are shown.

As the model streams, each finished sentence is checked: its markers exist, the guard finds every figure, date, name
and quoted string in the quotes cited, and the evidence model says that they support it. A sentence that fails is
repaired once, else dropped. Whatever happens to the model, the reader gets an answer: the quotes.
"""

from __future__ import annotations

import hashlib
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
from assistant.attribution import ascribes
from assistant.errors import ModelError
from assistant.evidence import EvidenceModel
from assistant.extractive import DIFFER, Draft, compose, speaker
from assistant.guard import spelled_out
from assistant.model_stream import bounded_stream
from assistant.models import MARKER, Evidence, Outcome, Sentence, Turn
from assistant.settings import ChatConfig
from assistant.steps import Reading
from assistant.verifier import Verdict, judge, markers_of, plain_words, split_sentences
from corpus.models import Launch

MOST_SENTENCES = 5
MOST_QUOTES = 8
MOST_REPAIRS = 2
IN_THEIR_WORDS = "In the sources' own words:"
UNVERIFIED = "What the chat model wrote could not be verified; these are the sources' own words."


@dataclass(slots=True)
class Tally:
    """What became of the sentences of one answer.

    Attributes:
        kept, repaired, dropped: how many sentences.
        reasons: why each dropped one was.
        judging: seconds that verifying took.
        first: when the model had finished the first sentence that was kept, on the `time.perf_counter` clock.
    """

    kept: int = 0
    repaired: int = 0
    dropped: int = 0
    reasons: list[str] = field(default_factory=list)
    judging: float = 0.0
    first: float | None = None


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
        fence = _fence(reading.question.text, numbered)
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
                yield Verdict(written, tuple(n for n in markers_of(written) if n in numbered), 0.0, "")
                continue
            verdict = self._judge(written, numbered, abbreviations, tally)
            if not verdict.good and repairs < MOST_REPAIRS:
                repairs += 1
                verdict = self._repair(verdict, numbered, abbreviations, tally, deadline, config)
                tally.repaired += verdict.good
            elif verdict.good:
                tally.kept += 1
            plain = plain_words(verdict.text)
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
        self, failed: Verdict, numbered: dict[int, Evidence], abbreviations: dict[str, str], tally: Tally,
        deadline: float, config: RunnableConfig | None,
    ) -> Verdict:  # fmt: skip
        """Ask once more for this sentence alone, with the quotes it cited (or all, where it cited none)."""
        few = {n: numbered[n] for n in failed.cited if n in numbered} or numbered
        fence = _fence(failed.text, few)
        prompt = prompts.REPAIR.format(
            fence=fence, quotes=_listed(few), sentence=plain_words(failed.text), nothing=prompts.NOTHING
        )
        for written in split_sentences(self._tokens([HumanMessage(prompt)], deadline, config)):
            return self._judge(written, numbered, abbreviations, tally)
        return failed

    def _judge(
        self, written: str, numbered: dict[int, Evidence], abbreviations: dict[str, str], tally: Tally
    ) -> Verdict:
        begun = time.perf_counter()
        verdict = judge(written, numbered, abbreviations, self._evidence)
        tally.judging += time.perf_counter() - begun
        if verdict.good and tally.first is None:
            tally.first = begun
        return verdict

    def _show(self, draft: Draft, verdict: Verdict, numbered: dict[int, Evidence]) -> Sentence:
        """The sentence as shown: plain text, markers renumbered in the order of their first use."""
        if not self._config.verify:
            sentence = Sentence(" ".join(verdict.text.split()), (), verdict.support)
        else:
            markers = tuple(dict.fromkeys(draft.cite(numbered[n]) for n in verdict.cited))
            text = plain_words(verdict.text).rstrip(" .")
            cited = [numbered[n] for n in verdict.cited]
            who = speaker(cited, self._launch)
            if who and not ascribes(text, [who, *(e.hit.article.publisher for e in cited)]):
                text = f"{who} says: {text}"
            end = "" if text.endswith(("?", "!", "…")) else "."
            sentence = Sentence(f"{text}{end} {''.join(f'[{m}]' for m in markers)}", markers, verdict.support)
        draft.sentences.append(sentence)
        return sentence

    def _complete(self, draft: Draft, quotes: Draft, failure: str) -> Iterator[Sentence]:
        """What the model left out: everything if nothing it wrote could be shown, else the other side of a conflict."""
        if not draft.sentences:
            draft.sentences, draft.citations = list(quotes.sentences), list(quotes.citations)
            draft.conflicts, draft.agreeing = list(quotes.conflicts), list(quotes.agreeing)
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


_SECRET = secrets.token_bytes(32)


def _fence(asked: str, numbered: dict[int, Evidence]) -> str:
    """A line that no article can hold, for nobody outside this process can work it out.

    The same question with the same quotes gets the same fence, so that a server may reuse what it has read.
    """
    data = f"{asked}\n{_listed(numbered)}".encode("utf-8", "replace")
    return f"-----{hashlib.blake2b(data, key=_SECRET, digest_size=8).hexdigest()}-----"


def _listed(numbered: dict[int, Evidence]) -> str:
    return prompts.number_quotes(
        [
            (n, e.hit.article.publisher, e.hit.article.published, " ".join(e.quote.split()))
            for n, e in numbered.items()
        ]
    )


_CONNECTIVE = re.compile(
    r"^(?:However|But|Also|And|In addition|Additionally|Moreover|Furthermore|Yet|Still|Thus|Therefore|So),?\s+",
    re.I,
)
