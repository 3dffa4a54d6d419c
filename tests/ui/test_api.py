"""Plain HTTP on the real server: the same answer as in Python, server-sent events, errors a program can read."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import httpx
import pytest

from assistant.settings import load_settings
from corpus.models import Launch
from ui.render import conversation

QUESTION = "Does Muse Spark have open weights?"


def call(url: str, body: bytes | dict[str, Any] | None = None, **headers: str) -> tuple[int, Any]:
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            status, text = reply.status, reply.read().decode()
    except urllib.error.HTTPError as exc:
        status, text = exc.code, exc.read().decode()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n", 1)
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def without_times(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "timings"}


def test_post_gives_the_answer_that_the_page_gives(page_url: str) -> None:
    from gradio_client import Client

    status, answer = call(f"{page_url}/api/answer", {"question": QUESTION})
    assert status == 200
    assert answer["outcome"] in ("answered", "partial")
    assert answer["citations"]
    page = Client(page_url, verbose=False).predict(QUESTION, api_name="/ask")
    assert without_times(answer) == without_times(page)


@pytest.mark.parametrize("how", ["post", "get"])
def test_the_stream_is_retrieved_then_deltas_then_the_same_answer(page_url: str, how: str) -> None:
    if how == "post":
        status, text = call(f"{page_url}/api/stream", {"question": QUESTION})
    else:
        status, text = call(f"{page_url}/api/stream?question={QUESTION.replace(' ', '+')}")
    assert status == 200
    got = events(text)
    names = [name for name, _ in got]
    assert names[0] == "retrieved"
    assert names[-1] == "answer"
    assert set(names[1:-1]) == {"delta"}
    answer = got[-1][1]
    assert "".join(data["text"] for name, data in got if name == "delta") == answer["text"]
    assert got[0][1]["passages"] == answer["hits"]
    _, whole = call(f"{page_url}/api/answer", {"question": QUESTION})
    assert without_times(answer) == without_times(whole)


def test_history_and_as_of_reach_the_assistant(page_url: str) -> None:
    history = [
        {"role": "user", "content": "What is Muse Spark?"},
        {"role": "assistant", "content": "A model."},
    ]
    body = {"question": "Does it have open weights?", "history": history, "as_of": "2000-01-01"}
    status, answer = call(f"{page_url}/api/answer", body)
    assert status == 200
    assert "Muse Spark" in answer["standalone_question"]
    assert answer["as_of"] == "2000-01-01"
    assert answer["outcome"] == "no_evidence"


LONG = "x" * (load_settings().max_question_chars + 1)


@pytest.mark.parametrize(
    ("body", "status", "code", "said"),
    [
        ({"question": "  "}, 422, "question", "empty"),
        ({"question": LONG}, 422, "question", "characters"),
        ({"question": "a", "as_of": "soon"}, 400, "malformed", "as_of"),
        (
            {"question": "a", "history": [{"role": "judge", "content": ""}]},
            400,
            "malformed",
            "history.0.role",
        ),
        ({"frage": "a"}, 400, "malformed", "question"),
        (b"{not json", 400, "malformed", "openapi"),
        (b'{"question": "\xff\xfe"}', 400, "malformed", "openapi"),
    ],
)
@pytest.mark.parametrize("path", ["/api/answer", "/api/stream"])
def test_a_bad_request_is_told_as_json(
    page_url: str, path: str, body: Any, status: int, code: str, said: str
) -> None:
    got, reply = call(page_url + path, body)
    assert got == status
    assert reply["error"]["code"] == code
    assert said in reply["error"]["message"]


def test_openapi_describes_every_field_of_an_answer(page_url: str) -> None:
    _, described = call(f"{page_url}/openapi.json")
    _, answer = call(f"{page_url}/api/answer", {"question": QUESTION})
    schemas = described["components"]["schemas"]
    assert set(schemas["AnswerBody"]["properties"]) == set(answer)
    assert set(schemas["CitationBody"]["properties"]) == set(answer["citations"][0])
    assert {"/api/answer", "/api/stream", "/healthz", "/readyz", "/metrics"} <= set(described["paths"])


def test_the_api_page_lists_the_routes_and_asks_for_nothing(page_url: str) -> None:
    status, page = call(f"{page_url}/api")
    assert status == 200
    assert "POST /api/answer" in page
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_what_describes_the_interface_is_there_for_head_too_and_linked_from_the_page(page_url: str) -> None:
    assert httpx.head(f"{page_url}/api").status_code == 200
    assert 'href="./api"' in "".join(conversation((), Launch("")))
