"""A real HTTP server that speaks the chat-completions protocol and does what a script says, good or bad."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_QUOTE = re.compile(r'^\[(\d+)\] ([^\n]*?): "(.*)"$', re.M)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as a script sees it."""

    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def prompt(self) -> str:
        return "\n".join(str(m["content"]) for m in self.body["messages"])

    @property
    def is_repair(self) -> bool:
        return "says something that the quotes do not" in self.prompt

    @property
    def is_rewrite(self) -> bool:
        return "Rewrite the last question" in self.prompt

    def quotes(self) -> dict[int, str]:
        return {int(n): quote for n, _, quote in _QUOTE.findall(self.prompt)}

    def sources(self) -> dict[int, str]:
        """Each quote with who published it and when, by its number."""
        return {int(n): f"{label} {quote}" for n, label, quote in _QUOTE.findall(self.prompt)}

    def number(self, words: str) -> int:
        """The number of the quote that holds these words."""
        for number, quote in self.quotes().items():
            if words in quote:
                return number
        raise AssertionError(f"no quote with {words!r} in {self.quotes()}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server does with one request.

    Attributes:
        text: streamed in small pieces; a callable gets the request.
        status: any but 200 is an error, with `text` as its message.
        hang: nothing is sent until the server closes.
        break_after: the connection is cut after so many pieces.
        wait: with `wait_after`, the stream rests after so many pieces until the event is set.
        raw: sent instead of events.
        endless: `text` is repeated without end.
        pace: seconds between two pieces, as a model that takes its time.
    """

    text: str | Callable[[Asked], str] = ""
    status: int = 200
    hang: bool = False
    break_after: int | None = None
    wait: threading.Event | None = None
    wait_after: int = 0
    raw: bytes | None = None
    endless: bool = False
    pace: float = 0.0


Script = Callable[[Asked], Reply] | Sequence[Reply]


class ScriptedServer:
    """Follows a script: a list of replies, the last of them repeated, or a function of the request."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.sent = 0
        self._closing = threading.Event()
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asked = Asked(body, {k.lower(): v for k, v in self.headers.items()})
                try:
                    outer._reply(self, asked, outer._next(asked))
                except OSError:
                    self.close_connection = True

            def log_message(self, *args: Any) -> None:
                """Keep quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args: Any) -> None:
                """A connection cut on purpose is no news."""

        self._http = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def _next(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            if callable(self.script):
                return self.script(asked)
            return self.script[min(len(self.asked), len(self.script)) - 1]

    def _reply(self, handler: BaseHTTPRequestHandler, asked: Asked, reply: Reply) -> None:
        if reply.hang:
            self._closing.wait(30)
            return
        text = reply.text(asked) if callable(reply.text) else reply.text
        if reply.status != 200:
            content = json.dumps({"error": {"message": text, "type": "error", "code": None}}).encode()
            handler.send_response(reply.status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)
            return
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        if reply.raw is not None:
            handler.wfile.write(reply.raw)
            return
        for count, piece in enumerate(_pieces(text, endless=reply.endless)):
            if self._closing.is_set():
                return
            if reply.break_after is not None and count >= reply.break_after:
                # An event cut in its middle, as by a process that was killed.
                handler.wfile.write(b'data: {"id": "1", "cho')
                return
            if reply.wait is not None and count == reply.wait_after:
                while not reply.wait.wait(0.05):
                    if self._closing.is_set():
                        return
            if reply.pace:
                time.sleep(reply.pace)
            handler.wfile.write(_event({"content": piece}))
            handler.wfile.flush()
            self.sent += 1
        handler.wfile.write(_event({}, finish="stop") + b"data: [DONE]\n\n")

    def close(self) -> None:
        """Stop as a killed process does: streams end where they are, and nobody answers any more."""
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)


def _pieces(text: str, *, endless: bool) -> Iterator[str]:
    while True:
        yield from re.findall(r"\s*\S{1,7}", text)
        if not endless:
            return
        time.sleep(0.0005)


def _event(delta: dict[str, Any], finish: str | None = None) -> bytes:
    event = {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "scripted",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return f"data: {json.dumps(event)}\n\n".encode()


@contextmanager
def scripted(script: Script) -> Iterator[ScriptedServer]:
    """A server that follows the script, closed at the end."""
    server = ScriptedServer(script)
    try:
        yield server
    finally:
        server.close()
