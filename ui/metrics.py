"""Counting questions: how many, how they came out, how long they took, how many run and wait."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from datetime import date
from typing import cast

from langchain_core.runnables import RunnableConfig
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from assistant.chain import Assistant, History
from assistant.errors import QuestionError
from assistant.models import Answer, Event, Outcome
from ui.limits import Gate

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The counters of one server; each has a registry of its own, so that two in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.cited: collections.Counter[str] = collections.Counter()
        ProcessCollector(registry=self.registry)
        self.questions = Counter(
            "launch_questions", "Questions by outcome.", ["outcome"], registry=self.registry
        )
        for outcome in (*(o.value for o in Outcome), "refused", "failed", "abandoned"):
            self.questions.labels(outcome)
        self.seconds = Histogram(
            "launch_question_seconds", "Seconds to a whole answer.", buckets=_SECONDS, registry=self.registry
        )
        self.running = Gauge("launch_questions_running", "Questions being answered.", registry=self.registry)
        self.waiting = Gauge("launch_questions_waiting", "Questions that wait.", registry=self.registry)
        self.turned_away = Counter(
            "launch_turned_away", "Requests turned away by limits.", registry=self.registry
        )
        self.generation = Gauge("launch_index_generation", "Version of the index.", registry=self.registry)

        self.active = 0
        self._lock = threading.Lock()

    def started(self) -> None:
        """Count a question that is being answered from now on."""
        with self._lock:
            self.active += 1
        self.running.inc()

    def ended(self) -> None:
        """Count it no longer."""
        with self._lock:
            self.active -= 1
        self.running.dec()

    def watch_queue(self, waiting: Callable[[], int]) -> None:
        """Report what `waiting` gives as the number of questions that wait."""
        self.waiting.set_function(waiting)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)


class _Counted(Assistant):
    """An assistant whose every question is counted."""

    def __init__(self, inner: Assistant, metrics: Metrics) -> None:
        super().__init__(inner.retriever, inner.evidence, launch=inner.launch, answerer=inner.answerer)
        self._inner = inner
        self._metrics = metrics

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        as_of: date | None = None,
        config: RunnableConfig | None = None,
    ) -> Iterator[Event]:
        """See Assistant."""
        metrics = self._metrics
        begun = time.perf_counter()
        outcome = "abandoned"
        metrics.started()
        try:
            for event in self._inner.stream(question, history=history, as_of=as_of, config=config):
                if isinstance(event, Answer):
                    outcome = event.outcome.value
                    metrics.seconds.observe(time.perf_counter() - begun)
                    metrics.generation.set(event.generation)
                    if event.outcome is not Outcome.NO_EVIDENCE:
                        metrics.cited.update({c.article_id for c in event.citations})
                yield event
        except GeneratorExit:
            raise
        except QuestionError:
            outcome = "refused"
            raise
        except BaseException:
            outcome = "failed"
            raise
        finally:
            metrics.ended()
            metrics.questions.labels(outcome).inc()


class Measured(Assistant):
    """An assistant whose every question is counted and waits for its place at the gate, however it was asked."""

    def __init__(self, inner: Assistant, metrics: Metrics, gate: Gate | None = None) -> None:
        # The inner one does the work, with its own limits; ours are the parts that the page looks at.
        super().__init__(inner.retriever, inner.evidence, launch=inner.launch, answerer=inner.answerer)
        self._inner = inner
        self._metrics = metrics
        self._counted = _Counted(inner, metrics)
        self._gate = gate or Gate(running=64, waiting=0)

    @property
    def cited(self) -> Mapping[str, int]:
        """How many answers cited an article, by its id; a nearest thing beside a refusal is no answer."""
        return self._metrics.cited

    @property
    def uncounted(self) -> Assistant:
        """The same assistant for questions that nobody asked."""
        return self._inner

    @property
    def busy(self) -> bool:
        """Whether a question is being answered now."""
        return self._metrics.active > 0

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        as_of: date | None = None,
        config: RunnableConfig | None = None,
    ) -> Iterator[Event]:
        """See Assistant; waits on this thread."""
        with self._gate.place():
            yield from self._counted.stream(question, history=history, as_of=as_of, config=config)

    async def astream(
        self,
        question: str,
        *,
        history: History = (),
        as_of: date | None = None,
        config: RunnableConfig | None = None,
    ) -> AsyncGenerator[Event]:
        """See Assistant; a question that waits holds no thread.

        Raises:
            BusyError: too many wait already.
        """
        async with self._gate.aplace():
            events = self._counted.astream(question, history=history, as_of=as_of, config=config)
            async with aclosing(cast(AsyncGenerator[Event], events)) as running:
                async for event in running:
                    yield event

    async def aanswer(self, question: str, *, history: History = (), as_of: date | None = None) -> Answer:
        """See Assistant; a question that is given up frees its place at once."""
        async with aclosing(self.astream(question, history=history, as_of=as_of)) as events:
            found = [event async for event in events]
        last = found[-1]
        assert isinstance(last, Answer)
        return last
