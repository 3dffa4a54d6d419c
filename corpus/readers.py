"""Files to articles. A reader takes a file's bytes; what it cannot read is an ArticleError that says why.

The text of an article is the file's own, but for three things done once, before any offset is counted: a byte order
mark is dropped, CRLF and CR become LF, and front matter is taken off. Nothing else is changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from corpus.errors import ArticleError
from corpus.models import Article, Kind

MOST_BYTES = 5_000_000
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.+?)\s*#*\s*$")
_DAY = re.compile(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_ODD = re.compile(r"[\x00-\x08\x0e-\x1f\ufffd]")
_TITLE_CHARS = 120

Reader = Callable[[Path, str, bytes], Article]


class _Fields(yaml.SafeLoader):
    """Safe YAML whose dates stay text: one that is no day of the calendar must not cost the article."""


class _PlainFields(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same, ten times as fast where libyaml is there; it descends until the stack ends, so not for what may be deep."""


_OPENS = re.compile(r"[\[{?:-]")
_READ_OTHERWISE = re.compile(r"\t|[|>]\S*#")
"""What libyaml takes and the other reader refuses."""

_SHALLOW = 200
"""So many signs that could each begin one level more."""

_Fields.yaml_implicit_resolvers = _PlainFields.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:timestamp"]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_article(path: Path, article_id: str) -> Article:
    """Read one file as an article.

    Raises:
        ArticleError: unreadable, too large, binary, or without text.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ArticleError(path, f"files of type {path.suffix or 'none'} are not read")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ArticleError(path, f"larger than {MOST_BYTES // 1_000_000} MB")
        data = path.read_bytes()
    except OSError as exc:
        raise ArticleError(path, f"cannot be read ({exc.strerror or type(exc).__name__})") from exc
    return reader(path, article_id, data)


def read_text_file(path: Path, article_id: str, data: bytes) -> Article:
    """A Markdown or plain text file, with or without front matter."""
    fields, text = front_matter(path, decode(path, data))
    if not text.strip():
        raise ArticleError(path, "it has no text")
    return Article(
        id=article_id,
        title=_line(fields.get("title")) or _title_of(text, path),
        publisher=_line(fields.get("publisher")),
        url=safe_url(fields.get("url")),
        published=as_date(fields.get("published")),
        updated=as_date(fields.get("updated")),
        kind=_kind(fields.get("kind")),
        text=text,
        based_on=_lines(fields.get("based_on")),
        authors=_lines(fields.get("authors") or fields.get("author")),
        also_published_by=_lines(fields.get("also_published_by")),
    )


def front_matter(path: Path, text: str) -> tuple[dict[str, Any], str]:
    """Part a file's text into its front matter, {} if there is none, and the body.

    Raises:
        ArticleError: the front matter is not YAML.
    """
    match = _FRONT.match(text)
    if match is None:
        return {}, text
    try:
        loaded = _loaded(match.group(1))
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f" in line {mark.line + 2}" if mark else ""
        raise ArticleError(path, f"its front matter is not YAML{where}") from exc
    return (loaded, text[match.end() :]) if isinstance(loaded, dict) else ({}, text)


def _loaded(head: str) -> object:
    if len(_OPENS.findall(head)) <= _SHALLOW and not _READ_OTHERWISE.search(head):
        with suppress(yaml.YAMLError):  # the other reader says what is wrong, and counts lines as people do
            return yaml.load(head, _PlainFields)
    return yaml.load(head, _Fields)


def decode(path: Path, data: bytes) -> str:
    """Bytes to text: UTF-8, UTF-16 with its mark, else the encoding that fits best.

    Raises:
        ArticleError: the bytes are no text.
    """
    if not data.strip():
        raise ArticleError(path, "it is empty")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return _newlines(data.decode("utf-16"))
        except UnicodeDecodeError as exc:
            raise ArticleError(path, "it is not text (broken UTF-16)") from exc
    if b"\x00" in data:
        raise ArticleError(path, "it is not text (binary content)")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(data[:200_000]).best()
        if best is None:
            raise ArticleError(path, "it is not text (unknown encoding)") from None
        text = data.decode(best.encoding, errors="replace")
    odd = len(_ODD.findall(text, 0, 20_000))
    if odd > 0.02 * min(len(text), 20_000):
        raise ArticleError(path, "it is not text (binary content)")
    return _newlines(text)


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def _title_of(text: str, path: Path) -> str:
    """The first heading or short first line, else the file's name."""
    for line in text.splitlines():
        if not line.strip():
            continue
        if match := _HEADING.match(line):
            return match.group(1)
        # A first line that ends like a sentence is a sentence, not a title.
        if len(line.strip()) <= _TITLE_CHARS and not line.rstrip().endswith(
            (".", "!", "?", ":", ";", ",", "”", '"')
        ):
            return line.strip()
        break
    return re.sub(r"[-_]+", " ", path.stem).strip() or path.name


def _line(value: object) -> str:
    # Only plain values: a nested one may be small in the file and boundless as text.
    return " ".join(str(value).split()) if isinstance(value, str | int | float | date) else ""


def _lines(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(line for line in map(_line, values) if line)


def as_date(value: object) -> date | None:
    """A date from front matter, or None where there is none that can be understood."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str | int):
        return None
    match = _DAY.match(str(value))
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def safe_url(value: object) -> str | None:
    """The address if it is http(s) and has a host, else None: nothing else may become a link."""
    text = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
        fine = (
            parts.scheme.lower() in ("http", "https")
            and bool(parts.hostname)
            and not re.search(r"[\s<>\"'`]", text)
        )
    except ValueError:
        return None
    return text if fine else None


def _kind(value: object) -> Kind:
    try:
        return Kind(_line(value).lower())
    except ValueError:
        return Kind.UNKNOWN


def read_document(path: Path, article_id: str, data: bytes) -> Article:
    """A web page, PDF or Word document; which of them, its bytes say."""
    # Imported here: most libraries hold text only, and the readers of the rest take a second to load.
    from corpus.isolated import read_apart

    return replace(read_apart(data, shown=str(path)), id=article_id)


READERS: dict[str, Reader] = {
    **dict.fromkeys((".md", ".markdown", ".txt"), read_text_file),
    **dict.fromkeys((".html", ".htm", ".pdf", ".docx"), read_document),
}
"""File suffix -> reader."""
