"""Everything that is served beside the page, put into the application in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr
from fastapi import FastAPI

from assistant.chain import Assistant
from assistant.settings import Settings
from ui import problems
from ui.api import api_routes
from ui.api_feedback import reader_routes
from ui.health import Readiness, health_routes
from ui.limits import Gate
from ui.metrics import Measured, Metrics


@dataclass(frozen=True, slots=True)
class Attached:
    """What was built: the page, the gate that its and the routes' questions pass, and what counts them."""

    page: gr.Blocks
    gate: Gate
    metrics: Metrics
    warm_up: Callable[[], None]


def attach(
    app: FastAPI,
    assistant: Assistant,
    settings: Settings,
    build_page: Callable[[Assistant, Settings], gr.Blocks],
) -> Attached:
    """Add the routes for programs and for supervisors; build the page on the same counted assistant.

    Must come before the page is mounted: it takes every path that is left.
    """
    metrics = Metrics()
    gate = Gate(running=settings.serve.concurrency, waiting=settings.serve.max_waiting)
    measured = Measured(assistant, metrics, gate)
    page = build_page(measured, settings)
    gate.also_waiting = lambda: len(page._queue)
    metrics.watch_queue(lambda: gate.waiting)
    readiness = Readiness(measured, metrics)
    app.include_router(api_routes(measured))
    app.include_router(reader_routes(measured, settings))
    app.include_router(health_routes(readiness, metrics))
    problems.install(app)
    return Attached(page, gate, metrics, readiness.warm_up)
