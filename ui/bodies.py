"""What goes over the wire: the requests, and the shape of the answers, for checking and for the API description."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Message(BaseModel):
    """One message of the conversation so far."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["user", "assistant"]
    content: str = Field(max_length=20_000)


class Question(BaseModel):
    """A question."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(description="In plain words.", max_length=20_000)
    history: list[Message] = Field(
        default_factory=list, max_length=100, description="The conversation so far, oldest first."
    )
    as_of: date | None = Field(None, description="Read only what had been published by that day.")

    def turns(self) -> tuple[dict[str, Any], ...]:
        """The history as the assistant takes it."""
        return tuple(message.model_dump() for message in self.history)


class CitationBody(BaseModel):
    """An exact quote: characters `start` to `end` (end exclusive) of the article's text."""

    marker: int
    article_id: str
    title: str
    publisher: str
    url: str | None
    published: date | None
    quote: str
    start: int
    end: int
    digest: str
    kind: str = "unknown"
    also_published_by: list[str] = Field(
        default_factory=list, max_length=1_000, description="Further publishers that carry the same report."
    )


class SentenceBody(BaseModel):
    """A sentence of the answer, and the markers of the citations it rests on."""

    text: str
    markers: list[int]
    support: float


class SideBody(BaseModel):
    """One side of a conflict."""

    value: str
    markers: list[int]


class ConflictBody(BaseModel):
    """Articles that differ on one thing."""

    subject: str
    sides: list[SideBody]


class HitBody(BaseModel):
    """A passage that was read."""

    passage_id: str
    article_id: str
    score: float


class AnswerBody(BaseModel):
    """An answer, as `Answer.to_dict` gives it."""

    model_config = ConfigDict(extra="ignore")

    question: str = Field(max_length=20_000)
    standalone_question: str = Field(max_length=40_000)
    text: str
    outcome: Literal["answered", "partial", "no_evidence"]
    confidence: float
    sentences: list[SentenceBody]
    citations: list[CitationBody]
    conflicts: list[ConflictBody]
    as_of: date | None
    hits: list[HitBody]
    model: str
    generation: int
    timings: dict[str, float]
    notes: list[str]
    witnesses: int = 0
    agreeing: list[CitationBody] = Field(
        default_factory=list,
        max_length=100,
        description="Further independent reports that give the same date, figure, person or place.",
    )


class KeptTurn(BaseModel):
    """A question and its answer, as a browser kept them."""

    model_config = ConfigDict(extra="ignore")

    question: str = Field(max_length=20_000)
    state: Literal["done", "stopped", "failed"]
    as_of: date | None = None
    problem: str = Field("", max_length=4_000)
    answer: AnswerBody | None = None


class KeptTalk(BaseModel):
    """A conversation, as a browser kept it."""

    model_config = ConfigDict(extra="ignore")

    key: str = Field(max_length=64)
    turns: list[Any] = Field(max_length=1_000, description="Each a KeptTurn, where it can be read.")


class ProblemBody(BaseModel):
    """What went wrong: `code` for programs, `message` for people; it names the cure."""

    code: str
    message: str


class ErrorBody(BaseModel):
    """An error reply."""

    error: ProblemBody
