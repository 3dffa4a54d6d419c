"""The same Answer by every way: Python, HTTP, server-sent events, Gradio's client, and MCP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from assistant.chain import Assistant
from assistant.settings import Settings
from tests.conftest import served

QUESTIONS = [
    ("Does Muse Spark have open weights?", ""),
    ("Does Muse Spark have open weights?", "2026-04-10"),
    ("How many parking spaces does its canteen have?", ""),
]


@pytest.fixture(scope="module")
def url(page_assistant: Assistant, page_settings: Settings) -> Iterator[str]:
    serve = page_settings.serve.model_copy(update={"mcp": True})
    with served(page_assistant, page_settings.model_copy(update={"serve": serve})) as address:
        yield address


def by_http(url: str, question: str, as_of: str) -> Any:
    body = {"question": question, "as_of": as_of or None}
    return httpx.post(f"{url}/api/answer", json=body, timeout=60).json()


def by_events(url: str, question: str, as_of: str) -> Any:
    asked = {"question": question, **({"as_of": as_of} if as_of else {})}
    text = httpx.get(f"{url}/api/stream", params=asked, timeout=60).text
    name, data = text.strip().split("\n\n")[-1].split("\n", 1)
    assert name == "event: answer"
    return json.loads(data.removeprefix("data: "))


def by_gradio(url: str, question: str, as_of: str) -> Any:
    from gradio_client import Client

    return Client(url, verbose=False).predict(question, as_of=as_of, api_name="/ask")


def by_mcp(url: str, question: str, as_of: str) -> Any:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def ask() -> Any:
        async with (
            streamable_http_client(f"{url}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            (tool,) = (await session.list_tools()).tools
            result = await session.call_tool(tool.name, {"question": question, "as_of": as_of})
            return json.loads(result.content[0].text)

    return asyncio.run(ask())


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    """Without what no two runs share; but the steps that were timed are the same."""
    return {**answer, "timings": sorted(answer["timings"])}


@pytest.mark.parametrize(("question", "as_of"), QUESTIONS)
def test_every_way_gives_what_python_gives(
    page_assistant: Assistant, url: str, question: str, as_of: str
) -> None:
    day = date.fromisoformat(as_of) if as_of else None
    own = timeless(page_assistant.answer(question, as_of=day).to_dict())
    for way in (by_http, by_events, by_gradio, by_mcp):
        assert timeless(way(url, question, as_of)) == own, way.__name__
