"""The chain: understand the question, retrieve, weigh the evidence, write the answer, as LangChain runnables."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Self

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from assistant.casing import recase
from assistant.courtesy import ENGLISH_ONLY, is_courtesy, plainly_not_english, welcome
from assistant.errors import QuestionError
from assistant.evidence import EvidenceModel, find_evidence, read_both, read_together
from assistant.evidence_models import make_evidence_model
from assistant.extractive import Draft
from assistant.followup import as_turns, introduced_names, standalone
from assistant.forms import asked_as, by_form
from assistant.indirect import direct_question
from assistant.keywords import as_question
from assistant.models import Answer, Delta, Event, Evidence, Outcome, Retrieved, Turn
from assistant.neighbours import after_telling, read_on, told_in
from assistant.premises import with_denial
from assistant.question import Question, QuestionKind, parse_question, unknown_names
from assistant.rebuilding import rebuild_index
from assistant.relevance import weighed, without_context
from assistant.replies import with_replies
from assistant.settings import Settings, load_settings, quiet_libraries
from assistant.steps import Answerer, Asked, PassageRetriever, QuotingAnswerer, Reading
from assistant.terms import content_words, tokens
from corpus.library import Library
from corpus.models import Launch
from index.embedding import make_embedder
from index.models import Hit, Progress
from index.opening import open_or_build
from index.retriever import Retriever, Snapshot

History = Sequence[Turn | Mapping[str, Any]]


class Assistant:
    """Answers questions from one index; safe to share between threads."""

    def __init__(
        self,
        retriever: Retriever,
        evidence: EvidenceModel,
        *,
        launch: Launch | None = None,
        answerer: Answerer | None = None,
        history_turns: int = 12,
        max_question_chars: int = 2000,
    ) -> None:
        self.retriever = retriever
        self.evidence = evidence
        self.launch = launch = launch or Launch("")
        self._own_names = (launch.name, *launch.aliases, launch.company, *launch.company_names)
        self.answerer: Answerer = answerer or QuotingAnswerer(evidence, self.launch)
        self._history_turns = history_turns
        self._max_chars = max_question_chars
        self._find: Runnable[Asked, Reading] = RunnableLambda(
            self._understand, name="understand"
        ) | RunnableLambda(self._retrieve, name="retrieve")
        self._weighing: Runnable[Reading, Reading] = RunnableLambda(self._weigh, name="weigh")

    @classmethod
    def from_settings(
        cls, settings: Settings | None = None, *, on_progress: Callable[[Progress], None] | None = None
    ) -> Self:
        """An assistant on the articles and models that the settings name.

        When these articles have no index yet, or one of another version, it is built first, or waited for where
        another process builds it (`LAUNCH_INDEX__AUTO_BUILD=false` forbids it).

        Raises:
            LaunchError: the index, the articles or a model cannot be had; the message names the cure.
        """
        quiet_libraries()
        settings = settings or load_settings()
        embedder = make_embedder(settings.index.embedder, batch_size=settings.index.batch_size)
        library = Library(settings.corpus, added=settings.articles_home)
        build = partial(rebuild_index, settings, on_progress=on_progress, embedder=embedder)
        home, config = settings.index_home, settings.index
        retriever = open_or_build(home, config=config, embedder=embedder, build=build)
        launch = library.launch()
        evidence = make_evidence_model(settings.evidence.model, embedder=embedder)
        answerer: Answerer | None = None
        if settings.chat.model or settings.chat.base_url:
            from assistant.generative import WritingAnswerer
            from assistant.model_stream import make_chat_model

            answerer = WritingAnswerer(
                make_chat_model(settings.chat), evidence, launch, settings.chat, name=settings.chat.model
            )
        return cls(
            retriever,
            evidence,
            launch=launch,
            answerer=answerer,
            history_turns=settings.history_turns,
            max_question_chars=settings.max_question_chars,
        )

    def answer(self, question: str, *, history: History = (), as_of: date | None = None) -> Answer:
        """The answer to a question.

        Args:
            question: in plain words.
            history: the conversation so far, oldest first; `Turn`s or dicts with "role" and "content".
            as_of: see only what had been published by that day.

        Raises:
            QuestionError: the question is empty or too long.
            LaunchError: the index cannot be read.
        """
        *_, last = self.stream(question, history=history, as_of=as_of)
        assert isinstance(last, Answer)
        return last

    async def aanswer(self, question: str, *, history: History = (), as_of: date | None = None) -> Answer:
        """`answer` without blocking the event loop."""
        events = [event async for event in self.astream(question, history=history, as_of=as_of)]
        last = events[-1]
        assert isinstance(last, Answer)
        return last

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        as_of: date | None = None,
        config: RunnableConfig | None = None,
    ) -> Iterator[Event]:
        """The answer as it comes: one Retrieved, a Delta for each sentence, then the Answer.

        Takes what `answer` takes, and a LangChain config whose callbacks see every step.
        """
        asked = self._check(question, history, as_of)
        begun = time.perf_counter()
        reading = self._find.invoke(asked, config)
        yield Retrieved(reading.hits, reading.question.text)
        reading = self._weighing.invoke(reading, config)
        yield from self._write(reading, begun, config)

    async def astream(
        self,
        question: str,
        *,
        history: History = (),
        as_of: date | None = None,
        config: RunnableConfig | None = None,
    ) -> AsyncIterator[Event]:
        """`stream` without blocking the event loop: the same steps, each on a worker thread."""
        events = self.stream(question, history=history, as_of=as_of, config=config)
        done = object()
        try:
            while (event := await asyncio.to_thread(next, events, done)) is not done:
                assert isinstance(event, Retrieved | Delta | Answer)
                yield event
        finally:
            await asyncio.to_thread(_close, events)

    def as_runnable(self) -> Runnable[str | Mapping[str, Any], Answer]:
        """The whole chain as a LangChain runnable, for invoke, batch, callbacks and `astream_events`.

        Its input is a question, or a dict with "question" and optionally "history" and "as_of".
        """

        def compose_answer(reading: Reading, config: RunnableConfig) -> Answer:
            events = list(self._write(reading, time.perf_counter(), config))
            last = events[-1]
            assert isinstance(last, Answer)
            return last

        chain = (
            RunnableLambda(self._coerce, name="check")
            | self._find
            | self._weighing
            | RunnableLambda(compose_answer, name="write")
        )
        return chain.with_config(run_name="launch-assistant")

    def _coerce(self, given: str | Mapping[str, Any]) -> Asked:
        if isinstance(given, str):
            return self._check(given, (), None)
        if not isinstance(given, Mapping) or "question" not in given:
            raise QuestionError('Give the question as a string, or as a dict with "question".')
        as_of = given.get("as_of")
        return self._check(
            str(given["question"]),
            given.get("history") or (),
            date.fromisoformat(as_of) if isinstance(as_of, str) else as_of,
        )

    def _check(self, question: str, history: History, as_of: date | None) -> Asked:
        flat = " ".join(question.split())
        if not any(c.isalnum() for c in flat):
            raise QuestionError("The question is empty: ask something in words.")
        if len(flat) > self._max_chars:
            raise QuestionError(
                f"The question has {len(flat):,} characters; the most is {self._max_chars:,}. Ask it in fewer words."
            )
        return Asked(flat, as_turns(history, limit=self._history_turns), as_of)

    def _understand(self, asked: Asked, config: RunnableConfig) -> Reading:
        begun = time.perf_counter()
        if self._asks_nothing(asked):
            courtesy = Question(asked.question, QuestionKind.WHAT, (asked.question,))
            return _timed(Reading(asked, courtesy, self.retriever.snapshot()), "understand", begun)
        said = self._plainly(asked)
        text = standalone(said.question, said.turns, self.launch)
        rewrite = getattr(self.answerer, "rewrite", None)
        if rewrite is not None and text != said.question:
            written = rewrite(said.question, said.turns, config=config)
            # The model's version counts only if it keeps to the words of the conversation; else the rules' does.
            if written and not introduced_names(written, said.question, said.turns, self.launch):
                text = written
        leans = text != said.question
        reading = Reading(asked, parse_question(as_question(text)), self.retriever.snapshot(), leans=leans)
        return _timed(reading, "understand", begun)

    def _asks_nothing(self, asked: Asked) -> bool:
        return is_courtesy(asked.question, (self.launch.name, *self.launch.aliases))

    def _plainly(self, asked: Asked) -> Asked:
        """What was asked, put straight, with the capitals of names that the launch or the conversation's answers bring along."""
        told = [turn.text for turn in asked.turns if turn.role == "assistant"]

        def plain(text: str) -> str:
            # With their capitals names are seen to be what a clause is about, and what that brings along is recased.
            return recase(direct_question(recase(text, told, own=self._own_names)), told, own=self._own_names)

        turns = [
            replace(turn, text=plain(turn.text)) if turn.role == "user" else turn for turn in asked.turns
        ]
        return replace(asked, question=plain(asked.question), turns=tuple(turns))

    def _retrieve(self, reading: Reading, config: RunnableConfig) -> Reading:
        begun = time.perf_counter()
        if self._asks_nothing(reading.asked):
            return _timed(reading, "retrieve", begun)
        as_of = reading.asked.as_of
        finder = PassageRetriever(snapshot=reading.snapshot, as_of=as_of)
        found: dict[str, Hit] = {}
        parts = reading.question.parts
        queries = (reading.question.text, *parts, *(asked_as(p, self._own_names) for p in parts))
        for query in dict.fromkeys(q for q in queries if q):
            for document in finder.invoke(query, config):
                hit: Hit = document.metadata["hit"]
                found.setdefault(hit.passage.id, hit)
        notes = list(reading.notes)
        if as_of and (undated := sum(a.published is None for a in reading.snapshot.articles())):
            which = (
                "1 article without a date was" if undated == 1 else f"{undated} articles without a date were"
            )
            notes.append(f"Only what was published by {as_of.isoformat()} was read; {which} left out.")
        hits = tuple(found.values())
        texts = [hit.passage.text for hit in hits]
        question = parse_question(recase(reading.question.text, texts, own=self._own_names))
        return _timed(replace(reading, question=question, hits=hits, notes=tuple(notes)), "retrieve", begun)

    def _weigh(self, reading: Reading) -> Reading:
        begun = time.perf_counter()
        if self._asks_nothing(reading.asked):
            return _timed(reading, "weigh", begun)
        known = partial(_known, reading.snapshot, reading.hits)
        scored = []
        parts = reading.question.parts
        whole = find_evidence(reading.question.text, reading.hits, self.evidence) if len(parts) > 1 else ()
        for part in parts:
            evidence = find_evidence(part, reading.hits, self.evidence)
            if (bare := without_context(part)) != part:
                evidence = read_both(evidence, find_evidence(bare, reading.hits, self.evidence))
            if whole:
                evidence = read_together(evidence, whole)
            # Nobody mentions what the question is about, so nobody says anything of it. The best sentence may still be
            # offered as the nearest.
            nobody = bool(unknown_names(part, known))
            ceiling = self.evidence.thresholds.partial * 0.9
            capped = [
                replace(e, score=min(e.score, ceiling)) if nobody else weighed(part, e, self._own_names)
                for e in evidence
            ]
            evidence = tuple(sorted(capped, key=lambda e: -e.score))
            if not nobody:
                evidence = tuple(by_form(part, evidence, self._own_names))
                if not whole:
                    evidence = with_denial(part, evidence, reading.hits, self.evidence, self._own_names)
            if told := self._told_before(reading, evidence):
                evidence = after_telling(told, evidence)
            scored.append((part, evidence))
        if whole:
            scored = read_on(scored, partial=self.evidence.thresholds.partial)
        # What each says in short matters only where another article may say something else.
        if len(scored) == 1 and self.evidence.replies:
            part, evidence = scored[0]
            if len({e.hit.article.id for e in evidence}) > 1:
                scored = [(part, with_replies(part, evidence, self.evidence))]
        return _timed(replace(reading, scored=tuple(scored)), "weigh", begun)

    def _told_before(self, reading: Reading, evidence: Sequence[Evidence]) -> list[Evidence]:
        """What the answer before told, where the question leans on it."""
        if not reading.leans:
            return []
        answers = [turn.text for turn in reading.asked.turns if turn.role == "assistant"]
        return told_in(answers[-1], evidence) if answers else []

    def _write(self, reading: Reading, begun: float, config: RunnableConfig | None) -> Iterator[Event]:
        started = time.perf_counter()
        written = ""
        draft: Draft | None = None
        nothing = self._asks_nothing(reading.asked)
        for item in welcome() if nothing else self.answerer.write(reading, config=config):
            if isinstance(item, Draft):
                draft = item
            else:
                piece = item.text if not written else f" {item.text}"
                written += piece
                yield Delta(piece)
        assert draft is not None
        if (
            not nothing
            and draft.outcome is not Outcome.ANSWERED
            and plainly_not_english(reading.asked.question)
        ):
            draft.notes.append(ENGLISH_ONLY)
        timings = {
            **reading.timings,
            "write": time.perf_counter() - started,
            "total": time.perf_counter() - begun,
        }
        yield Answer(
            question=reading.asked.question,
            standalone_question=reading.question.text,
            text=written,
            outcome=draft.outcome,
            confidence=draft.confidence,
            sentences=tuple(draft.sentences),
            citations=tuple(draft.citations),
            conflicts=tuple(draft.conflicts),
            as_of=reading.asked.as_of,
            hits=reading.hits,
            model=f"{self.answerer.name} ({self.evidence.name})",
            generation=reading.snapshot.generation,
            timings=timings,
            notes=(*reading.notes, *draft.notes),
            witnesses=draft.witnesses,
            agreeing=tuple(draft.agreeing),
        )


def _timed(reading: Reading, step: str, begun: float) -> Reading:
    return replace(reading, timings={**reading.timings, step: time.perf_counter() - begun})


def _close(events: Iterator[Event]) -> None:
    close = getattr(events, "close", None)
    if close is not None:
        close()


def _known(snapshot: Snapshot, hits: Sequence[Hit], word: str) -> bool:
    """Whether any article, or whoever published one, has the word; a name is not known by a verb ("threaded")."""
    if any(content_words(word) & content_words(article.publisher) for article in snapshot.articles()):
        return True
    return snapshot.knows(word) and not _only_alike(word, hits)


def _only_alike(word: str, hits: Sequence[Hit]) -> bool:
    """Whether what was found has only other words of a name's stem, without its capital."""
    stems, low = content_words(word), word.lower()
    forms = {
        form
        for hit in hits
        for form in tokens(f"{hit.article.title} {hit.passage.text}")
        if content_words(form) & stems
    }
    same = {low, low.removesuffix("s"), f"{low}s"}
    return bool(forms) and all(form.islower() and form not in same for form in forms)
