"""Everything that is served beside the page, put into the application in one place."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr
from fastapi import FastAPI

from assistant.chain import Assistant
from assistant.settings import Settings
from ui import problems
from ui.api import api_routes
from ui.api_feedback import reader_routes
from ui.health import health_routes
from ui.metrics import Measured, Metrics


def attach(
    app: FastAPI,
    assistant: Assistant,
    settings: Settings,
    build_page: Callable[[Assistant, Settings], gr.Blocks],
) -> tuple[Assistant, gr.Blocks]:
    """Add the routes for programs and for supervisors; build the page on the same counted assistant.

    Must come before the page is mounted: it takes every path that is left.
    """
    metrics = Metrics()
    counted = Measured(assistant, metrics)
    page = build_page(counted, settings)
    routes, gate = api_routes(counted, settings, metrics)
    app.include_router(routes)
    app.include_router(reader_routes(counted, settings))
    app.include_router(health_routes(counted, metrics))
    metrics.watch_queue(lambda: gate.waiting + len(page._queue))
    problems.install(app)
    return counted, page
