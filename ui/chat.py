"""The Ask tab: a question goes in, the answer comes out sentence by sentence, its sources beside it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import gradio as gr

from assistant.chain import Assistant
from assistant.errors import QuestionError
from assistant.models import Answer, Delta, Event, Retrieved
from assistant.settings import Settings
from corpus.errors import LaunchError
from ui import render
from ui.days import read_day
from ui.exchange import Exchange, State, Talk, read_talk, record
from ui.markup import attribute, plain
from ui.reading import Shelf
from ui.runs import Runs, stopped

logger = logging.getLogger("launch_assistant.ui")

UNEXPECTED = "Something went wrong here. Your question is still in the box: try it again."
QUEUE = "questions"
_TALK = '<div class="talk">${value.join("")}</div>'
_RUN_ENDED = "() => window.launchRunEnded?.()"
# Fills in what the browser holds; see assets/talks.js.
_WITH_TALK = "(question, day, held, state) => [question, day, window.launchHeldTalk?.() ?? held, state]"


def growing(
    assistant: Assistant, question: str, before: Talk, shelf: Shelf, *, as_of: date | None = None
) -> Iterator[Talk]:
    """A conversation as its next answer grows, each time as a whole; ends done or failed, and never raises."""
    exchange = Exchange(" ".join(question.split()), as_of=as_of)
    talk = replace(before, exchanges=(*before.exchanges, exchange))
    yield talk
    try:
        events: Iterator[Event] = assistant.stream(exchange.question, history=before.history(), as_of=as_of)
        for event in events:
            if isinstance(event, Retrieved):
                exchange = exchange.retrieved(event.hits)
            elif isinstance(event, Delta):
                exchange = exchange.grown(event.text.strip())
            elif isinstance(event, Answer):
                shelf.keep(event.hits)
                exchange = exchange.answered(event)
            yield talk.with_last(exchange)
    except LaunchError as exc:
        yield talk.with_last(replace(exchange, state=State.FAILED, problem=str(exc)))
    except Exception:
        logger.exception("a question failed")
        yield talk.with_last(replace(exchange, state=State.FAILED, problem=UNEXPECTED))


def kept(talk: Talk) -> Any:
    """The last exchange for the browser to keep, once it is over."""
    if not talk.exchanges or talk.exchanges[-1].state is State.WORKING:
        return gr.skip()
    return f'<data hidden data-turn="{attribute(record(talk))}"></data>'


class Conversing:
    """What the events of the Ask tab do.

    Each gives values for the same outputs: the conversation, its state, the record for the browser.
    """

    def __init__(self, assistant: Assistant, shelf: Shelf) -> None:
        self._assistant = assistant
        self._shelf = shelf
        self._runs = Runs()

    def show(self, talk: Talk) -> list[str]:
        """The conversation as HTML, in parts."""
        articles = () if talk.exchanges else self._assistant.retriever.articles()
        return render.conversation(talk.exchanges, self._assistant.launch, key=talk.key, articles=articles)

    def _outputs(self, talk: Talk) -> tuple[Any, ...]:
        return self.show(talk), talk, kept(talk)

    def put(
        self, question: str, day: str | None, held: str | None, state: Talk, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """A new question after the conversation that the browser holds; first come the box and the remark on the day.

        Not called `ask`: Gradio names events by their functions, and /ask is the endpoint for programs.
        """
        if not question.strip():
            yield (gr.skip(),) * 5
            return
        try:
            as_of = read_day(day)
        except QuestionError as exc:
            yield gr.skip(), _remark(str(exc)), gr.skip(), gr.skip(), gr.skip()
            return
        box: Any = ""
        before = self._held(_parsed(held), state)
        grown = growing(self._assistant, question, before, self._shelf, as_of=as_of)
        for talk in self._runs.followed(_reader(request), grown):
            if talk.exchanges[-1].state is State.FAILED:
                box = question
            yield box, "", *self._outputs(talk)
            box = gr.skip()

    def again(self, state: Talk, event: gr.EventData, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """The last question once more."""
        talk = self._held(_said(event), state)
        if talk.exchanges:
            last = talk.exchanges[-1]
            yield from self._instead(talk, last.question, last.as_of, request)

    def changed(self, state: Talk, event: gr.EventData, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """The last question in other words, in the place of the old one."""
        talk = self._held(_said(event), state)
        question = str(_said(event).get("question", ""))
        if talk.exchanges and question.strip():
            yield from self._instead(talk, question, talk.exchanges[-1].as_of, request)

    def _instead(
        self, talk: Talk, question: str, as_of: date | None, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        before = replace(talk, exchanges=talk.exchanges[:-1])
        grown = growing(self._assistant, question, before, self._shelf, as_of=as_of)
        for shown in self._runs.followed(_reader(request), grown):
            yield self._outputs(shown)

    def _held(self, held: object, state: Talk) -> Talk:
        """The conversation as the browser has it; the server's own is only the quicker copy of it.

        Gradio gives a page's state up some time after its connection broke, and a restart gives up all of them.
        """
        known = held if isinstance(held, dict) else {}
        turns = known.get("turns")
        if not isinstance(turns, list) or (known.get("key"), len(turns)) == (state.key, len(state.exchanges)):
            return state
        return read_talk(known, self._assistant.retriever.snapshot()) or state

    def halt(self, talk: Talk, request: gr.Request) -> tuple[Any, ...]:
        """Stop: what was shown stays.

        A Stop that comes when the answer is complete changes nothing, lest it take away what was asked meanwhile.
        """
        self._runs.stop(_reader(request))
        ended = stopped(talk)
        return self._outputs(ended) if ended is not talk else (gr.skip(),) * 3

    def restore(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """A conversation that the browser kept; an empty one where it cannot be read."""
        self._runs.drop(_reader(request))
        talk = read_talk(_said(event), self._assistant.retriever.snapshot())
        return self.show(talk or Talk()), talk or Talk(), ""


def _reader(request: gr.Request) -> str:
    """Whose page this is: each open page has a name of its own."""
    return str(request.session_hash)


def _parsed(held: str | None) -> object:
    try:
        return json.loads(held or "null")
    except ValueError:
        return None


def _said(event: gr.EventData) -> dict[str, Any]:
    return event._data if isinstance(event._data, dict) else {}


def _remark(words: str) -> str:
    return f'<p class="problem" role="alert" dir="auto">{plain(words)}</p>'


def build_ask(assistant: Assistant, settings: Settings, shelf: Shelf, page: gr.HTML) -> None:
    """Lay out the Ask tab inside the Blocks being built; `page` is the element whose script drives the page."""
    launch = assistant.launch
    conversing = Conversing(assistant, shelf)
    state = gr.State(Talk(), time_to_live=24 * 3600)

    gr.HTML(render.tools(), elem_id="tools", apply_default_css=False, js_on_load=None)
    # Of a list Gradio sends only what has changed since the value before.
    talk: gr.HTML = gr.HTML(
        conversing.show(Talk()),
        html_template=_TALK,
        elem_id="talk",
        apply_default_css=False,
        js_on_load=None,
    )
    told = gr.HTML("", elem_id="record", apply_default_css=False, js_on_load=None)
    held = gr.Textbox(visible=False)
    with gr.Column(elem_id="composer"):
        with gr.Row(elem_id="asking"):
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
                html_attributes=gr.InputHTMLAttributes(
                    autocorrect="on", spellcheck=True, enterkeyhint="send"
                ),
            )
            ask = gr.Button("Ask", elem_id="ask", variant="primary", scale=0, min_width=0)
            stop = gr.Button("Stop", elem_id="stop", variant="secondary", scale=0, min_width=0)
        with gr.Row(elem_id="limits"):
            day = gr.Textbox(
                label="Only what was published by",
                placeholder="any day",
                max_lines=1,
                max_length=40,
                elem_id="as-of",
                scale=0,
                min_width=0,
                html_attributes=gr.InputHTMLAttributes(
                    autocomplete="off", spellcheck=False, enterkeyhint="send"
                ),
            )
            remark = gr.HTML("", elem_id="as-of-remark", apply_default_css=False, js_on_load=None)

    apart: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    queued: dict[str, Any] = {
        **apart, "concurrency_limit": settings.serve.concurrency, "concurrency_id": QUEUE, "trigger_mode": "once"
    }  # fmt: skip
    shown = [talk, state, told]
    asked = gr.on(
        [box.submit, day.submit, ask.click],
        conversing.put,
        [box, day, held, state],
        [box, remark, *shown],
        js=_WITH_TALK,
        **queued,
    )
    retried = page.ask_again(conversing.again, [state], shown, **queued)
    edited = page.ask_instead(conversing.changed, [state], shown, **queued)
    running = [asked, retried, edited]
    for run in running:
        run.then(None, js=_RUN_ENDED, **apart)
    stop.click(conversing.halt, [state], shown, cancels=running, queue=False, **apart)
    # Several may come in quick turn, as when a conversation is deleted and brought back; none may be passed over.
    page.open_talk(
        conversing.restore, None, shown, cancels=running, queue=False, trigger_mode="multiple", **apart
    )


def build_api(assistant: Assistant, settings: Settings) -> None:
    """The endpoint for programs, /ask, and the tool for MCP clients, where that is asked for."""

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

    def ask_the_sources(question: str, as_of: str = "") -> str:
        """Answer a question about the launch from its source articles, as JSON with exact quotes.

        "outcome" is answered, partial or no_evidence; in the last case the sources do not say, and nothing else
        should be claimed. Each marker like [1] in "text" points at one of "citations".

        Args:
            question: in plain words; it has to stand alone.
            as_of: a day (YYYY-MM-DD); only what had been published by then is read.
        """
        return json.dumps(ask(question, None, as_of), ensure_ascii=False)

    where = {"concurrency_limit": settings.serve.concurrency, "concurrency_id": QUEUE}
    if settings.serve.mcp:
        # MCP clients get text, and Gradio would write a dict as Python does; they are given JSON, and that alone.
        ask._mcp_type = "for programs"  # type: ignore[attr-defined]
        gr.api(ask_the_sources, api_name="ask_the_sources", **where)  # type: ignore[attr-defined]
    gr.api(ask, api_name="ask", **where)  # type: ignore[attr-defined]
