"""What a file is and how its characters are encoded: told from its bytes, never from its name."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from enum import StrEnum

from charset_normalizer import from_bytes


class Media(StrEnum):
    """The kinds of file that articles come in."""

    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    HTML = "text/html"
    FEED = "application/xml"
    TEXT = "text/plain"
    BINARY = "application/octet-stream"


SIGNATURES = (
    (b"\x89PNG", "it is a picture; text in pictures is not read"),
    (b"\xff\xd8\xff", "it is a picture; text in pictures is not read"),
    (b"GIF89a", "it is a picture; text in pictures is not read"),
    (b"GIF87a", "it is a picture; text in pictures is not read"),
    (b"RIFF", "it is a picture or a recording"),
    (b"ID3", "it is a recording"),
    (b"\xd0\xcf\x11\xe0", "it is an old or locked Office file; save it as .docx without a password"),
    (b"PK\x03\x04", "it is an archive or an Office file other than .docx; add what is in it"),
    (b"\x1f\x8b", "it is an archive; add what is in it"),
    (b"7z\xbc\xaf", "it is an archive; add what is in it"),
    (b"\x7fELF", "it is a program"),
    (b"MZ", "it is a program"),
    (b"SQLite format 3", "it is a database"),
)
"""How files begin that hold no text, and what to say of them."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE
)
_XML_CHARSET = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_FEED_ROOT = re.compile(r"<(?:[A-Za-z]+:)?(rss|feed|RDF)[\s>]")
_HTML_MARK = re.compile(
    r"<(?:!doctype\s+html|html|head|body|article|title|meta|div|p|h1)[\s>/]", re.IGNORECASE
)
_COMMENT_OR_PROLOGUE = re.compile(r"\s*(?:<!--.*?-->|<\?.*?\?>)", re.DOTALL)
# What browsers read these labels as; the plain codecs fail on the quotation marks and dashes that pages do contain.
_AS_BROWSERS = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso8859-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "tis-620": "cp874",
    "x-user-defined": "cp1252",
}
_SAMPLE = 65_536


def media_of(content: bytes) -> Media:
    """Tell what a file is from its bytes."""
    if not content.strip():
        return Media.TEXT
    if b"%PDF-" in content[:1024]:
        return Media.PDF
    if content.startswith(b"PK\x03\x04"):
        return Media.DOCX if _has_word_document(content) else Media.BINARY
    # Signatures in plain letters could begin a text; what they begin is binary further on.
    signed = any(
        content.startswith(start)
        for start, _ in SIGNATURES
        if not start.isascii() or start.startswith(b"GIF")
    )
    if signed or _is_binary(content):
        return Media.BINARY
    head = decode_text(content[:_SAMPLE], cut=True).lstrip("\ufeff \t\r\n")
    start = head
    while found := _COMMENT_OR_PROLOGUE.match(start):
        start = start[found.end() :]
    start = start.lstrip()
    if head.startswith(("<?xml", "<rss", "<feed", "<rdf")) and _FEED_ROOT.search(start[:4096]):
        return Media.FEED
    if start[:6].lower() == "<opml ":
        return Media.TEXT
    # A text file may speak of HTML, so a page has to begin with a tag and not only contain one.
    if start.startswith("<") and _HTML_MARK.search(start[:8192]):
        return Media.HTML
    return Media.TEXT


def decode_text(content: bytes, *, declared: str | None = None, cut: bool = False) -> str:
    """Decode text or markup of unknown encoding; never fails, a character that cannot be read becomes U+FFFD.

    Order: a byte order mark, UTF-16 by its zero bytes, the declarations (the server's, then the page's own) as far
    as the bytes agree, UTF-8 if the bytes are valid UTF-8, a guess by frequency, Windows-1252.

    Args:
        declared: the charset that a server named.
        cut: the bytes are the first of more, so the last character may be broken.
    """
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content.decode(name, "replace")
    wide = _utf16_without_mark(content)
    if wide:
        return content.decode(wide, "replace")
    # Other encodings hardly ever happen to be valid UTF-8, so valid UTF-8 is believed before any declaration.
    # ISO-2022-JP and its like are plain ASCII with escape sequences.
    if b"\x1b" not in content:
        decoded = _decoded(content, "utf-8", cut=cut)
        if decoded is not None:
            return decoded
    head = content[:4096]
    named = [
        declared,
        *(found[1].decode("ascii") for p in (_XML_CHARSET, _META_CHARSET) if (found := p.search(head))),
    ]
    for label in named:
        decoded = _decoded(content, label, cut=cut) if label else None
        if decoded is not None:
            return decoded
    # UTF-8 with a few broken bytes still has more whole characters than broken ones.
    lenient = content.decode("utf-8", "replace")
    broken = lenient.count("\ufffd")
    if broken < sum(1 for char in lenient if char > "\x7f") - broken:
        return lenient
    # Few characters outside ASCII are the accents and quotation marks of a western text; too few to guess from.
    if sum(1 for byte in content[:_SAMPLE] if byte > 0x7F) < len(content[:_SAMPLE]) // 25:
        return content.decode("cp1252", "replace")
    best = from_bytes(content[:_SAMPLE]).best()
    return content.decode(best.encoding if best is not None else "cp1252", "replace")


def _decoded(content: bytes, label: str, *, cut: bool) -> str | None:
    """Decode strictly; None if the label is unknown, is no text encoding, or does not fit the bytes."""
    name = _AS_BROWSERS.get(label.strip().lower(), label.strip().lower())
    try:
        info = codecs.lookup(name)
        if not getattr(info, "_is_text_encoding", True) or info.name in (
            "utf-7",
            "idna",
            "punycode",
            "unicode_escape",
        ):
            return None
        if cut:
            return codecs.getincrementaldecoder(name)("strict").decode(content, False)
        text = content.decode(name)
    except (LookupError, UnicodeError):
        return None
    return text


def _utf16_without_mark(content: bytes) -> str | None:
    sample = content[:2000]
    if len(sample) < 8 or b"\x00" not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > 0.3 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.3 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _is_binary(content: bytes) -> bool:
    sample = content[:_SAMPLE]
    if sample.startswith(tuple(mark for mark, _ in _BOMS)) or _utf16_without_mark(sample):
        return False
    # Escape (0x1b) is left out: ISO-2022-JP is made of it.
    strange = sum(sample.count(bytes([code])) for code in (*range(0, 7), *range(14, 27), 28, 29, 30, 31, 127))
    return b"\x00" in sample or strange > len(sample) // 200


def _has_word_document(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "word/document.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        # A damaged archive that speaks of Word is named as a damaged document, not as an unknown file.
        return b"word/document.xml" in content
