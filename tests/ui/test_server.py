"""The real server, asked through gradio_client and over plain HTTP."""

from __future__ import annotations

import re
import socket
import urllib.request

import pytest
from gradio_client import Client

from assistant.chain import Assistant
from assistant.settings import Settings
from corpus import Library
from ui.errors import PortInUseError
from ui.server import listen, mount


@pytest.fixture(scope="module")
def client(page_url: str) -> Client:
    return Client(page_url, verbose=False)


def fetched(url: str) -> tuple[dict[str, str], str]:
    request = urllib.request.Request(url, headers={"Accept": "text/html"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return {k.lower(): v for k, v in reply.headers.items()}, reply.read().decode("utf-8")


def test_the_interface_gives_the_answer_that_python_gives(client: Client) -> None:
    answer = client.predict("Does Muse Spark have open weights?", api_name="/ask")
    keys = "question text outcome confidence sentences citations model timings generation".split()
    assert set(keys) <= answer.keys()
    assert answer["outcome"] in ("answered", "partial")
    assert {m for s in answer["sentences"] for m in s["markers"]} == {
        c["marker"] for c in answer["citations"]
    }


def test_an_empty_question_is_told_plainly(client: Client) -> None:
    with pytest.raises(Exception, match="question is empty"):
        client.predict("   ", api_name="/ask")


def test_scripts_run_only_with_the_pages_own_nonce(page_url: str) -> None:
    headers, page = fetched(page_url)
    policy = headers["content-security-policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce
    scripts = re.findall(r"<script\b[^>]*>", page)
    assert scripts
    assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
    again, _ = fetched(page_url)
    assert nonce[1] not in again["content-security-policy"]


def test_a_day_that_is_none_is_told_plainly(client: Client) -> None:
    with pytest.raises(Exception, match="give a day as YYYY-MM-DD"):
        client.predict("Does Muse Spark have open weights?", as_of="last May", api_name="/ask")


def test_quotes_stand_in_their_articles_at_their_offsets(client: Client) -> None:
    texts = {a.id: a.text for a in Library().articles()}
    answer = client.predict("Does Muse Spark have open weights?", api_name="/ask")
    assert answer["citations"]
    for cited in answer["citations"]:
        assert texts[cited["article_id"]][cited["start"] : cited["end"]] == cited["quote"]


def test_every_reply_carries_the_headers(page_url: str) -> None:
    for path in ("/", "/launch-assets/page.css", "/launch-assets/page.js", "/healthz"):
        headers, body = fetched(page_url + path)
        assert body
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'self'" in headers["content-security-policy"]


def test_the_page_names_no_other_host(page_url: str) -> None:
    _, page = fetched(page_url)
    sources = re.findall(r"""(?:src|href)=["'](https?://[^"']+)""", page)
    assert [s for s in sources if not s.startswith(page_url)] == []


def test_a_taken_port_is_named_with_the_cure() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUseError, match=f"Port {port} is in use.*--port"):
            listen("127.0.0.1", port)


def test_only_the_page_is_given_what_gradios_own_lacks(page_url: str) -> None:
    headers, page = fetched(page_url)
    assert 'id="first"' in page
    assert re.search(r'page\.css\?v=[0-9a-f]{12}"', page)
    assert headers["cache-control"] == "no-store"
    _, described = fetched(f"{page_url}/api")
    assert 'id="first"' not in described
    assert "launch-assets" not in described


def test_what_the_server_remembers_of_its_readers_has_an_end(
    page_assistant: Assistant, page_settings: Settings
) -> None:
    page = mount(page_assistant, page_settings).routes[-1].app.get_blocks()  # type: ignore[attr-defined]
    for number in range(1005):
        page.state_holder[f"reader {number}"]
    assert len(page.state_holder.session_data) == 1000
    assert page._queue.ANALYTICS_MAX_EVENTS <= 100


def test_the_page_asks_for_no_icon_and_no_manifest_elsewhere(page_url: str) -> None:
    _, page = fetched(page_url)
    assert 'rel="icon" href="data:image/svg+xml,' in page
    assert "manifest.json" not in page
