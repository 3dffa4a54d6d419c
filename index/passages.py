"""Texts cut into sentences, and sentences packed into passages; pure, and exact to the character.

Every span is a slice of the article's own text: nothing is normalised, so what is quoted is what was written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache

from corpus.models import Article
from index.models import Passage, Span

LONGEST_SENTENCE = 600
"""Characters after which a run without sentence ends is cut at a space."""

WRAPPED_WIDTH = 130
"""A text with no longer line than this may be wrapped by hand."""

_ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof st jr sr vs etc e.g i.e eg ie cf no nos vol fig approx dept est inc ltd co corp llc plc gmbh
    bros gen col lt sgt capt rep sen gov pres hon rev jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed
    thu thur thurs fri sat sun a.m p.m u.s u.k u.n e.u d.c ph.d m.d b.a m.a al ca op pp ed eds min max ave blvd rd""".split()
)
# Words as well ("in full sun."), unless they have a capital.
_CAPITALISED = frozenset(
    "jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thur thurs fri sat sun gen rep hon".split()
)
# A full stop ends a sentence after these only if what follows looks like a new one all the same.
_SOFT = frozenset("inc ltd co corp llc plc u.s u.k u.n e.u d.c a.m p.m etc jr sr al".split())
_STARTERS = frozenset(
    """the a an it he she they we i you this that these those but and in on at for with as if when while after before
    its their his her our there here however meanwhile still according by to from""".split()
)
# A full stop, then closing quotes and brackets, emphasis, and footnote marks such as [1].
_ENDS = re.compile(r"[.!?…。！？؟۔।]+[\"'”’»)\]*_]*(?:\[\d{1,3}\])*")
_BREAK = re.compile(r"[ \t\f\v\u00a0]*(?:\n[ \t\f\v\u00a0]*)+|[\u2028\u2029]+")
_MARKUP = re.compile(r"(?:\s*(?:#{1,6}(?=\s)|[-*+•](?=\s)|>(?=\s|$)|\d{1,3}[.)](?=\s)))+\s*")
_RULE = re.compile(r"[-*_=]{3,}")
_BULLET = re.compile(r"^\s*(?:[-*+•]\s|\d{1,3}[.)]\s)")
_TERMINAL = re.compile(r"[.!?…。！？؟۔।:;][\"'”’»)\]*_]*$")


@lru_cache(maxsize=512)
def sentence_spans(text: str) -> tuple[Span, ...]:
    """The sentences of a text as (start, end), in order, never overlapping, without surrounding whitespace.

    A line break ends a sentence where a paragraph, a heading or a list item ends; within wrapped prose it does
    not. Signs of Markdown at the start of a line (#, -, *, >, 1.) are left outside.
    """
    spans: list[Span] = []
    for start, end in _blocks(text):
        spans.extend(_sentences(text, start, end))
    return tuple(spans)


def is_heading(text: str, span: Span) -> bool:
    """Whether a span is a heading or another bare line: context for what follows, not a sentence to quote.

    A list item counts as a sentence.
    """
    start, end = span
    if _TERMINAL.search(text[start:end]):
        return False
    line_start = text.rfind("\n", 0, start) + 1
    before = text[line_start:start]
    if re.fullmatch(r"\s*#{1,6}\s+", before):
        return True
    line_end = text.find("\n", end)
    after = text[end : line_end if line_end >= 0 else len(text)]
    if before.strip() or after.strip():
        return False
    if _BULLET.match(text[line_start:end]):
        return False
    return len(text[start:end].split()) <= 18


def _blocks(text: str) -> Iterator[Span]:
    """Paragraphs, headings and list items: what no sentence crosses."""
    at = 0
    longest = max((len(line) for line in text.split("\n")), default=0)
    pieces: list[Span] = []
    for match in _BREAK.finditer(text):
        pieces.append((at, match.start()))
        at = match.end()
    pieces.append((at, len(text)))
    current: Span | None = None
    for start, end in pieces:
        if not text[start:end].strip():
            continue
        if current is None:
            current = (start, end)
            continue
        gap = text[current[1] : start]
        joined = (
            gap.count("\n") == 1 and "\u2028" not in gap and _continues(text, current, (start, end), longest)
        )
        if joined:
            current = (current[0], end)
        else:
            yield from _unmarked(text, *current)
            current = (start, end)
    if current is not None:
        yield from _unmarked(text, *current)


def _continues(text: str, before: Span, after: Span, longest: int) -> bool:
    """Whether a line goes on with the one before it, as in prose wrapped at a width."""
    first, second = text[before[0] : before[1]], text[after[0] : after[1]]
    if _MARKUP.match(second) or _RULE.fullmatch(second.strip()):
        return False
    last_line = first[first.rfind("\n") + 1 :]
    if re.match(r"\s*#{1,6}\s", last_line) or _RULE.fullmatch(last_line.strip()):
        return False
    if second.lstrip()[:1].islower():
        return not _TERMINAL.search(first.rstrip())
    # Only in a text wrapped at a width does a full line run on into the next; elsewhere each line is a paragraph.
    return longest <= WRAPPED_WIDTH and len(last_line) >= 0.7 * longest


def _unmarked(text: str, start: int, end: int) -> Iterator[Span]:
    if _RULE.fullmatch(text[start:end].strip()):
        return
    match = _MARKUP.match(text, start, end)
    start, end = _trim(text, match.end() if match else start, end)
    if start < end:
        yield start, end


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and (text[start].isspace() or text[start] == "\ufeff"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] == "\ufeff"):
        end -= 1
    return start, end


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    begin = start
    for match in _ENDS.finditer(text, start, end):
        stop = match.end()
        if stop < begin or not _ends_here(text, begin, match, end):
            continue
        yield from _cut(text, *_trim(text, begin, stop))
        begin = stop
    yield from _cut(text, *_trim(text, begin, end))


def _ends_here(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    stop = match.end()
    if stop >= end:
        return True
    sign = match.group()
    if sign[0] in "。！？؟۔।":
        return True
    if not text[stop].isspace():
        return False
    rest = text[stop:end].lstrip()
    if not rest:
        return True
    head = rest.lstrip("\"'“‘«([*_—–-").lstrip()
    if not head or head[0].islower():
        return False
    if not sign.startswith(".") or sign.startswith(".."):
        return True
    written = re.split(r"[\s(\[“\"'‘]", text[begin : match.start()])[-1]
    word = written.lower()
    following = re.split(r"[\s,.;:!?]", head, maxsplit=1)[0].lower()
    if word in ("no", "nos", "vol", "fig", "op", "pp"):
        return not head[0].isdigit()
    if word in _SOFT:
        return following in _STARTERS
    if word in _ABBREVIATIONS and not (word in _CAPITALISED and written.islower()):
        return False
    # An initial: "J. Smith"; but "plan B. The" ends, as does a lone "I.".
    if len(word) == 1 and word.isalpha() and word != "i":
        return following in _STARTERS
    if re.fullmatch(r"(?:[a-z]\.)+[a-z]", word):
        return following in _STARTERS
    return True


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    """A span, or, where it is far too long for a sentence, its parts, cut at spaces."""
    while end - start > LONGEST_SENTENCE:
        stop = max(
            text.rfind(c, start + LONGEST_SENTENCE // 2, start + LONGEST_SENTENCE) for c in " \t\n\u00a0"
        )
        stop = stop if stop > start else start + LONGEST_SENTENCE
        part = _trim(text, start, stop)
        if part[0] < part[1]:
            yield part
        start = _trim(text, stop, end)[0]
    if start < end:
        yield start, end


def passages(article: Article, *, max_chars: int, overlap_sentences: int) -> tuple[Passage, ...]:
    """An article's sentences packed into passages of at most `max_chars` characters (a longer sentence stands alone).

    Neighbours share `overlap_sentences` sentences, but never across a heading, which opens a new passage.
    """
    text = article.text
    spans = sentence_spans(text)
    found: list[Passage] = []
    first = 0
    while first < len(spans):
        last = first + 1
        while last < len(spans) and spans[last][1] - spans[first][0] <= max_chars:
            opens = is_heading(text, spans[last])
            if opens and any(not is_heading(text, s) for s in spans[first:last]) and last - first >= 3:
                break
            last += 1
        while last - first > 1 and last < len(spans) and is_heading(text, spans[last - 1]):
            last -= 1  # a heading goes with what it heads
        found.append(_passage(article, spans[first:last]))
        if last >= len(spans):
            break
        shared = 0 if is_heading(text, spans[last]) else min(overlap_sentences, last - first - 1)
        while shared and spans[last][1] - spans[last - shared][0] > max_chars:
            shared -= 1
        first = last - shared
    return tuple(found)


def _passage(article: Article, spans: tuple[Span, ...]) -> Passage:
    start, end = spans[0][0], spans[-1][1]
    key = hashlib.sha256(f"{article.id}\n{article.digest}\n{start}-{end}".encode("utf-8", "surrogatepass"))
    return Passage(key.hexdigest()[:32], article.id, article.text[start:end], start, end, spans)
