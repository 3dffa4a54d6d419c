"""The module functions: one assistant, made from the environment at first use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from assistant.chain import Assistant, History
from assistant.guard import Standing, verify_citations
from assistant.models import Answer, Event


@lru_cache(maxsize=1)
def default_assistant() -> Assistant:
    """The assistant behind the module functions, made from the environment at first use."""
    return Assistant.from_settings()


def answer(question: str, *, history: History = (), as_of: date | None = None) -> Answer:
    """`Assistant.answer` on the default assistant."""
    return default_assistant().answer(question, history=history, as_of=as_of)


async def aanswer(question: str, *, history: History = (), as_of: date | None = None) -> Answer:
    """`Assistant.aanswer` on the default assistant."""
    assistant = await asyncio.to_thread(default_assistant)
    return await assistant.aanswer(question, history=history, as_of=as_of)


def stream(question: str, *, history: History = (), as_of: date | None = None) -> Iterator[Event]:
    """`Assistant.stream` on the default assistant."""
    return default_assistant().stream(question, history=history, as_of=as_of)


async def astream(question: str, *, history: History = (), as_of: date | None = None) -> AsyncIterator[Event]:
    """`Assistant.astream` on the default assistant."""
    assistant = await asyncio.to_thread(default_assistant)
    async for event in assistant.astream(question, history=history, as_of=as_of):
        yield event


def verify(saved: Answer | Mapping[str, Any]) -> tuple[tuple[int, Standing], ...]:
    """For each citation of a saved answer, by marker, whether it still stands in the default assistant's index."""
    articles = {a.id: a for a in default_assistant().retriever.articles()}
    return verify_citations(saved, articles)
