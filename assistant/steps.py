"""The steps of the chain and what passes between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig

from assistant.evidence import EvidenceModel
from assistant.extractive import Draft, compose
from assistant.models import Evidence, Sentence, Turn
from assistant.question import Question
from corpus.models import Launch
from index.models import Hit
from index.retriever import Snapshot


@dataclass(frozen=True, slots=True)
class Asked:
    """What came in, checked."""

    question: str
    turns: tuple[Turn, ...] = ()
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A question on its way to an answer; each step of the chain fills in what it found."""

    asked: Asked
    question: Question
    snapshot: Snapshot
    #: Whether the question was filled in from the conversation.
    leans: bool = False
    hits: tuple[Hit, ...] = ()
    scored: tuple[tuple[str, tuple[Evidence, ...]], ...] = ()
    notes: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)


class Answerer(Protocol):
    """Writes the answer to what was read: its sentences one by one as they are ready, then the whole draft."""

    name: str

    def write(self, reading: Reading, *, config: RunnableConfig | None = None) -> Iterator[Sentence | Draft]:
        """Sentences in the order shown, then one Draft that holds exactly those sentences."""
        ...


class QuotingAnswerer:
    """Answers with exact quotes; needs no chat model."""

    name = "quotes"

    def __init__(self, evidence: EvidenceModel, launch: Launch) -> None:
        self._evidence = evidence
        self._launch = launch

    def write(self, reading: Reading, *, config: RunnableConfig | None = None) -> Iterator[Sentence | Draft]:
        """See Answerer."""
        draft = compose(
            reading.question, reading.scored, thresholds=self._evidence.thresholds, launch=self._launch
        )
        yield from draft.sentences
        yield draft


class PassageRetriever(BaseRetriever):
    """A snapshot of the index as a LangChain retriever; each document carries its Hit in `metadata["hit"]`."""

    snapshot: Any
    as_of: date | None = None
    limit: int | None = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        hits = self.snapshot.search(query, limit=self.limit, as_of=self.as_of)
        return [
            Document(
                page_content=hit.passage.text,
                metadata={
                    "hit": hit,
                    "article_id": hit.article.id,
                    "start": hit.passage.start,
                    "end": hit.passage.end,
                },
            )
            for hit in hits
        ]
