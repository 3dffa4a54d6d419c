"""The Articles tab: what answers are made from; for curators also adding, removing and rebuilding."""

from __future__ import annotations

import re
import time
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
from ui.access import may_curate, user_of
from ui.looking import Readings, reading, remarks
from ui.metrics import Measured
from ui.rebuilds import Begun, Rebuild, Rebuilds, begun_words, sentence

FILES = [".md", ".markdown", ".txt", ".html", ".htm", ".pdf", ".docx"]
NOT_ALLOWED = "Only a curator may change the articles. Ask one."
_SKIPPED = (gr.skip(), gr.skip(), gr.skip())
_LOOK_SECONDS = 1.0
"""Between two looks whether another process still rebuilds."""
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
        self._rebuilds = Rebuilds(settings)
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
        """What this reader sees: the articles of now, and the tools only with the right to use them.

        A rebuild that runs is named; the page then asks to `follow` it.
        """
        allowed = may_curate(request)
        running = self._running() if allowed else None
        told = render.rebuild_elsewhere(begun_words(running), follow=True) if running else ""
        return told, self.table(removable=allowed), gr.update(visible=allowed), gr.update(visible=allowed)

    def rebuild(self, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Bring the index up to date, with its report; while another does so, show that one."""

        def work() -> Iterator[tuple[Any, ...]]:
            running, mine = self._begin(request)
            yield from self._followed(running, about="" if mine else sentence(running.begun))

        yield from self._guarded(request, work)

    def follow(self, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Show the rebuild that runs until it is over, as after a reload in the middle of it."""

        def work() -> Iterator[tuple[Any, ...]]:
            running = self._rebuilds.now
            if running is not None:
                yield from self._followed(running, about=sentence(running.begun))
                return
            yield from self._outwaited()
            yield render_articles.note("The rebuild is over."), self.table(removable=True), *_SKIPPED

        yield from self._guarded(request, work)

    def look(self, address: str, files: list[str] | None, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Read an address, or else files, and show what was found."""

        def work() -> Iterator[tuple[Any, ...]]:
            sources: list[str] = list(files or ())
            if not sources:
                sources = [address.strip()]
                # A path here would be one of the server's own.
                if not _ADDRESS.fullmatch(sources[0]):
                    said = render.rebuild_problem("Give an address that begins with http:// or https://.")
                    yield said, *self.discard()[1:]
                    return
            gone = self._readings.begin(str(request.session_hash))
            # What was found before is no longer what is asked for.
            yield render_articles.reading_progress(0, len(sources)), *self.discard()[1:]
            named = [Path(f).name for f in files or ()]
            policy = self._settings.fetch.policy()
            for event in reading(sources, names=named, policy=policy, gone=gone):
                if isinstance(event, tuple):
                    yield _only(render_articles.reading_progress(*event))
                elif isinstance(event, Preview):
                    told = remarks(event, self._assistant.retriever.articles())
                    shown = render_articles.preview(
                        event.articles, event.skipped, remarks=told, cut=event.cut
                    )
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
        """End the rebuild that this page shows; what it says comes from the rebuild."""
        running = self._rebuilds.now
        if running is not None and may_curate(request):
            running.gone.set()

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

    def _rebuilt(self, request: gr.Request, said: str) -> Iterator[tuple[Any, ...]]:
        """Bring the index up to date with what was changed; one that runs already may have read before the change."""
        yield _only(said + render.rebuild_progress(Progress("read", 0, 0)))
        running, mine = self._begin(request)
        while not mine:
            about = f"{sentence(running.begun)} The index is brought up to date again after it."
            for event, left in running.follow():
                if isinstance(event, Progress):
                    shown = render.rebuild_progress(event, seconds_left=left, about=about, stoppable=False)
                    yield _only(said + shown)
            running, mine = self._begin(request)
        yield from self._followed(running, said)

    def _begin(self, request: gr.Request) -> tuple[Rebuild, bool]:
        inner = getattr(request, "request", None)
        by = user_of(inner.scope).name if inner is not None else ""
        return self._rebuilds.begin(self._assistant.retriever.embedder, by=by)

    def _running(self) -> Begun | None:
        running = self._rebuilds.now
        return running.begun if running else self._rebuilds.elsewhere()

    def _outwaited(self) -> Iterator[tuple[Any, ...]]:
        """That another process rebuilds, for as long as it does."""
        while (begun := self._rebuilds.elsewhere()) is not None:
            yield _only(render.rebuild_elsewhere(begun_words(begun)))
            time.sleep(_LOOK_SECONDS)

    def _followed(self, running: Rebuild, said: str = "", *, about: str = "") -> Iterator[tuple[Any, ...]]:
        for event, left in running.follow():
            if isinstance(event, Progress):
                yield _only(said + render.rebuild_progress(event, seconds_left=left, about=about))
            elif isinstance(event, RebuildReport):
                yield said + render.rebuild_report(event), self.table(removable=True), *_SKIPPED
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
    # Of several rebuilds one runs, and the others show it; in Gradio's queue they would wait without a word.
    many: dict[str, Any] = {**apart, "concurrency_limit": None}
    outputs = [report, table, found, state, doings]
    nothing = gr.State(None)
    app.load(curating.opened, None, [report, table, rebuild, tools], queue=False, **apart)
    page.follow_rebuild(curating.follow, None, outputs, **many)
    rebuild.click(curating.rebuild, None, outputs, **many)
    stop.click(curating.stop_rebuild, None, None, queue=False, **apart)
    gr.on([address.submit, read.click], curating.look, [address, nothing], outputs, **apart)
    files.upload(curating.look, [address, files], outputs, **apart)
    discard.click(curating.discard, None, outputs, queue=False, **apart)
    keep.click(curating.keep, [state], outputs, **many)
    page.call_off(curating.call_off, None, None, queue=False, **apart)
    page.remove_article(curating.remove, None, outputs, **many)
    page.unremove_article(curating.unremove, None, outputs, **many)
