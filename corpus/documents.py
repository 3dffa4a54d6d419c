"""PDF and Word documents to the parts of an article."""

from __future__ import annotations

import io
import logging
import re
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from corpus.errors import ArticleError
from corpus.extract import Extract, as_day, clean_line
from corpus.media import SIGNATURES

MOST_PAGES = 2000
_MOST_SECONDS = 120.0  # isolated.PDF_SECONDS is a little more
_MOST_UNPACKED = 200_000_000
_EDGE_LINES = 3
"""Lines at the top and at the bottom of a page that may be a running head or foot."""

# Their remarks on broken files are ours to make; without a handler they would go to the terminal.
logging.getLogger("pypdf").addHandler(logging.NullHandler())
_NO_TITLE = re.compile(
    r"^(?:untitled|microsoft word\b.*|.*\.(?:docx?|pdf|odt|indd|tex|pages|rtf)|document\d*|title)$", re.I
)
_NO_AUTHOR = re.compile(r"^(?:python-docx|unknown|admin|user|owner|author|microsoft.*)$", re.I)
_PAGE_NUMBER = re.compile(r"^\W*(?:page|seite|p\.)?\s*\d{1,4}(?:\s*(?:/|of|von)\s*\d{1,4})?\W*$", re.I)
_END_OF_SENTENCE = re.compile(r"[.!?…:。！？][\"'”’»)\]]*$")
_HEAD_LINES = 12
_LONGEST_DATELINE = 60
_MONTHS = {
    name: f"{number:02}"
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)
}
_NAMED = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAYS = (
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b"),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s{_NAMED},?\s(?P<year>\d{{4}})\b", re.I),
    re.compile(rf"\b{_NAMED}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year>\d{{4}})\b", re.I),
)
# The date inside the template that python-docx starts from; it says nothing of the document.
_TEMPLATE_DATE = datetime(2013, 12, 23, 23, 15)


def why_unreadable(content: bytes) -> str:
    """Say what a file is that is no document."""
    for signature, reason in SIGNATURES:
        if content.startswith(signature):
            return reason
    if content[4:8] == b"ftyp":
        return "it is a film or a recording"
    return "it is not text (binary content)"


def read_pdf(content: bytes, *, name: str) -> Extract:
    """Read a PDF.

    Args:
        name: the file's name or address, for the error.

    Raises:
        ArticleError: locked, scanned or broken.
    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    begun = time.monotonic()
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ArticleError(name, "the PDF is locked with a password; save an open copy and add that")
        if len(reader.pages) > MOST_PAGES:
            raise ArticleError(name, f"the PDF has more than {MOST_PAGES} pages; add the part that matters")
        pages: list[list[str]] = []
        pictures = False
        for page in reader.pages:
            if time.monotonic() - begun > _MOST_SECONDS:
                raise ArticleError(name, "the PDF takes too long to read; print it to a new PDF and add that")
            pages.append([clean_line(line) for line in (page.extract_text() or "").splitlines()])
            pictures = pictures or "/XObject" in (page.get("/Resources") or {})
        about = reader.metadata
        title = clean_line(str(about.title or "")) if about else ""
        author = clean_line(str(about.author or "")) if about else ""
        published = _day_said(pages[0]) if pages else None
    except ArticleError:
        raise
    except (PyPdfError, Exception) as exc:
        # A broken PDF fails in as many ways as there are objects in it; each is the file's fault.
        raise ArticleError(
            name, "the PDF is broken and cannot be read; open it, print it to a new PDF and add that"
        ) from exc
    text = "\n\n".join(_paragraphs(_without_running_lines(pages)))
    if len(text) < 20 * max(1, len(pages)):
        if pictures or not text:
            raise ArticleError(
                name, "its pages are pictures without text (a scan); run text recognition over it first"
            )
        raise ArticleError(name, "it has next to no text")
    if not title or _NO_TITLE.match(title):
        title = _title_in(text)
    return Extract(title=title, text=text + "\n", published=published, authors=_authors(author))


def read_docx(content: bytes, *, name: str) -> Extract:
    """Read a Word document (.docx).

    Raises:
        ArticleError: broken, far too large when unpacked, or without text.
    """
    from docx import Document

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED:
                raise ArticleError(name, "the document is too large when unpacked")
        document = Document(io.BytesIO(content))
        blocks = list(_docx_blocks(document))
        about = document.core_properties
        title, author = clean_line(about.title or ""), clean_line(about.author or "")
        created, modified = about.created, about.modified
    except ArticleError:
        raise
    except Exception as exc:  # any fault inside the archive is the file's
        raise ArticleError(
            name, "the document is broken and cannot be read; open it and save it anew"
        ) from exc
    text = "\n\n".join(block for block in blocks if block)
    if len(text.strip()) < 20:
        raise ArticleError(name, "it has next to no text")
    if not title or _NO_TITLE.match(title):
        title = _title_in(text)
    days = [as_day(day) for day in (created, modified) if day and day.replace(tzinfo=None) != _TEMPLATE_DATE]
    return Extract(
        title=title,
        text=text + "\n",
        published=next((day for day in days if day), None),
        authors=_authors(author),
    )


def _docx_blocks(document: Any) -> Iterator[str]:
    from docx.table import Table

    for part in document.iter_inner_content():
        if isinstance(part, Table):
            for row in part.rows:
                # A merged cell stands in each of its columns.
                cells = list(dict.fromkeys(clean_line(cell.text) for cell in row.cells))
                yield " | ".join(cell for cell in cells if cell)
            continue
        line = clean_line(part.text)
        style = (part.style.name or "").lower() if part.style is not None else ""
        if line and (style.startswith("heading") or style == "title"):
            yield "## " + line
        elif line and style.startswith("list"):
            yield "- " + line
        else:
            yield line


def _without_running_lines(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Drop heads, feet and page numbers: what stands at the edge of most pages, whatever number is in it."""

    def key(line: str) -> str:
        return re.sub(r"\d+", "0", line.casefold())

    filled = [[line for line in lines if line] for lines in pages]
    counts = Counter(
        found
        for lines in filled
        for found in {key(line) for line in lines[:_EDGE_LINES] + lines[-_EDGE_LINES:]}
    )
    often = {line for line, count in counts.items() if count >= 3 and count > len(pages) / 2}
    kept = []
    for lines in pages:
        first, last = 0, len(lines)
        # From the edge inwards, up to the first line that is the page's own.
        while first < last and (
            not lines[first] or key(lines[first]) in often or _PAGE_NUMBER.match(lines[first])
        ):
            first += 1
        while last > first and (
            not lines[last - 1] or key(lines[last - 1]) in often or _PAGE_NUMBER.match(lines[last - 1])
        ):
            last -= 1
        kept.append(list(lines[first:last]))
    return kept


def _paragraphs(pages: Sequence[Sequence[str]]) -> Iterator[str]:
    """Join the lines of a page's columns to paragraphs; a paragraph may go on over a page's end."""
    widths = sorted(len(line) for lines in pages for line in lines if line)
    usual = widths[int(len(widths) * 0.8)] if widths else 0
    current = ""
    for lines in pages:
        for line in lines:
            if not line:
                if current and _END_OF_SENTENCE.search(current):
                    yield current
                    current = ""
                continue
            if current.endswith("-") and line[:1].islower():
                current = current[:-1] + line
            elif current:
                current += " " + line
            else:
                current = line
            # A line that ends early ends a paragraph if it ends a sentence too, or looks like a heading.
            if len(line) < 0.75 * usual and (_END_OF_SENTENCE.search(line) or line == current):
                yield current
                current = ""
    if current:
        yield current


def _day_said(lines: Sequence[str]) -> date | None:
    """Return the day that stands by itself at the head of a document.

    The day that a PDF was made is none: a page is printed long after it was published.
    """
    for line in [line for line in lines if line][:_HEAD_LINES]:
        if len(line) > _LONGEST_DATELINE or line.endswith((".", ",", ";")):
            continue
        for pattern in _DAYS:
            if found := pattern.search(line):
                parts = found.groupdict()
                month = _MONTHS.get(parts["month"][:3].lower()) or parts["month"]
                if day := as_day(f"{parts['year']}-{month}-{parts['day']:0>2}"):
                    return day
    return None


def _title_in(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "").lstrip("#- ")
    return first if len(first) <= 120 else first[:120].rsplit(" ", 1)[0] + "…"


def _authors(named: str) -> tuple[str, ...]:
    names = [name.strip() for name in re.split(r";|,| and ", named)]
    return tuple(
        dict.fromkeys(name for name in names if name and len(name) <= 80 and not _NO_AUTHOR.match(name))
    )
