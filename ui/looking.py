"""Reading sources before they are kept: on a thread of its own, with its progress, and with a way to call it off."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread

from corpus.errors import ArticleError, LaunchError
from corpus.models import Article
from corpus.near_copies import NearCopies
from corpus.previewing import Preview, look
from corpus.readers import as_date, decode, front_matter
from corpus.sources import Found
from corpus.web import FetchPolicy

logger = logging.getLogger("launch_assistant.ui")

_SECONDS = 0.2
"""How soon a reading that was called off ends."""


class _CalledOff(Exception):  # noqa: N818 - nothing went wrong
    pass


class Readings:
    """Which reading each open page waits for; safe to share between threads."""

    def __init__(self, *, size: int = 1_000) -> None:
        self._size = size
        self._lock = Lock()
        self._of: OrderedDict[str, Event] = OrderedDict()

    def begin(self, reader: str) -> Event:
        """A new reading; what is set when it is called off. One that still runs for this page ends."""
        gone = Event()
        with self._lock:
            before = self._of.pop(reader, None)
            self._of[reader] = gone
            while len(self._of) > self._size:
                self._of.popitem(last=False)
        if before is not None:
            before.set()
        return gone

    def call_off(self, reader: str) -> None:
        """Let the reading of this page end."""
        with self._lock:
            gone = self._of.pop(reader, None)
        if gone is not None:
            gone.set()


def reading(
    sources: Sequence[str], *, names: Sequence[str], policy: FetchPolicy, gone: Event
) -> Iterator[tuple[int, int] | Preview | LaunchError]:
    """Read sources: (read, known so far in all) as it goes, then what was found or what went wrong.

    Ends without either once `gone` is set; a page that is just being fetched is then waited for by nobody.
    """
    events: SimpleQueue[tuple[int, int] | Preview | LaunchError] = SimpleQueue()

    def told(done: int, known: int) -> None:
        if gone.is_set():
            raise _CalledOff
        events.put((done, known))

    def work() -> None:
        try:
            events.put(look(sources, policy=policy, names=names, on_progress=told))
        except _CalledOff:
            pass
        except LaunchError as exc:
            events.put(exc)
        except Exception:
            logger.exception("reading a source failed")
            events.put(LaunchError("This could not be read. See the log for the reason, then try again."))

    Thread(target=work, name="launch-reading", daemon=True).start()
    while not gone.is_set():
        try:
            event = events.get(timeout=_SECONDS)
        except Empty:
            continue
        yield event
        if not isinstance(event, tuple):
            return


def remarks(found: Preview, known: Sequence[Article]) -> tuple[tuple[str, ...], ...]:
    """What a reader should know of each article before it is kept: that its text is there, that a date is none."""
    by_id = {article.id: article for article in known}
    near = NearCopies(known)
    told = []
    for entry in (e for e in found.entries if isinstance(e, Found)):
        said = []
        for article_id, alike in near.matches(entry.article)[:1]:
            same = "The same text as" if alike == 1 else f"Nearly the same text ({int(100 * alike)}%) as"
            there = by_id[article_id]
            by = f", {there.publisher}" if there.publisher else ""
            said.append(f"{same} “{there.title}”{by}, which is there already.")
        told.append((*said, *_odd_dates(entry)))
    return tuple(told)


def _odd_dates(entry: Found) -> list[str]:
    """Of dates in front matter that cannot be read: the article is undated then, and nothing else would say so."""
    if entry.suffix.lower() not in (".md", ".markdown", ".txt"):
        return []
    try:
        fields, _ = front_matter(entry.original, decode(entry.original, entry.original.read_bytes()))
    except (ArticleError, OSError):
        return []
    words = {"published": "The day of publication", "updated": "The day of the correction"}
    return [
        f"{what} could not be read: “{str(fields[field])[:60]}”. Give it as YYYY-MM-DD, such as 2026-04-08."
        for field, what in words.items()
        if fields.get(field) not in (None, "") and as_date(fields[field]) is None
    ]
