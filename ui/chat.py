"""The Ask tab: a question goes in, the answer comes out sentence by sentence, its sources beside it."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from threading import Lock
from typing import Any

import gradio as gr

from assistant.chain import Assistant
from assistant.errors import QuestionError
from assistant.models import Answer, Delta, Event, Retrieved, Turn
from assistant.settings import Settings
from corpus.errors import LaunchError
from corpus.models import Article
from index.models import Hit
from ui import render
from ui.render import Exchange, State
from ui.render_library import article_page

logger = logging.getLogger("launch_assistant.ui")

UNEXPECTED = "Something went wrong here. Your question is still in the box: try it again."
QUEUE = "questions"


class Shelf:
    """The articles that answers were made from, so that a quote opens in the text it was taken from.

    A rebuild may replace an article while its answer is still on somebody's page; the shelf keeps the last ones
    cited, by digest. Safe to share between threads.
    """

    def __init__(self, assistant: Assistant, *, size: int = 256) -> None:
        self._assistant = assistant
        self._size = size
        self._kept: OrderedDict[str, Article] = OrderedDict()
        self._lock = Lock()

    def keep(self, hits: Sequence[Hit]) -> None:
        """Put the articles of an answer on the shelf."""
        with self._lock:
            for article in (hit.article for hit in hits):
                self._kept[article.digest] = article
                self._kept.move_to_end(article.digest)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def find(self, article_id: str, digest: str = "") -> Article | None:
        """The article with this digest; without one, the article as the index has it now."""
        with self._lock:
            kept = self._kept.get(digest)
        if kept is not None and kept.id == article_id:
            return kept
        current = self._assistant.retriever.snapshot().article(article_id)
        return current if current is not None and digest in ("", current.digest) else None


def open_article(shelf: Shelf, request: object) -> dict[str, str]:
    """What the reader shows: {"html": ...} or {"problem": ...}.

    Args:
        shelf: where articles are looked up.
        request: from the browser: {"article", "digest", "quotes": [[marker, start, end], ...], "focus"}.
    """
    asked = request if isinstance(request, dict) else {}
    try:
        article = shelf.find(str(asked.get("article", "")), str(asked.get("digest", "")))
        quotes = [(int(m), int(s), int(e)) for m, s, e in asked.get("quotes") or ()][:200]
        focus = int(asked["focus"]) if asked.get("focus") is not None else None
    except (TypeError, ValueError):
        return {"problem": "This page asked for something that is not an article. Reload it and try again."}
    except LaunchError as exc:
        return {"problem": str(exc)}
    if article is None:
        return {
            "problem": "This article has been changed or removed since. Ask again to see what it says now."
        }
    return {"html": article_page(article, quotes, focus=focus)}


def history_of(exchanges: Sequence[Exchange]) -> tuple[Turn, ...]:
    """The finished exchanges as the assistant wants its history, oldest first."""
    return tuple(
        turn
        for e in exchanges
        if e.answer is not None
        for turn in (Turn("user", e.question), Turn("assistant", e.answer.text))
    )


def exchange_events(
    assistant: Assistant, question: str, before: Sequence[Exchange], shelf: Shelf
) -> Iterator[Exchange]:
    """An exchange as it grows, each time as a whole; ends done or failed, and never raises."""
    exchange = Exchange(" ".join(question.split()))
    yield exchange
    try:
        events: Iterator[Event] = assistant.stream(exchange.question, history=history_of(before))
        for event in events:
            if isinstance(event, Retrieved):
                exchange = exchange.retrieved(event.hits)
            elif isinstance(event, Delta):
                exchange = exchange.grown(event.text.strip())
            elif isinstance(event, Answer):
                shelf.keep(event.hits)
                exchange = exchange.answered(event)
            yield exchange
    except LaunchError as exc:
        yield replace(exchange, state=State.FAILED, problem=str(exc))
    except Exception:
        logger.exception("a question failed")
        yield replace(exchange, state=State.FAILED, problem=UNEXPECTED)


def build_ask(assistant: Assistant, settings: Settings, shelf: Shelf, reader: gr.HTML) -> None:
    """Lay out the Ask tab inside the Blocks being built; `reader` is the dialog whose script drives the page."""
    launch = assistant.launch
    exchanges = gr.State([], time_to_live=24 * 3600)

    def show(turns: Sequence[Exchange]) -> str:
        return render.conversation(turns, launch, articles=() if turns else assistant.retriever.articles())

    talk = gr.HTML(show(()), elem_id="talk", apply_default_css=False, js_on_load=None)
    with gr.Row(elem_id="composer"):
        box = gr.Textbox(
            placeholder=f"Ask about {launch.name or 'your articles'}",
            label="Your question",
            show_label=False,
            container=False,
            lines=1,
            max_lines=8,
            max_length=settings.max_question_chars,
            autofocus=True,
            elem_id="question",
            html_attributes=gr.InputHTMLAttributes(autocorrect="on", spellcheck=True, enterkeyhint="send"),
        )
        ask = gr.Button("Ask", elem_id="ask", variant="primary", scale=0, min_width=0)
        stop = gr.Button("Stop", elem_id="stop", variant="secondary", scale=0, min_width=0)
    new = gr.Button("New conversation", elem_id="new", variant="secondary", scale=0, min_width=0)

    def respond(question: str, before: list[Exchange]) -> Iterator[tuple[Any, ...]]:
        if not question.strip():
            yield gr.skip(), gr.skip(), gr.skip()
            return
        cleared: Any = ""
        for exchange in exchange_events(assistant, question, before, shelf):
            turns = [*before, exchange]
            if exchange.state is State.FAILED:
                cleared = question
            yield cleared, show(turns), turns
            cleared = gr.skip()

    def again(before: list[Exchange]) -> Iterator[tuple[Any, ...]]:
        if before:
            for exchange in exchange_events(assistant, before[-1].question, before[:-1], shelf):
                turns = [*before[:-1], exchange]
                yield show(turns), turns

    def halt(turns: list[Exchange]) -> tuple[str, list[Exchange]]:
        if turns and turns[-1].state is State.WORKING:
            turns = [*turns[:-1], replace(turns[-1], state=State.STOPPED)]
        return show(turns), turns

    page: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    queued: dict[str, Any] = {
        **page, "concurrency_limit": settings.serve.concurrency, "concurrency_id": QUEUE, "trigger_mode": "once"
    }  # fmt: skip
    asked = gr.on([box.submit, ask.click], respond, [box, exchanges], [box, talk, exchanges], **queued)
    retried = reader.retry(again, [exchanges], [talk, exchanges], **queued)
    running = [asked, retried]
    stop.click(halt, [exchanges], [talk, exchanges], cancels=running, queue=False, **page)
    new.click(lambda: (show(()), []), None, [talk, exchanges], cancels=running, queue=False, **page)


def build_api(assistant: Assistant, settings: Settings) -> None:
    """The endpoint for programs: /ask."""

    def ask(question: str, history: list[dict[str, Any]] | None = None, as_of: str = "") -> dict[str, Any]:
        """Answer a question from the articles, with exact quotes.

        Args:
            question: in plain words.
            history: the conversation so far: {"role": "user" or "assistant", "content": "..."}, oldest first.
            as_of: a day (YYYY-MM-DD); only what had been published by then is read.
        """
        try:
            day = date.fromisoformat(as_of) if as_of else None
        except ValueError:
            raise gr.Error(f"as_of is {as_of!r}; give a day as YYYY-MM-DD.", print_exception=False) from None
        try:
            return assistant.answer(question, history=history or (), as_of=day).to_dict()
        except QuestionError as exc:
            raise gr.Error(str(exc), print_exception=False) from exc
        except LaunchError as exc:
            logger.warning("a question failed: %s", exc)
            raise gr.Error(str(exc), print_exception=False) from exc
        except Exception as exc:
            logger.exception("a question failed")
            raise gr.Error(UNEXPECTED, print_exception=False) from exc

    gr.api(  # type: ignore[attr-defined]
        ask, api_name="ask", concurrency_limit=settings.serve.concurrency, concurrency_id=QUEUE
    )
