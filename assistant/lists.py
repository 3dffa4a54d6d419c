"""Lists in articles: what a line that ends in a colon announces, and an item by itself, are read together. Pure.

"The side effects were:" answers nothing without its items, and "nosebleeds, in 7 per cent" nothing without the line above.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.models import Evidence

#: A list that is longer is quoted as far as the sentence goes that was found.
LONGEST = 600

_ITEM = re.compile(r"[ \t]*(?:[-*•–]|\d{1,2}[.)])[ \t]+\S")


def with_its_list(evidence: Evidence) -> Evidence:
    """The evidence grown to the list that it announces, or from the line that announces it; else as it is."""
    text = evidence.hit.article.text
    start, end = evidence.start, evidence.end
    if text[:end].rstrip().endswith(":"):
        end = _end_of_items(text, end)
    elif _is_item(text, start):
        start = _announcing(text, start)
    if (start, end) == (evidence.start, evidence.end) or end - start > LONGEST:
        return evidence
    return replace(evidence, start=start, end=end, quote=text[start:end])


def whole_lists(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence with lists and what announces them together, and none twice."""
    kept: list[Evidence] = []
    for piece in map(with_its_list, evidence):
        mine = [k for k in kept if k.hit.article.id == piece.hit.article.id]
        if any(k.start <= piece.start and piece.end <= k.end for k in mine):
            continue
        kept = [k for k in kept if k not in mine or not (piece.start <= k.start and k.end <= piece.end)]
        kept.append(piece)
    return kept


def _end_of_items(text: str, at: int) -> int:
    """Where the items that follow end; `at` where none does."""
    end = at
    while match := re.compile(r"\s*\n([^\n]*)").match(text, end):
        if not _ITEM.match(match[1]):
            break
        end = match.start(1) + len(match[1].rstrip())
    return end


def _is_item(text: str, start: int) -> bool:
    line = text.rfind("\n", 0, start) + 1
    return bool(_ITEM.fullmatch(text[line : start + 1]))


def _announcing(text: str, start: int) -> int:
    """Where the sentence that announces the list begins; `start` where there is none."""
    at = text.rfind("\n", 0, start)
    while at > 0:
        begin = text.rfind("\n", 0, at) + 1
        line = text[begin:at]
        if line.strip() and not _ITEM.match(line):
            if not line.rstrip().endswith(":"):
                return start
            sentences = list(re.finditer(r"(?:^|(?<=[.!?])\s)\s*(?=\S)", line))
            return begin + sentences[-1].end() if sentences else start
        at = begin - 1
    return start
