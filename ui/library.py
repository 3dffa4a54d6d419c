"""The Articles tab: what answers are made from; for curators also adding, removing and rebuilding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.chain import Assistant
from assistant.settings import Settings
from corpus.errors import LaunchError
from corpus.library import Library
from corpus.previewing import Preview
from index.errors import RebuildCancelledError
from index.models import Progress, RebuildReport
from ui import render_articles
from ui import render_library as render
from ui.access import may_curate
from ui.looking import Readings, reading
from ui.metrics import Measured
from ui.rebuilds import Pace, rebuilding

FILES = [".md", ".markdown", ".txt", ".html", ".htm", ".pdf", ".docx"]
NOT_ALLOWED = "Only a curator may change the articles. Ask one."
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


class Curating:
    """What the events of the Articles tab do.

    Each gives values for the same outputs: the report, the table, the preview, its state, and the buttons under it.
    """

    def __init__(self, assistant: Assistant, settings: Settings) -> None:
        self._assistant = assistant
        self._settings = settings
        self._library = Library(settings.corpus, added=settings.articles_home)
        self._readings = Readings()
        self._rebuilds = Readings()
        self.takes_articles = self._library.takes_articles()

    def table(self, *, removable: bool) -> str:
        """The articles in the index now."""
        snapshot = self._assistant.retriever.snapshot()
        articles = snapshot.articles()
        passages = {a.id: len(snapshot.passages_of(a.id)) for a in articles}
        return render_articles.shelf(
            articles,
            passages,
            added=self._library.added_on(),
            cited=self._assistant.cited if isinstance(self._assistant, Measured) else None,
            removable=removable,
        )

    def opened(self, request: gr.Request) -> tuple[Any, ...]:
        """What this reader sees: the articles of now, and the tools only with the right to use them."""
        allowed = may_curate(request)
        return self.table(removable=allowed), gr.update(visible=allowed), gr.update(visible=allowed)

    def rebuild(self, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Bring the index up to date, with its report."""
        yield from self._guarded(request, lambda: self._rebuilt(request))

    def look(self, address: str, files: list[str] | None, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Read an address, or else files, and show what was found."""

        def work() -> Iterator[tuple[Any, ...]]:
            sources: list[str] = list(files or ())
            if not sources:
                sources = [address.strip()]
                # A path here would be one of the server's own.
                if not _ADDRESS.fullmatch(sources[0]):
                    yield _only(
                        render.rebuild_problem("Give an address that begins with http:// or https://.")
                    )
                    return
            gone = self._readings.begin(str(request.session_hash))
            yield _only(render_articles.reading_progress(0, len(sources)))
            named = [Path(f).name for f in files or ()]
            policy = self._settings.fetch.policy()
            for event in reading(sources, names=named, policy=policy, gone=gone):
                if isinstance(event, tuple):
                    yield _only(render_articles.reading_progress(*event))
                elif isinstance(event, Preview):
                    shown = render_articles.preview(event.articles, event.skipped, cut=event.cut)
                    yield "", gr.skip(), shown, event, gr.update(visible=bool(event.articles))
                else:
                    yield _only(render.rebuild_problem(str(event)))
            if gone.is_set():
                yield _only(render_articles.note("Called off. Nothing was kept."))

        yield from self._guarded(request, work)

    def call_off(self, request: gr.Request) -> None:
        """End the reading that this page waits for."""
        self._readings.call_off(str(request.session_hash))

    def stop_rebuild(self, request: gr.Request) -> None:
        """End the rebuild that this page waits for; what it says comes from the rebuild."""
        self._rebuilds.call_off(str(request.session_hash))

    def discard(self) -> tuple[Any, ...]:
        """Forget a preview."""
        return "", gr.skip(), "", None, gr.update(visible=False)

    def keep(self, found: Preview | None, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Keep a preview and bring the index up to date with it."""

        def work() -> Iterator[tuple[Any, ...]]:
            if found is None:
                yield self.discard()
                return
            said = render_articles.kept_report(self._library.keep(found))
            yield said, gr.skip(), "", None, gr.update(visible=False)
            yield from self._rebuilt(request, said)

        yield from self._guarded(request, work)

    def remove(self, request: gr.Request, event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        """Take an added article away."""
        article_id = _id(event)

        def work() -> Iterator[tuple[Any, ...]]:
            article = self._assistant.retriever.snapshot().article(article_id)
            self._library.remove(article_id)
            title = article.title if article else article_id
            yield from self._rebuilt(request, render_articles.removed_note(article_id, title))

        yield from self._guarded(request, work)

    def unremove(self, request: gr.Request, event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        """Bring back what was removed."""
        article_id = _id(event)

        def work() -> Iterator[tuple[Any, ...]]:
            self._library.restore(article_id)
            yield from self._rebuilt(request, render_articles.note("The article is back."))

        yield from self._guarded(request, work)

    def _rebuilt(self, request: gr.Request, said: str = "") -> Iterator[tuple[Any, ...]]:
        yield _only(said + render.rebuild_progress(Progress("read", 0, 0)))
        gone = self._rebuilds.begin(str(request.session_hash))
        pace = Pace()
        for event in rebuilding(self._settings, self._assistant.retriever.embedder, gone=gone):
            if isinstance(event, Progress):
                yield _only(said + render.rebuild_progress(event, seconds_left=pace.left(event)))
            elif isinstance(event, RebuildReport):
                shown = said + render.rebuild_report(event)
                yield shown, self.table(removable=True), gr.skip(), gr.skip(), gr.skip()
            elif isinstance(event, RebuildCancelledError):
                yield _only(said + render_articles.note(str(event)))
            else:
                yield _only(said + render.rebuild_problem(str(event)))

    def _guarded(
        self, request: gr.Request, work: Callable[[], Iterator[tuple[Any, ...]]]
    ) -> Iterator[tuple[Any, ...]]:
        if not may_curate(request):
            yield _only(render.rebuild_problem(NOT_ALLOWED))
            return
        try:
            yield from work()
        except LaunchError as exc:
            yield _only(render.rebuild_problem(str(exc)))


def _only(report: str) -> tuple[Any, ...]:
    return report, gr.skip(), gr.skip(), gr.skip(), gr.skip()


def _id(event: gr.EventData) -> str:
    data = event._data if isinstance(event._data, dict) else {}
    return str(data.get("id", ""))


def build_articles(assistant: Assistant, settings: Settings, app: gr.Blocks, page: gr.HTML) -> None:
    """Lay out the Articles tab inside the Blocks being built; `page` is the element whose script drives the page."""
    curating = Curating(assistant, settings)
    state = gr.State(None, time_to_live=3600)
    with gr.Row(elem_id="shelf-head"):
        gr.HTML(render_articles.shelf_heading(), apply_default_css=False, js_on_load=None)
        rebuild = gr.Button(
            "Rebuild the index", elem_id="rebuild", variant="secondary", scale=0, min_width=0, visible=False
        )
    with gr.Column(elem_id="adding", visible=False) as tools:
        if not curating.takes_articles:
            gr.HTML(
                render_articles.own_folder(str(settings.corpus)),
                elem_id="own-folder",
                apply_default_css=False,
                js_on_load=None,
            )
        with gr.Row(elem_id="add-row", visible=curating.takes_articles):
            address = gr.Textbox(
                label="Add from an address",
                placeholder="https://",
                max_lines=1,
                max_length=2000,
                elem_id="add-address",
                html_attributes=gr.InputHTMLAttributes(
                    autocomplete="off", spellcheck=False, enterkeyhint="go"
                ),
            )
            read = gr.Button("Read it", elem_id="add-read", variant="secondary", scale=0, min_width=0)
            files = gr.UploadButton(
                "Choose files",
                elem_id="add-files",
                file_count="multiple",
                file_types=FILES,
                scale=0,
                min_width=0,
            )
        found = gr.HTML("", elem_id="preview", apply_default_css=False, js_on_load=None)
        with gr.Row(elem_id="preview-doings", visible=False) as doings:
            keep = gr.Button("Keep", elem_id="keep", variant="primary", scale=0, min_width=0)
            discard = gr.Button("Discard", elem_id="discard", variant="secondary", scale=0, min_width=0)
    report = gr.HTML("", elem_id="report", apply_default_css=False, js_on_load=None)
    # Seen only while there is a rebuild to stop, as the progress above it says; see assets/articles.css.
    stop = gr.Button("Cancel the rebuild", elem_id="stop-rebuild", variant="secondary", scale=0, min_width=0)
    table = gr.HTML(
        curating.table(removable=False), elem_id="shelf", apply_default_css=False, js_on_load=None
    )

    apart: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    one: dict[str, Any] = {**apart, "concurrency_limit": 1, "concurrency_id": "articles"}
    outputs = [report, table, found, state, doings]
    nothing = gr.State(None)
    app.load(curating.opened, None, [table, rebuild, tools], queue=False, **apart)
    rebuild.click(curating.rebuild, None, outputs, **one)
    stop.click(curating.stop_rebuild, None, None, queue=False, **apart)
    gr.on([address.submit, read.click], curating.look, [address, nothing], outputs, **apart)
    files.upload(curating.look, [address, files], outputs, **apart)
    discard.click(curating.discard, None, outputs, queue=False, **apart)
    keep.click(curating.keep, [state], outputs, **one)
    page.call_off(curating.call_off, None, None, queue=False, **apart)
    page.remove_article(curating.remove, None, outputs, **one)
    page.unremove_article(curating.unremove, None, outputs, **one)
