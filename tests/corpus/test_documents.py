"""PDF and Word documents, feeds and lists of addresses."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfReader, PdfWriter

from corpus.documents import read_docx, read_pdf, why_unreadable
from corpus.errors import ArticleError
from corpus.media import Media, media_of


def make_pdf(pages: list[list[str]], *, title: str = "", author: str = "", created: str = "") -> bytes:
    """Write a plain PDF, one string a line."""
    objects: list[bytes] = []

    def put(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    font = put(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    tree = len(objects) + 2 * len(pages) + 1
    for lines in pages:
        shown = b" ".join(
            b"(" + line.replace("(", r"\(").replace(")", r"\)").encode("latin-1") + b") Tj T*"
            for line in lines
        )
        stream = b"BT /F1 11 Tf 14 TL 50 760 Td " + shown + b" ET"
        content = put(b"<< /Length %d >> stream\n%s\nendstream" % (len(stream), stream))
        kids.append(
            put(
                b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
                b"/Resources << /Font << /F1 %d 0 R >> >> >>" % (tree, content, font)
            )
        )
    put(b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % kid for kid in kids), len(kids)))
    catalog = put(b"<< /Type /Catalog /Pages %d 0 R >>" % tree)
    about = b"".join(
        b" /%s (%s)" % (name, value.encode("latin-1"))
        for name, value in ((b"Title", title), (b"Author", author), (b"CreationDate", created))
        if value
    )
    info = put(b"<<%s >>" % about)
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root %d 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        catalog,
        info,
        start,
    )
    return bytes(out)


def make_docx(
    blocks: list[tuple[str, str]], *, title: str = "", author: str = "", day: datetime | None = None
) -> bytes:
    """Write a Word document of (style, text) paragraphs."""
    document = Document()
    for style, text in blocks:
        document.add_paragraph(text, style=style)
    document.core_properties.title = title
    document.core_properties.author = author
    if day:
        document.core_properties.created = day
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


PROSE = [
    "The harbour of Lund will get a crane that runs on hydrogen, the port said on",
    "Tuesday. It lifts forty tonnes and replaces two diesel cranes from 1987 that",
    "have to go by the end of next year.",
    "The crane costs nine million euros. A third of it comes from a fund for clean",
    "ports, and the rest is paid out of the fees that ships leave behind, said the",
    "head engi-",
    "neer, Rita Holm.",
]


def test_a_pdf_gives_paragraphs_and_what_it_says_of_itself() -> None:
    got = read_pdf(
        make_pdf(
            [PROSE],
            title="A crane that runs on hydrogen",
            author="Rita Holm; Ole Berg",
            created="D:20260519090000Z",
        ),
        name="crane.pdf",
    )
    assert got.title == "A crane that runs on hydrogen"
    assert got.authors == ("Rita Holm", "Ole Berg")
    assert got.published is None
    assert got.text.split("\n\n") == [
        "The harbour of Lund will get a crane that runs on hydrogen, the port said on Tuesday. It lifts forty tonnes "
        "and replaces two diesel cranes from 1987 that have to go by the end of next year.",
        "The crane costs nine million euros. A third of it comes from a fund for clean ports, and the rest is paid "
        "out of the fees that ships leave behind, said the head engineer, Rita Holm.\n",
    ]


def test_running_heads_and_page_numbers_are_dropped() -> None:
    pages = [
        ["Port News, spring edition", *(f"{word} {line}" for line in PROSE[:3]), f"Page {number} of 4"]
        for number, word in enumerate(("North", "East", "South", "West"), start=1)
    ]
    got = read_pdf(make_pdf(pages), name="news.pdf")
    assert "Port News" not in got.text
    assert "Page" not in got.text
    assert got.text.count("The harbour of Lund will get") == 4


@pytest.mark.parametrize("title", ["", "Microsoft Word - draft.docx", "untitled", "crane_final.pdf"])
def test_a_title_that_is_none_is_taken_from_the_text(title: str) -> None:
    got = read_pdf(make_pdf([["Crane for Lund", *PROSE]], title=title), name="x.pdf")
    assert got.title == "Crane for Lund"


def locked() -> bytes:
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(make_pdf([PROSE]))))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (locked(), "password"),
        (make_pdf([[], [], []]), "scan"),
        (b"%PDF-1.7\nthis is no PDF at all", "broken"),
        (b"%PDF-1.4\n" + b"\x00" * 500, "broken"),
        (make_pdf([PROSE])[:300], "broken"),
    ],
)
def test_pdfs_that_cannot_be_read(content: bytes, reason: str) -> None:
    with pytest.raises(ArticleError, match=reason) as caught:
        read_pdf(content, name="x.pdf")
    assert caught.value.path == "x.pdf"


def test_a_word_document_keeps_headings_lists_and_tables() -> None:
    document = Document(
        io.BytesIO(make_docx([("Title", "Ferry test"), ("Normal", "The ferry ran for nine hours.")]))
    )
    document.add_paragraph("What came out", style="Heading 1")
    document.add_paragraph("No fault in the engine", style="List Bullet")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Speed", "14 knots"
    out = io.BytesIO()
    document.save(out)
    assert media_of(out.getvalue()) is Media.DOCX
    got = read_docx(out.getvalue(), name="ferry.docx")
    assert got.title == "Ferry test"
    assert got.text == (
        "## Ferry test\n\nThe ferry ran for nine hours.\n\n## What came out\n\n- No fault in the engine\n\nSpeed | 14 knots\n"
    )
    assert got.published is None
    assert got.authors == ()


def test_a_word_document_says_who_and_when() -> None:
    content = make_docx(
        [("Normal", "The ferry ran for nine hours.")],
        title="Ferry test",
        author="Ole Berg",
        day=datetime(2025, 4, 2, 8),
    )
    got = read_docx(content, name="ferry.docx")
    assert (got.title, got.authors, got.published) == ("Ferry test", ("Ole Berg",), date(2025, 4, 2))


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 210_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (make_docx([("Normal", "The ferry ran for nine hours.")])[:2000], "broken"),
        (make_docx([("Normal", "")]), "next to no text"),
        (bomb(), "too large"),
    ],
)
def test_word_documents_that_cannot_be_read(content: bytes, reason: str) -> None:
    with pytest.raises(ArticleError, match=reason):
        read_docx(content, name="x.docx")


def test_a_word_document_does_not_read_other_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the words of the secret file")
    good = make_docx([("Normal", "The ferry ran for nine hours and came back.")])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "word/document.xml":
                doctype = f'<!DOCTYPE w [<!ENTITY x SYSTEM "{secret.as_uri()}">]><w:document'.encode()
                data = data.replace(b"<w:document", doctype, 1).replace(b"nine hours", b"&x; hours", 1)
            new.writestr(entry, data)
    try:
        text = read_docx(out.getvalue(), name="x.docx").text
    except ArticleError:
        return
    assert "secret" not in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", ".docx without a password"),
        (b"PK\x03\x04rest", "archive"),
        (b"\x7fELF\x02", "program"),
        (b"\x00\x00\x00\x18ftypmp42", "film"),
        (b"\x00\x01\x02", "binary"),
    ],
)
def test_other_files_are_named(content: bytes, words: str) -> None:
    assert words in why_unreadable(content)


@pytest.mark.parametrize(
    "line",
    ["Lund, 14 March 2026", "March 14, 2026", "Press release | 2026-03-14", "14th Mar. 2026 - for all"],
)
def test_a_pdf_has_the_day_at_its_head_and_not_that_of_its_printing(line: str) -> None:
    got = read_pdf(make_pdf([["A crane that runs", line, *PROSE]], created="D:20260519090000Z"), name="a.pdf")
    assert got.published == date(2026, 3, 14)


@pytest.mark.parametrize("line", ["It was opened on 14 March 2026.", "Version 2026-99-99", "May 2026"])
def test_a_day_in_a_sentence_is_not_that_of_publication(line: str) -> None:
    assert read_pdf(make_pdf([[*PROSE, line]], created="D:20260519090000Z"), name="a.pdf").published is None
