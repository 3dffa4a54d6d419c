"""Other assistants ask through the Model Context Protocol, and get what Python gives."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from assistant.chain import Assistant
from assistant.settings import Settings
from tests.conftest import served
from ui.errors import ServeError
from ui.server import mount

QUESTION = "Does Muse Spark have open weights?"


def with_mcp(settings: Settings, **changes: Any) -> Settings:
    serve = settings.serve.model_copy(update={"mcp": True, **changes})
    return settings.model_copy(update={"serve": serve})


def test_a_client_finds_one_tool_and_gets_the_same_answer(
    page_assistant: Assistant, page_settings: Settings
) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def ask(address: str) -> tuple[list[str], dict[str, Any]]:
        async with (
            streamable_http_client(f"{address}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = [tool.name for tool in (await session.list_tools()).tools]
            result = await session.call_tool(tools[0], {"question": QUESTION})
            assert not result.isError
            return tools, json.loads(result.content[0].text)

    with served(page_assistant, with_mcp(page_settings)) as address:
        tools, answer = asyncio.run(ask(address))
    assert [t.rpartition("_")[2] for t in tools] == ["sources"], "the page's own events are no tools"
    own = page_assistant.answer(QUESTION).to_dict()
    for key in ("text", "outcome", "citations", "sentences", "confidence", "generation"):
        assert answer[key] == own[key]


def test_it_is_off_unless_asked_for(page_url: str) -> None:
    import httpx

    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    reply = httpx.post(
        f"{page_url}/gradio_api/mcp/", json=body, headers={"accept": "application/json, text/event-stream"}
    )
    assert reply.status_code in (404, 405)


def test_without_its_package_it_says_what_to_install(
    page_assistant: Assistant, page_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ServeError, match=r"launch-assistant\[mcp\]"):
        mount(page_assistant, with_mcp(page_settings))


def test_it_does_not_go_with_logging_in(page_assistant: Assistant, page_settings: Settings) -> None:
    with pytest.raises(ServeError, match="without users"):
        mount(page_assistant, with_mcp(page_settings, user_header="X-Reader"))
