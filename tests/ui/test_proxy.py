"""Behind a proxy and a path prefix: everything is found, and every reader counts for himself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from assistant.chain import Assistant
from assistant.settings import ServeConfig, Settings
from tests.conftest import served
from tests.ui.proxy import proxied
from ui.auth import is_among
from ui.server import make_server, mount

QUESTION = "Does Muse Spark have open weights?"


def with_prefix(settings: Settings, **changes: Any) -> Settings:
    serve = ServeConfig(root_path="/news", **changes)
    return settings.model_copy(update={"serve": serve})


@pytest.fixture(scope="module")
def inner(page_assistant: Assistant, page_settings: Settings) -> Iterator[str]:
    with served(page_assistant, with_prefix(page_settings, per_minute=3)) as url:
        yield url


@pytest.fixture(scope="module", params=[True, False], ids=["stripped", "kept"])
def public(inner: str, request: pytest.FixtureRequest) -> Iterator[str]:
    # A reader of its own for each, so that the one does not use up the other's share.
    with proxied(inner, "/news", strip=request.param, client=f"192.0.2.{int(request.param)}") as url:
        yield url


@pytest.mark.parametrize(
    "path",
    ["/", "/api", "/openapi.json", "/healthz", "/readyz", "/metrics", "/launch-assets/page.css", "/config"],
)
def test_every_address_is_found_below_the_prefix(public: str, path: str) -> None:
    reply = httpx.get(public + path, headers={"Accept": "text/html"})
    assert reply.status_code == 200
    assert "default-src 'self'" in reply.headers["content-security-policy"]


def test_everything_that_the_page_names_lies_below_the_prefix(public: str) -> None:
    page = httpx.get(f"{public}/").text
    named = re.findall(r"""<(?:script|link)\b[^>]*(?:src|href)=["']([^"']+)""", page)
    assert len(named) >= 4
    for name in (n for n in named if not n.startswith("data:")):
        where = httpx.URL(f"{public}/").join(name)
        assert str(where).startswith(public), name
        assert httpx.get(httpx.URL(f"{public}/").join(name)).status_code == 200, name
    assert json.loads(httpx.get(f"{public}/config").text)["root"] == public
    assert json.loads(httpx.get(f"{public}/openapi.json").text)["servers"] == [{"url": "/news"}]


def test_questions_are_answered_below_the_prefix(public: str) -> None:
    from gradio_client import Client

    whole = httpx.post(f"{public}/api/answer", json={"question": QUESTION}, timeout=60)
    assert whole.status_code == 200
    assert (
        Client(f"{public}/", verbose=False).predict(QUESTION, api_name="/ask")["text"] == whole.json()["text"]
    )
    with httpx.stream("GET", f"{public}/api/stream", params={"question": QUESTION}, timeout=60) as stream:
        assert "event: answer" in stream.read().decode()
    # That was this reader's share of the minute: the proxy is on loopback, which has no limit of its own.
    assert httpx.post(f"{public}/api/answer", json={"question": QUESTION}).status_code == 429


def test_the_prefix_alone_leads_to_the_page_and_other_paths_are_not_touched(inner: str) -> None:
    with proxied(inner, "/news", strip=False) as url:
        reply = httpx.get(f"{url}?__theme=dark")
        assert (reply.status_code, reply.headers["location"]) == (308, "/news/?__theme=dark")
    assert httpx.get(f"{inner}/newspaper").status_code == 404
    assert httpx.get(f"{inner}/news/news/healthz").status_code == 404


def test_only_a_named_proxy_is_believed_about_the_reader(
    page_assistant: Assistant, page_settings: Settings
) -> None:
    """Without a socket, because the proxy here has an address that this computer has not."""
    import asyncio

    async def statuses(peer: str, **serve: Any) -> list[int]:
        settings = with_prefix(page_settings, per_minute=1, host="10.0.0.1", exposed=True, **serve)
        server = make_server(mount(page_assistant, settings), settings.serve)
        server.config.load()
        transport = httpx.ASGITransport(server.config.loaded_app, client=(peer, 1))
        got = []
        async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.1") as client:
            for reader in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
                header = {"X-Forwarded-For": reader}
                got.append(
                    (await client.post("/api/answer", json={"question": ""}, headers=header)).status_code
                )
        return got

    assert asyncio.run(statuses("10.0.0.9")) == [422, 429, 429]
    assert asyncio.run(statuses("10.0.0.9", proxies=("10.0.0.0/24",))) == [422, 422, 429]
    assert asyncio.run(statuses("10.0.0.9", proxies=("10.0.0.9",))) == [422, 422, 429]


def test_a_network_of_proxies_may_name_the_user() -> None:
    assert is_among("172.18.0.3", ("127.0.0.1", "172.16.0.0/12"))
    assert not is_among("172.32.0.3", ("127.0.0.1", "172.16.0.0/12"))
    assert not is_among("", ("127.0.0.1",))


@pytest.mark.parametrize(("given", "taken"), [("news", "/news"), ("/a/b/", "/a/b"), ("/", ""), ("", "")])
def test_a_prefix_is_taken_in_any_spelling(given: str, taken: str) -> None:
    assert ServeConfig(root_path=given).root_path == taken


@pytest.mark.parametrize("given", ["/api", "/gradio_api/x", "https://news.example/x", "/a b", "/../x"])
def test_a_prefix_that_cannot_be_is_refused(given: str) -> None:
    with pytest.raises(ValidationError, match=r"prefix|such as /news"):
        ServeConfig(root_path=given)


def test_a_proxy_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValidationError, match="nor a network"):
        ServeConfig(proxies=("*",))
