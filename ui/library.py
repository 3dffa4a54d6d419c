"""The Articles tab: what answers are made from, and rebuilding the index."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import gradio as gr

from assistant.chain import Assistant, rebuild_index
from assistant.settings import Settings
from corpus.errors import LaunchError
from index.models import Progress, RebuildReport
from ui import render_library as render
from ui.access import may_curate

logger = logging.getLogger("launch_assistant.ui")


def articles_table(assistant: Assistant) -> str:
    """The table of the articles in the index now."""
    snapshot = assistant.retriever.snapshot()
    articles = snapshot.articles()
    return render.articles_table(articles, {a.id: len(snapshot.passages_of(a.id)) for a in articles})


def rebuilding(settings: Settings) -> Iterator[Progress | RebuildReport | LaunchError]:
    """A rebuild on a thread of its own: its progress as it goes, then the report or what went wrong."""
    events: SimpleQueue[Progress | RebuildReport | LaunchError] = SimpleQueue()

    def work() -> None:
        try:
            events.put(rebuild_index(settings, on_progress=events.put))
        except LaunchError as exc:
            events.put(exc)
        except Exception:
            logger.exception("a rebuild failed")
            events.put(
                LaunchError(
                    "The rebuild failed; the index as it was still serves. See the log for the reason."
                )
            )

    thread = Thread(target=work, name="launch-rebuild", daemon=True)
    thread.start()
    while True:
        event = events.get()
        # Progress comes faster than a page can show it: only the latest counts.
        while isinstance(event, Progress):
            try:
                event = events.get_nowait()
            except Empty:
                break
        yield event
        if not isinstance(event, Progress):
            thread.join()
            return


def build_articles(assistant: Assistant, settings: Settings) -> gr.HTML:
    """Lay out the Articles tab inside the Blocks being built; returns the table."""
    with gr.Row(elem_id="shelf-head"):
        gr.HTML(render.shelf_heading(), apply_default_css=False, js_on_load=None)
        rebuild = gr.Button("Rebuild the index", elem_id="rebuild", variant="secondary", scale=0, min_width=0)
    report = gr.HTML("", elem_id="report", apply_default_css=False, js_on_load=None)
    table = gr.HTML(articles_table(assistant), elem_id="shelf", apply_default_css=False, js_on_load=None)

    def run(request: gr.Request) -> Iterator[tuple[Any, Any]]:
        if not may_curate(request):
            yield render.rebuild_problem("Only a curator may rebuild the index. Ask one."), gr.skip()
            return
        yield render.rebuild_progress(Progress("read", 0, 0)), gr.skip()
        for event in rebuilding(settings):
            if isinstance(event, Progress):
                yield render.rebuild_progress(event), gr.skip()
            elif isinstance(event, RebuildReport):
                yield render.rebuild_report(event), articles_table(assistant)
            else:
                yield render.rebuild_problem(str(event)), gr.skip()

    rebuild.click(
        run, None, [report, table], show_progress="hidden", api_visibility="private", concurrency_limit=1
    )
    return table
