"""Pages and documents are read in a process of their own, which is killed when a file takes too long.

A file may be made to be slow, to eat memory or to crash the library that reads it. The process starts with the first
such file, reads one after the other, and ends by itself when it has had nothing to do for a minute.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict
from typing import Any, BinaryIO

from corpus.errors import ArticleError
from corpus.media import Media, media_of
from corpus.models import Article, Kind
from corpus.readers import as_date

SECONDS = 30.0
PDF_SECONDS = 130.0
"""More than the PDF reader allows itself, which can say better what to do."""

_IDLE_SECONDS = 60.0
_MOST_MEMORY = 4_000_000_000
_FAILED = "reading it failed (it is broken, or needs too much memory); save its text in a file and add that"
_START = "import sys; sys.path[:] = {path!r}; from corpus.isolated import serve; serve()"

_lock = threading.Lock()
_idle: list[_Process] = []


def read_apart(content: bytes, *, shown: str, url: str | None = None, charset: str | None = None) -> Article:
    """Read one article like `corpus.contents.read_content`, within limits of time and memory.

    Raises:
        ArticleError: there is no article in it, or it cannot be read within the limits.
    """
    media = media_of(content)
    process = _taken() if media in (Media.HTML, Media.PDF, Media.DOCX) else None
    if process is None:
        from corpus.contents import read_content

        return read_content(content, shown=shown, url=url, charset=charset)
    seconds = PDF_SECONDS if media is Media.PDF else SECONDS
    head = {"shown": shown, "url": url, "charset": charset, "length": len(content)}
    try:
        answer = process.ask(head, content, seconds)
        if answer is None and process.ended_idle():
            # It had waited long enough and ended just now.
            process = _Process()
            answer = process.ask(head, content, seconds)
    finally:
        _give_back(process)
    if answer is None:
        raise ArticleError(
            shown,
            "it takes too long to read; save its text in a file and add that" if process.late else _FAILED,
        )
    if "reason" in answer:
        raise ArticleError(shown, str(answer["reason"]))
    return _article(answer)


class _Process:
    """A process that reads; see `serve`."""

    def __init__(self) -> None:
        self.late = False
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _START.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C is for the process that asks.
            start_new_session=True,
        )

    def ask(self, head: dict[str, Any], content: bytes, seconds: float) -> dict[str, Any] | None:
        """Return what it read, or None if it did not live to tell."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        alarm = threading.Timer(seconds, self._too_late)
        alarm.daemon = True
        alarm.start()
        try:
            self._process.stdin.write(json.dumps(head).encode() + b"\n")
            self._process.stdin.write(content)
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:
            line = b""
        except BaseException:
            # Stopped by the user: what it would still say belongs to no question.
            self.end()
            raise
        finally:
            alarm.cancel()
        if not line.endswith(b"\n"):
            self.end()
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def alive(self) -> bool:
        """Whether it can be asked again."""
        return self._process.poll() is None

    def ended_idle(self) -> bool:
        """Whether it ended by itself for want of work."""
        return self._process.returncode == 0

    def end(self) -> None:
        """Stop it at once."""
        for stream in (self._process.stdin, self._process.stdout):
            try:
                if stream is not None:
                    stream.close()
            except OSError:
                pass
        if self.late or self._process.poll() is None:
            self._wait_or_kill()

    def _wait_or_kill(self) -> None:
        try:
            # A process that closed its end is about to be gone, and how it went is wanted.
            self._process.wait(timeout=0.0 if self.late else 1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _too_late(self) -> None:
        self.late = True
        self._process.kill()


def _taken() -> _Process | None:
    with _lock:
        while _idle:
            process = _idle.pop()
            if process.alive():
                return process
            process.end()
    try:
        return _Process()
    except OSError:
        return None  # no process may be started here; then it is read in this one


def _give_back(process: _Process) -> None:
    with _lock:
        if process.alive() and not _idle:
            _idle.append(process)
            return
    process.end()


def _end_all() -> None:
    with _lock:
        while _idle:
            _idle.pop().end()


atexit.register(_end_all)


def serve() -> None:
    """Read what comes on standard input until it ends: a line of JSON, then the file's bytes; answer in a line."""
    _limit_memory()
    answers = os.fdopen(os.dup(1), "wb")
    # What a library prints must not stand among the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    questions = sys.stdin.buffer
    from corpus.contents import read_content

    while True:
        bored = threading.Timer(_IDLE_SECONDS, os._exit, [0])
        bored.daemon = True
        bored.start()
        line = questions.readline()
        bored.cancel()
        if not line:
            os._exit(0)
        head = json.loads(line)
        content = questions.read(head["length"])
        if hasattr(signal, "alarm"):
            # Whoever asked may be gone, and then nobody else ends this process when a file never ends.
            signal.alarm(int(2 * PDF_SECONDS))
        try:
            answer = _fields(
                read_content(content, shown=head["shown"], url=head["url"], charset=head["charset"])
            )
        except ArticleError as exc:
            answer = {"reason": exc.reason}
        except Exception:  # a fault of the reader's is no fault of the files after this one
            answer = {"reason": _FAILED}
        if hasattr(signal, "alarm"):
            signal.alarm(0)
        _tell(answers, answer)


def _tell(answers: BinaryIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:
        return
    for kind, most in ((resource.RLIMIT_AS, _MOST_MEMORY), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _fields(article: Article) -> dict[str, Any]:
    fields = asdict(article)
    del fields["id"], fields["digest"]
    for name in ("published", "updated"):
        fields[name] = fields[name].isoformat() if fields[name] else None
    return fields


def _article(fields: dict[str, Any]) -> Article:
    read: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
    }
    for name in ("published", "updated"):
        read[name] = as_date(read[name])
    return Article(id="", **{**read, "kind": Kind(read["kind"])})
