"""POST /api/feedback and POST /api/export: what readers do with an answer that they have."""

from __future__ import annotations

from typing import Annotated, Any, Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from assistant.chain import Assistant
from assistant.settings import Settings
from ui.access import user_of
from ui.api import ERRORS
from ui.bodies import AnswerBody
from ui.export import MEDIA, Format, conversation_pack, fact_check_pack, write_pack
from ui.feedback import MAX_NOTE, Feedback, Verdict


class FeedbackBody(BaseModel):
    """A reader's word on an answer."""

    model_config = ConfigDict(extra="forbid")

    answer: AnswerBody = Field(description="The answer as it was received.")
    verdict: Verdict
    marker: int | None = Field(None, description='The wrong citation\'s, for the verdict "citation".')
    note: Annotated[str, Field(max_length=MAX_NOTE)] = ""


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


def reader_routes(assistant: Assistant, settings: Settings) -> APIRouter:
    """The two routes."""
    routes = APIRouter(tags=["readers"])
    feedback = Feedback.of_home(settings.home)

    @routes.post("/api/feedback", responses=ERRORS, status_code=201, summary="Say whether an answer is good")
    async def post_feedback(body: FeedbackBody, request: Request) -> JSONResponse:
        number = await run_in_threadpool(
            feedback.add,
            body.answer.model_dump(mode="json"),
            body.verdict,
            marker=body.marker,
            note=body.note,
            user=user_of(request.scope).name,
        )
        return JSONResponse({"id": number}, status_code=201)

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

        media, suffix = MEDIA[body.format]
        # As a download: a page made of a sent answer is not shown as one of ours.
        headers = {
            "content-disposition": f'attachment; filename="fact-check.{suffix}"',
            "content-type": media,
        }
        return Response(await run_in_threadpool(pack), headers=headers)

    return routes
