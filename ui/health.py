"""For whoever runs the server: /healthz (it lives), /readyz (it can answer), /metrics (Prometheus)."""

from __future__ import annotations

import logging

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response

from assistant.chain import Assistant
from corpus.errors import LaunchError
from ui.metrics import Metrics
from ui.problems import described, problem

logger = logging.getLogger("launch_assistant.ui")

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
"""What needs no user: a supervisor has none. Neither says more than that all is well, or which part is not."""

_ADVICE = {
    "index": "The index cannot be used. Run launch-assistant doctor on the server.",
    "model": "A model cannot be loaded. Run launch-assistant doctor on the server.",
}


class Readiness:
    """Whether questions can be answered; the first look loads the models."""

    def __init__(self, assistant: Assistant, metrics: Metrics) -> None:
        self._assistant = assistant
        self._metrics = metrics
        self._loaded = False

    def check(self) -> dict[str, object]:
        """What a supervisor wants to know.

        Raises:
            LaunchError: the index or a model cannot be used.
        """
        snapshot = self._assistant.retriever.snapshot()
        if not self._loaded:
            # Loads the embedder and the evidence model; a search also reads the vectors.
            snapshot.search("ready", limit=1)
            self._assistant.evidence.supports([("It is ready.", "It is ready.")])
            self._loaded = True
        self._metrics.generation.set(snapshot.generation)
        return {"ready": True, "generation": snapshot.generation, "articles": len(snapshot.articles())}

    def warm_up(self) -> None:
        """Load everything before the first question; what cannot be loaded is only noted: the question will say so."""
        try:
            self.check()
        except Exception as exc:
            logger.warning("not ready: %s", exc)


def health_routes(readiness: Readiness, metrics: Metrics) -> APIRouter:
    """The three routes."""
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz", response_class=PlainTextResponse, summary="Whether the server lives")
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    @routes.get("/readyz", summary="Whether questions can be answered: the index opens, the models load")
    async def readyz() -> Response:
        try:
            return JSONResponse(await run_in_threadpool(readiness.check))
        except LaunchError as exc:
            logger.warning("not ready: %s", exc)
            code = described(exc)[1]
        except Exception:
            logger.exception("not ready")
            code = "internal"
        # The full message names folders of the server; it is in the log.
        return problem(503, code, _ADVICE.get(code, "The server is not ready; see its log."))

    @routes.get("/metrics", response_class=PlainTextResponse, summary="Figures for Prometheus")
    async def figures() -> Response:
        return Response(metrics.text(), headers={"content-type": CONTENT_TYPE_LATEST})

    return routes
