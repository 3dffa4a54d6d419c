"""Web pages: clean text, the right title and date on saved pages in the manner of real sites."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import ArticleError
from corpus.extract import Extract
from corpus.webpages import read_page

PAGES = Path(__file__).parent / "pages"
CASES: list[dict[str, Any]] = json.loads((PAGES / "expected.json").read_text("utf-8"))


def read(case: dict[str, Any]) -> Extract:
    return read_page((PAGES / case["file"]).read_bytes(), url=case["url"])


def faults(case: dict[str, Any]) -> list[str]:
    try:
        got = read(case)
    except ArticleError as exc:
        return [exc.reason]
    found = []
    for name in ("title", "publisher"):
        if name in case and getattr(got, name) != case[name]:
            found.append(f"{name} {getattr(got, name)!r}, not {case[name]!r}")
    for name in ("published", "updated"):
        if name in case and (str(getattr(got, name)) if getattr(got, name) else None) != case[name]:
            found.append(f"{name} {getattr(got, name)}, not {case[name]}")
    if "authors" in case and list(got.authors) != case["authors"]:
        found.append(f"authors {got.authors}")
    found += [f"lacks {words!r}" for words in case["must"] if words not in got.text]
    found += [f"keeps {words!r}" for words in case["must_not"] if words in got.text]
    return found


def test_saved_pages() -> None:
    assert len(CASES) >= 40
    wrong = {case["file"]: found for case in CASES if (found := faults(case))}
    share = 1 - len(wrong) / len(CASES)
    print(f"\n{len(CASES) - len(wrong)} of {len(CASES)} pages right ({share:.1%})")
    for name, found in wrong.items():
        print(f"  {name}: {'; '.join(found)}")
    assert share >= 0.95


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_no_page_leaves_markup_or_invisible_signs(case: dict[str, Any]) -> None:
    got = read(case)
    for text in (got.title, got.text, got.publisher, *got.authors):
        assert "<" not in text
        assert "&amp;" not in text
        assert not any(sign in text for sign in "\u00ad\u200b\u202e\u2066\u2068\ufeff\ufffd\x00\r")
    assert got.text == "\n\n".join(" ".join(block.split()) for block in got.text.strip().split("\n\n")) + "\n"


def test_the_same_page_gives_the_same_text_every_time() -> None:
    assert [read(case) for case in CASES[:10]] == [read(case) for case in CASES[:10]]
