"""Plain HTTP beside the page: POST /api/answer, server-sent events at /api/stream, and a page that says how.

Every route gives what Python gives: the dict of `Answer.to_dict`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request
from starlette.responses import HTMLResponse, JSONResponse, StreamingResponse

from assistant.models import Answer, Delta, Event, Retrieved
from ui.bodies import AnswerBody, ErrorBody, Question
from ui.markup import plain
from ui.metrics import Measured
from ui.problems import described

logger = logging.getLogger("launch_assistant.ui")

ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorBody, "description": "The request cannot be read."},
    413: {"model": ErrorBody, "description": "The request is too large."},
    422: {"model": ErrorBody, "description": "The question is empty or too long."},
    429: {"model": ErrorBody, "description": "Too many questions; see Retry-After."},
    503: {"model": ErrorBody, "description": "The index or a model cannot be had."},
}
_STREAM = {"text/event-stream": {"schema": {"type": "string"}}}


def api_routes(assistant: Measured) -> APIRouter:
    """The routes for programs."""
    routes = APIRouter(tags=["questions"])

    async def events(asked: Question) -> AsyncGenerator[str, None]:
        begun = False
        try:
            found = assistant.astream(asked.question, history=asked.turns(), as_of=asked.as_of)
            async with aclosing(found) as running:
                async for event in running:
                    begun = True
                    yield _sse(event)
        except Exception as exc:
            # Before the first event there is still a status to set.
            if not begun:
                raise
            logger.warning("a streamed question failed: %s", exc)
            _, code, message = described(exc)
            yield _framed("error", {"error": {"code": code, "message": message}})

    async def streamed(asked: Question) -> StreamingResponse:
        pieces = events(asked)
        first = await anext(pieces)

        async def all_pieces() -> AsyncIterator[str]:
            try:
                yield first
                async for piece in pieces:
                    yield piece
            finally:
                await pieces.aclose()

        # A proxy that buffers would hold the answer back until it is whole.
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(all_pieces(), media_type="text/event-stream", headers=headers)

    @routes.post(
        "/api/answer",
        responses={200: {"model": AnswerBody}, **ERRORS},
        response_class=JSONResponse,
        summary="Answer a question, with exact quotes",
    )
    async def post_answer(asked: Question) -> JSONResponse:
        answer = await assistant.aanswer(asked.question, history=asked.turns(), as_of=asked.as_of)
        return JSONResponse(answer.to_dict(), headers={"cache-control": "no-store"})

    @routes.post(
        "/api/stream",
        responses={200: {"content": _STREAM}, **ERRORS},
        response_class=StreamingResponse,
        summary="The same as server-sent events: retrieved, delta for each sentence, then answer",
    )
    async def post_stream(asked: Question) -> StreamingResponse:
        return await streamed(asked)

    @routes.get(
        "/api/stream",
        responses={200: {"content": _STREAM}, **ERRORS},
        response_class=StreamingResponse,
        summary="The same for a browser's EventSource, without history",
    )
    async def get_stream(
        question: Annotated[str, Query(max_length=20_000)], as_of: date | None = None
    ) -> StreamingResponse:
        return await streamed(Question(question=question, history=[], as_of=as_of))

    @routes.api_route("/api", methods=["GET", "HEAD"], include_in_schema=False)
    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(_described_page(request.app))

    return routes


def _sse(event: Event) -> str:
    if isinstance(event, Retrieved):
        passages = [
            {"passage_id": h.passage.id, "article_id": h.article.id, "score": round(h.score, 6)}
            for h in event.hits
        ]
        data = {"standalone_question": event.standalone_question, "passages": passages}
        return _framed("retrieved", data)
    if isinstance(event, Delta):
        return _framed("delta", {"text": event.text})
    assert isinstance(event, Answer)
    return _framed("answer", event.to_dict())


def _framed(name: str, data: dict[str, Any]) -> str:
    # JSON has no raw line break, so one data line is enough.
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _described_page(app: FastAPI) -> str:
    """The API in one page that asks for nothing from elsewhere."""
    rows = []
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            codes = ", ".join(sorted(operation.get("responses", {})))
            rows.append(
                f"<tr><td><code>{plain(method.upper())} {plain(path)}</code></td>"
                f"<td>{plain(operation.get('summary', ''))}</td><td>{plain(codes)}</td></tr>"
            )
    example = """curl -s -H 'Content-Type: application/json' -d '{"question": "..."}' ADDRESS/api/answer"""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Interface for programs</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><style>'
        "body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}"
        "table{border-collapse:collapse;width:100%}td,th{padding:.4rem;border-bottom:1px solid #8886;text-align:left}"
        "pre{overflow:auto}</style></head><body><h1>Interface for programs</h1>"
        f"<pre>{plain(example)}</pre><p>Errors are JSON: <code>error.code</code> is for programs, "
        "<code>error.message</code> for people. "
        '<a href="openapi.json">openapi.json</a> describes every field.</p>'
        '<table><thead><tr><th scope="col">Request</th><th scope="col">What it does</th>'
        f'<th scope="col">Replies</th></tr></thead><tbody>{"".join(rows)}</tbody></table></body></html>'
    )
