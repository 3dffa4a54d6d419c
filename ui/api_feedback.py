"""POST /api/feedback, /api/export and /api/suggestions: what readers do with an answer that they have."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import threading
import time
from collections.abc import Sequence
from typing import Annotated, Any, Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from assistant.models import Answer
from assistant.settings import Settings
from assistant.suggestions import suggest
from corpus.errors import LaunchError
from ui.access import user_of
from ui.api import ERRORS
from ui.bodies import AnswerBody
from ui.exchange import read_answer
from ui.export import MEDIA, Format, conversation_pack, fact_check_pack, file_name, write_pack
from ui.feedback import MAX_NOTE, Feedback, Verdict
from ui.metrics import Measured

logger = logging.getLogger("launch_assistant.ui")

_SUGGEST_SECONDS = 8.0
_COOKIE = "launch_reader"
"""Set with a reader's first word, so that one reader is not counted as several; it says nothing else."""
_MADE_UP = re.compile(r"[\w-]{22}", re.ASCII)
_YEAR = 365 * 24 * 3600


class FeedbackBody(BaseModel):
    """A reader's word on an answer."""

    model_config = ConfigDict(extra="forbid")

    answer: AnswerBody = Field(description="The answer as it was received.")
    verdict: Verdict
    marker: int | None = Field(None, description='The wrong citation\'s, for the verdict "citation".')
    note: Annotated[str, Field(max_length=MAX_NOTE)] = ""
    reader: Annotated[
        str,
        Field(
            max_length=64, description="Tells readers apart who do not log in; a cookie does it otherwise."
        ),
    ] = ""


class ExportBody(BaseModel):
    """An answer, or the answers of a conversation in their order, to lay out for checking."""

    model_config = ConfigDict(extra="forbid")

    answer: AnswerBody | None = None
    answers: Annotated[list[AnswerBody], Field(max_length=200)] = []
    title: Annotated[str, Field(max_length=2_000, description="Of the conversation.")] = ""
    format: Format = Format.JSON

    @model_validator(mode="after")
    def _one_or_many(self) -> Self:
        if (self.answer is None) == (not self.answers):
            raise ValueError("give either answer or answers")
        return self


class SuggestBody(BaseModel):
    """An answer after which further questions are wanted."""

    model_config = ConfigDict(extra="forbid")

    answer: AnswerBody
    asked: Annotated[list[str], Field(max_length=200, description="Questions not to offer again.")] = []


class Suggesting:
    """Makes suggestions for one reader at a time, and only while nobody waits for an answer."""

    def __init__(self, assistant: Measured, *, wanted: int) -> None:
        self._assistant = assistant
        self._wanted = wanted
        self._lock = threading.Lock()

    def questions(
        self, answer: Answer, asked: Sequence[str], *, gone: threading.Event | None = None
    ) -> tuple[str, ...] | None:
        """The suggestions, none where none can be made; None when there is no time for them now.

        Args:
            answer: what was just told.
            asked: not to be offered again.
            gone: set when nobody waits for them any more.
        """
        if not self._wanted:
            return ()
        if self._assistant.busy or not self._lock.acquire(blocking=False):
            return None
        until = time.monotonic() + _SUGGEST_SECONDS
        try:
            return suggest(
                self._assistant.uncounted,
                answer,
                asked=asked,
                wanted=self._wanted,
                go_on=lambda: (
                    not (
                        self._assistant.busy
                        or time.monotonic() > until
                        or (gone is not None and gone.is_set())
                    )
                ),
            )
        except LaunchError as exc:
            logger.info("no suggestions: %s", exc)
            return ()
        finally:
            self._lock.release()


def reader_routes(assistant: Measured, settings: Settings) -> APIRouter:
    """The three routes."""
    routes = APIRouter(tags=["readers"])
    feedback = Feedback.of_home(settings.home)
    suggesting = Suggesting(assistant, wanted=settings.serve.suggestions)

    @routes.post("/api/feedback", responses=ERRORS, status_code=201, summary="Say whether an answer is good")
    async def post_feedback(body: FeedbackBody, request: Request) -> JSONResponse:
        user = user_of(request.scope).name
        known = request.cookies.get(_COOKIE, "")
        reader = body.reader or (known if _MADE_UP.fullmatch(known) else secrets.token_urlsafe(16))
        number = await run_in_threadpool(
            feedback.add,
            body.answer.model_dump(mode="json"),
            body.verdict,
            marker=body.marker,
            note=body.note,
            user=user,
            reader=reader,
        )
        reply = JSONResponse({"id": number}, status_code=201)
        if not user and not body.reader and reader != known:
            path, secure = settings.serve.root_path or "/", request.url.scheme == "https"
            reply.set_cookie(
                _COOKIE, reader, max_age=_YEAR, path=path, secure=secure, httponly=True, samesite="strict"
            )
        return reply

    @routes.post(
        "/api/export",
        responses=ERRORS,
        response_class=Response,
        summary="Lay answers out as a fact-check pack: json, markdown, csv or html",
    )
    async def post_export(body: ExportBody) -> Response:
        def pack() -> str:
            articles = assistant.retriever.articles()
            if body.answer is not None:
                data: dict[str, Any] = body.answer.model_dump(mode="json")
                return write_pack(fact_check_pack(data, articles), body.format)
            saved = [one.model_dump(mode="json") for one in body.answers]
            return write_pack(conversation_pack(saved, articles, title=body.title), body.format)

        media, _ = MEDIA[body.format]
        name = file_name(body.title or (body.answer or body.answers[0]).question, body.format)
        # As a download: a page made of a sent answer is not shown as one of ours.
        headers = {
            "content-disposition": f'attachment; filename="{name}"',
            "content-type": media,
        }
        return Response(await run_in_threadpool(pack), headers=headers)

    @routes.post(
        "/api/suggestions",
        responses=ERRORS,
        summary="Further questions that the articles answer; may be none, or none yet (later)",
    )
    async def post_suggestions(body: SuggestBody, request: Request) -> JSONResponse:
        gone = threading.Event()

        def found() -> tuple[str, ...] | None:
            answer = read_answer(body.answer, assistant.retriever.snapshot())
            return suggesting.questions(answer, body.asked, gone=gone)

        watch = asyncio.create_task(_watch(request, gone))
        try:
            questions = await run_in_threadpool(found)
            return JSONResponse({"questions": questions or (), "later": questions is None})
        finally:
            gone.set()
            watch.cancel()

    return routes


async def _watch(request: Request, gone: threading.Event) -> None:
    """Notice that the browser went on to something else, so that no work is done for nobody."""
    while not await request.is_disconnected():
        await asyncio.sleep(0.2)
    gone.set()
