"""From what a user names to what can be read: files, folders, addresses, feeds and lists of addresses.

Each source becomes a `Found` (an article's parts, and the file they were read from) or a `Skipped` with the reason.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from corpus.errors import ArticleError, FetchError
from corpus.feeds import Entry, read_addresses, read_feed
from corpus.isolated import read_apart
from corpus.media import Media, decode_text, media_of
from corpus.models import Article, Skipped
from corpus.web import Fetcher

MOST_FILE_BYTES = 20_000_000
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)
_LAST_BLOCKS = 4
_SHARED_BY = 3
_LONGEST_SHARED = 400
_SUFFIXES = {Media.PDF: ".pdf", Media.DOCX: ".docx", Media.HTML: ".html"}


@dataclass(frozen=True, slots=True)
class Found:
    """One article that was read.

    Attributes:
        article: its parts; the id is still "".
        source: the address or the absolute path it came from.
        content: digest of what was read; equal digests mean that nothing changed at the source.
        original: a file with the bytes as they came.
        suffix: of the original's type, with the dot.
    """

    article: Article
    source: str
    content: str
    original: Path
    suffix: str


def is_address(source: str | Path) -> bool:
    """Whether a source is meant as an address: it begins like one and no file is called so."""
    return isinstance(source, str) and bool(_SCHEME.match(source.strip())) and not Path(source).exists()


class Finder:
    """Reads sources one after the other.

    Args:
        fetcher: fetches the addresses.
        spool: an empty folder for fetched pages.
    """

    def __init__(self, fetcher: Fetcher, spool: Path) -> None:
        self._fetcher = fetcher
        self._spool = spool
        self._seen: set[str] = set()
        self._count = 0
        self.left = 0

    def find(self, sources: Sequence[str | Path]) -> Iterator[Found | Skipped]:
        """Yield what the sources hold, in their order; a source named twice is read once.

        While it runs, `left` is the number of files and addresses known to be still ahead.
        """
        queue = list(sources)
        self.left = len(queue)
        for source in queue:
            self.left -= 1
            if not str(source).strip():
                # An empty path would be the current folder, and most likely a variable was not set.
                yield Skipped("", "the name is empty")
            elif is_address(source):
                yield from self._address(str(source).strip(), follow=True)
            elif Path(source).is_dir():
                yield from self._folder(Path(source))
            else:
                yield from self._file(Path(source))

    def _folder(self, folder: Path) -> Iterator[Found | Skipped]:
        files = []
        for root, folders, names in os.walk(folder, followlinks=False):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            files += [Path(root) / name for name in sorted(names) if not name.startswith(".")]
        if not files:
            yield Skipped(str(folder), "the folder is empty")
        self.left += len(files)
        for path in files:
            self.left -= 1
            if path.name.lower() in ("readme.md", "readme.txt", "launch.toml"):
                yield Skipped(str(path), "it describes the folder and is no article")
            else:
                yield from self._file(path)

    def _file(self, path: Path) -> Iterator[Found | Skipped]:
        source = str(path.absolute())
        if source in self._seen:
            return
        self._seen.add(source)
        try:
            if not path.is_file():
                yield Skipped(str(path), "it is no file" if path.exists() else "there is no such file")
                return
            if path.stat().st_size > MOST_FILE_BYTES:
                yield Skipped(
                    str(path), f"larger than {MOST_FILE_BYTES // 1_000_000} MB; add the part that matters"
                )
                return
            content = path.read_bytes()
        except OSError as exc:
            yield Skipped(str(path), f"cannot be read ({exc.strerror or type(exc).__name__})")
            return
        yield from self._read(content, path, source, shown=str(path), url=None, charset=None, follow=True)

    def _address(self, url: str, *, follow: bool) -> Iterator[Found | Skipped]:
        if url in self._seen:
            return
        self._seen.add(url)
        try:
            page = self._fetcher.fetch(url)
        except FetchError as exc:
            yield Skipped(url, exc.reason)
            return
        self._count += 1
        original = self._spool / str(self._count)
        original.write_bytes(page.content)
        yield from self._read(
            page.content, original, url, shown=url, url=page.final_url, charset=page.charset, follow=follow
        )

    def _entry(self, entry: Entry, source: str, shown: str) -> Iterator[Found | Skipped]:
        self._count += 1
        original = self._spool / str(self._count)
        original.write_bytes(entry.page)
        place, called = f"{source}#{entry.key}", f"{shown}#{entry.key}"
        yield from self._read(
            entry.page, original, place, shown=called, url=None, charset="utf-8", follow=False
        )

    def _read(
        self,
        content: bytes,
        original: Path,
        source: str,
        *,
        shown: str,
        url: str | None,
        charset: str | None,
        follow: bool,
    ) -> Iterator[Found | Skipped]:
        media = media_of(content)
        try:
            addresses: tuple[str | Entry, ...] = ()
            if media is Media.FEED:
                addresses = read_feed(content, name=shown, url=url)
            elif media is Media.TEXT:
                addresses = read_addresses(decode_text(content, declared=charset))
            if addresses:
                if not follow:
                    raise ArticleError(shown, "a list inside a list is not followed; add it by itself")
                self.left += len(addresses)
                for address in addresses:
                    self.left -= 1
                    if isinstance(address, Entry):
                        yield from self._entry(address, source, shown)
                    else:
                        yield from self._address(address, follow=False)
                return
            article = read_apart(content, shown=shown, url=url, charset=charset)
        except ArticleError as exc:
            yield Skipped(shown, exc.reason)
            return
        suffix = _SUFFIXES.get(media, ".md" if Path(shown).suffix.lower() in (".md", ".markdown") else ".txt")
        yield Found(article, source, _digest(article), original, suffix)


def shared_blocks(found: Sequence[Found]) -> frozenset[tuple[str, str]]:
    """Return the (site, paragraph) pairs that stand at the end of several different pages of one site.

    What pages share there is the site's: a motto, a note on its owner, a plea. Copies of one report share their
    paragraphs too, so pages count as different only if both their first and their longest paragraphs are.
    """
    openings: dict[tuple[str, str], set[str]] = {}
    cores: dict[tuple[str, str], set[str]] = {}
    sites: Counter[str] = Counter()
    for entry in found:
        if entry.suffix != ".html":
            continue
        site = _site(entry)
        sites[site] += 1
        blocks = entry.article.text.strip("\n").split("\n\n")
        for block in blocks[1:][-_LAST_BLOCKS:]:
            if len(block) <= _LONGEST_SHARED:
                openings.setdefault((site, block), set()).add(blocks[0])
                cores.setdefault((site, block), set()).add(max(blocks, key=len))
    counts = {pair: min(len(openings[pair]), len(cores[pair])) for pair in openings}
    return frozenset(
        pair for pair, count in counts.items() if count >= _SHARED_BY and count > sites[pair[0]] / 2
    )


def without_shared(entry: Found, shared: frozenset[tuple[str, str]]) -> str:
    """Return an article's text without the paragraphs that its site's pages share."""
    if entry.suffix != ".html":
        return entry.article.text
    site = _site(entry)
    rest = [block for block in entry.article.text.strip("\n").split("\n\n") if (site, block) not in shared]
    return "\n\n".join(rest) + "\n" if rest else entry.article.text


def _site(entry: Found) -> str:
    return f"{urlsplit(entry.article.url or '').hostname or ''} {entry.article.publisher}"


def _digest(article: Article) -> str:
    # The day of the last change is left out: some sites set it anew at every call.
    return replace(article, updated=None).digest
