"""The fact-check pack of real answers and of hostile ones."""

from __future__ import annotations

import csv
import io
import json
import re
import urllib.request
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from assistant.chain import Assistant
from assistant.guard import Standing, verify_citations
from corpus.models import Article, Kind
from ui.export import (
    COLUMNS,
    Format,
    as_csv,
    as_html,
    as_json,
    as_markdown,
    fact_check_pack,
    file_name,
    write_pack,
)

TEXT = "It costs 1,290 euros.\n=SUM(A1) <script>alert(1)</script> | [x](javascript:y)"
ARTICLE = Article(
    "kestrel", "The <b>Kestrel</b> 2", "Daily & Co", "https://example.org/a?b=1&c=2", date(2025, 2, 3),
    date(2025, 2, 4), Kind.REPORTING, TEXT, (), ("Ann Lee", "B. Ode"),
)  # fmt: skip
MADE = datetime(2025, 3, 1, 12, tzinfo=UTC)


def answer(
    quotes: tuple[str, ...] = ("It costs 1,290 euros.", TEXT[22:]), url: str | None = None
) -> dict[str, Any]:
    citations = []
    for marker, quote in enumerate(quotes, start=1):
        start = TEXT.index(quote)
        citations.append({
            "marker": marker, "article_id": ARTICLE.id, "title": ARTICLE.title, "publisher": ARTICLE.publisher,
            "url": url or ARTICLE.url, "published": "2025-02-03", "quote": quote, "start": start,
            "end": start + len(quote), "digest": ARTICLE.digest, "kind": "reporting",
        })  # fmt: skip
    return {
        "question": "=cmd|' /C calc'!A0", "standalone_question": "What does it cost?",
        "text": "It costs 1,290 euros. [1]", "outcome": "answered", "confidence": 0.9, "sentences": [],
        "citations": citations, "as_of": "2025-03-01", "hits": [], "model": "quotes", "generation": 7,
        "conflicts": [{"subject": "price", "sides": [{"value": "1,290", "markers": [1]}, {"value": "1,300", "markers": [2]}]}],
        "timings": {}, "notes": ["Seen only to March."], "witnesses": 1,
    }  # fmt: skip


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_json_keeps_the_answer_whole_and_verify_takes_it() -> None:
    pack = json.loads(as_json(fact_check_pack(answer(), [ARTICLE], made=MADE)))
    for name, value in answer().items():
        if name != "citations":
            assert pack[name] == value
    assert [c["authors"] for c in pack["citations"]] == [["Ann Lee", "B. Ode"]] * 2
    assert pack["citations"][0]["updated"] == "2025-02-04"
    assert verify_citations(pack, {"kestrel": ARTICLE}) == ((1, Standing.CURRENT), (2, Standing.CURRENT))
    assert verify_citations(pack, {})[0] == (1, Standing.WITHDRAWN)


def test_authors_come_only_from_the_text_that_was_quoted() -> None:
    other = Article(
        "kestrel", "x", "y", None, None, None, Kind.UNKNOWN, "Another text.", (), ("Somebody Else",)
    )
    pack = fact_check_pack(answer(), [other], made=MADE)
    assert pack["citations"][0]["authors"] is None
    assert "Author: unknown: the article has changed since" in as_markdown(pack)
    assert "not named" not in as_html(pack)
    assert as_html(pack).count("Corrected") == 2
    nobody = replace(ARTICLE, authors=())
    quoting = {**answer(), "citations": [{**c, "digest": nobody.digest} for c in answer()["citations"]]}
    assert "Author: not named" in as_markdown(fact_check_pack(quoting, [nobody], made=MADE))


def test_every_format_says_who_else_carries_the_report() -> None:
    also = ["Courier", "<i>Post</i>"]
    carried = {**answer(), "citations": [{**c, "also_published_by": also} for c in answer()["citations"]]}
    pack = fact_check_pack(carried, [ARTICLE], made=MADE)
    assert json.loads(as_json(pack))["citations"][0]["also_published_by"] == also
    assert r"- Also carried by: Courier, \<i\>Post\</i\>" in as_markdown(pack)
    page = Seen()
    page.feed(as_html(pack))
    assert page.text.count("Courier, <i>Post</i>") == 2
    rows = list(csv.DictReader(io.StringIO(as_csv(pack)[1:], newline="")))
    assert [row["also_published_by"] for row in rows] == ["Courier; <i>Post</i>"] * 2
    # An answer saved before this was kept, and a report that nobody else carries.
    for older in (
        answer(),
        {**answer(), "citations": [{**c, "also_published_by": []} for c in answer()["citations"]]},
    ):
        for form in (Format.MARKDOWN, Format.HTML):
            assert "carried" not in write_pack(fact_check_pack(older, [ARTICLE], made=MADE), form)


def test_csv_has_a_row_a_quote_and_no_formula() -> None:
    text = as_csv(fact_check_pack(answer(), [ARTICLE], made=MADE))
    assert text[0] == "\ufeff", "else a spreadsheet takes it for another encoding"
    rows = list(csv.DictReader(io.StringIO(text[1:], newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 2
    assert rows[0]["quote"] == "It costs 1,290 euros."
    assert rows[0]["authors"] == "Ann Lee; B. Ode"
    assert rows[0]["generation"] == "7"
    assert rows[1]["quote"] == "'" + TEXT[22:]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_an_answer_without_quotes_is_one_row() -> None:
    rows = list(csv.reader(io.StringIO(as_csv(fact_check_pack(answer(()), made=MADE)))))
    assert len(rows) == 2
    assert rows[1][0] == ""


def test_the_page_holds_everything_and_nothing_runs() -> None:
    page = Seen()
    page.feed(as_html(fact_check_pack(answer(), [ARTICLE], made=MADE)))
    assert {tag for tag, _ in page.tags} <= {
        "html", "article", "head", "meta", "title", "style", "body", "h1", "h2", "p", "dl", "dt", "dd", "bdi", "a", "section",
        "blockquote",
    }  # fmt: skip
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    for said in (
        TEXT[22:],
        "The <b>Kestrel</b> 2",
        "Daily & Co",
        "Ann Lee",
        "3 February 2025",
        ARTICLE.digest,
        "7",
    ):
        assert said in page.text
    assert [attrs["href"] for tag, attrs in page.tags if tag == "a"] == [ARTICLE.url] * 2


def test_an_address_that_is_none_is_text() -> None:
    pack = fact_check_pack(answer(url="javascript:alert(1)"), [ARTICLE], made=MADE)
    page = Seen()
    page.feed(as_html(pack))
    assert "a" not in {tag for tag, _ in page.tags}
    assert "<javascript:" not in as_markdown(pack)


def test_markdown_escapes_what_articles_say() -> None:
    text = as_markdown(fact_check_pack(answer(), [ARTICLE], made=MADE))
    assert "It costs 1,290 euros. [1]" in text
    assert "<script>" not in text
    assert "[x](javascript" not in text
    for said in (
        "Ann Lee",
        "3 February 2025",
        ARTICLE.digest,
        "Index generation: 7",
        "<https://example.org/a?b=1&c=2>",
    ):
        assert said in text


@pytest.mark.parametrize("form", list(Format))
def test_the_server_gives_the_pack_of_its_answer(
    page_url: str, page_assistant: Assistant, form: Format
) -> None:
    def post(path: str, body: object) -> tuple[Any, str]:
        request = urllib.request.Request(
            page_url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.headers, reply.read().decode("utf-8")

    got = json.loads(post("/api/answer", {"question": "Does Muse Spark have open weights?"})[1])
    headers, text = post("/api/export", {"answer": got, "format": form.value})
    assert re.fullmatch(
        r'attachment; filename="fact-check-does-muse-spark-have-open-weights-\d{4}-\d\d-\d\d\.\w+"',
        headers["content-disposition"],
    )
    first = got["citations"][0]
    assert first["digest"] in text
    assert "launch-assets" not in text, "a page to keep is not one of ours to dress"
    if form is Format.JSON:
        pack = json.loads(text)
        assert [c["quote"] for c in pack["citations"]] == [c["quote"] for c in got["citations"]]
        assert write_pack(pack, Format.CSV).count(first["digest"]) >= 1
    if form is Format.HTML:
        made = re.search(r"<dt>Made</dt><dd><bdi>([^<]+)", text)
        assert made
        own = fact_check_pack(got, page_assistant.retriever.articles(), made=datetime.fromisoformat(made[1]))
        assert text == as_html(own), "what is handed out to be kept is not changed on its way"


def test_a_files_name_has_the_titles_letters_and_the_day() -> None:
    day = date(2026, 5, 1)
    assert (
        file_name("What's new: “Café” & co?", Format.CSV, day=day)
        == "fact-check-what-s-new-cafe-co-2026-05-01.csv"
    )
    assert file_name("Что нового?", Format.HTML, day=day) == "fact-check-2026-05-01.html"
    assert file_name('../../x"\r\n' + "y" * 500, Format.JSON, day=day).startswith("fact-check-x-yyyy")
    assert len(file_name("y" * 500, Format.JSON, day=day)) < 100
