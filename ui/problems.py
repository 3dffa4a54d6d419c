"""Errors as replies: {"error": {"code": ..., "message": ...}} with the status that fits.

400 malformed request, 401 and 403 see ui/access.py, 413 too large, 422 a question that cannot be asked, 429 too many
at once, 503 the index or a model cannot be had, 500 anything else.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from assistant.errors import EvidenceModelError, ModelError, QuestionError
from corpus.errors import LaunchError
from index.errors import IndexingError
from ui.errors import BusyError, FeedbackStoreError

logger = logging.getLogger("launch_assistant.ui")

UNEXPECTED = "Something went wrong here; the log has the reason. Try again."


def described(exc: Exception) -> tuple[int, str, str]:
    """Status, code and message of an error."""
    if isinstance(exc, RequestValidationError):
        return 400, "malformed", _malformed(exc)
    if isinstance(exc, HTTPException):
        # What the framework itself refuses: a body that breaks off, or that is no text at all.
        return exc.status_code, "malformed", f"{exc.detail}. See /openapi.json for the form of a request."
    if isinstance(exc, QuestionError):
        return 422, "question", str(exc)
    if isinstance(exc, BusyError):
        return 429, "busy", str(exc)
    if isinstance(exc, IndexingError):
        return 503, "index", str(exc)
    if isinstance(exc, EvidenceModelError | ModelError):
        return 503, "model", str(exc)
    if isinstance(exc, FeedbackStoreError):
        return 503, "feedback", str(exc)
    if isinstance(exc, LaunchError):
        return 422, "request", str(exc)
    return 500, "internal", UNEXPECTED


def problem(
    status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """An error reply."""
    return JSONResponse(
        {"error": {"code": code, "message": message}}, status_code=status, headers=dict(headers or {})
    )


def _malformed(exc: RequestValidationError) -> str:
    said = []
    for error in exc.errors()[:5]:
        # The body itself is "body" in front of every place.
        place = ".".join(str(part) for part in error["loc"] if part not in ("body", "query"))
        said.append(f"{place}: {error['msg']}" if place else str(error["msg"]))
    return f"The request cannot be read. {'; '.join(said)}. See /openapi.json for its form."


def install(app: FastAPI) -> None:
    """Let the routes of an application raise the product's errors."""

    async def reply(request: Request, exc: Exception) -> JSONResponse:
        status, code, message = described(exc)
        if status >= 500:
            logger.warning("%s %s failed: %s", request.method, request.url.path, exc)
        headers = {"retry-after": "5"} if status in (429, 503) else None
        return problem(status, code, message, headers=headers)

    app.add_exception_handler(LaunchError, reply)
    app.add_exception_handler(RequestValidationError, reply)
    app.add_exception_handler(HTTPException, reply)
