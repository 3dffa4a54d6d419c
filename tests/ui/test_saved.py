"""What is read back from a kept pack in each of its formats, and whether its quotes are found to stand."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.guard import Standing
from corpus.models import Article, Kind
from ui.errors import ExportError
from ui.export import Format, conversation_pack, fact_check_pack, write_pack
from ui.saved import read_saved, standings

TEXT = (
    "It costs 1,290 euros.\n=SUM(A1) <script>alert(1)</script> | [x](javascript:y) - # > \\\\ end\n\n"
    "> It “ships” in\r\nMay; &amp; later. It weighs 4 kg."
)
QUOTES = (TEXT[:21], TEXT[22 : TEXT.index(" end") + 4], TEXT[TEXT.index("> It") : TEXT.index(" It weighs")])


def article(text: str = TEXT) -> Article:
    return Article(
        "-kestrel_2",
        "The [1] <b>Kestrel</b>",
        "Daily",
        None,
        date(2025, 2, 3),
        None,
        Kind.REPORTING,
        text,
        (),
        (),
    )


def answer(question: str = "=What # does it cost?", quotes: tuple[str, ...] = QUOTES) -> dict[str, Any]:
    citations = [
        {
            "marker": n, "article_id": article().id, "title": article().title, "publisher": "Daily", "url": None,
            "published": "2025-02-03", "quote": quote, "start": TEXT.index(quote), "end": TEXT.index(quote) + len(quote),
            "digest": article().digest, "kind": "reporting",
        }
        for n, quote in enumerate(quotes, start=1)
    ]  # fmt: skip
    return {
        "question": question, "standalone_question": question, "text": "It costs 1,290 euros. [1]\n# no heading",
        "outcome": "answered", "confidence": 0.9, "sentences": [], "citations": citations, "as_of": None, "hits": [],
        "model": "quotes", "generation": 7, "conflicts": [], "timings": {}, "notes": ["- Article: x"], "witnesses": 1,
    }  # fmt: skip


def kept(tmp_path: Path, pack: dict[str, Any], form: Format) -> Path:
    path = tmp_path / "pack"
    path.write_bytes(write_pack(pack, form).encode())
    return path


@pytest.mark.parametrize("form", list(Format))
def test_every_format_is_read_back_with_its_places(tmp_path: Path, form: Format) -> None:
    (one,) = read_saved(kept(tmp_path, fact_check_pack(answer(), [article()]), form))
    assert one["question"] == "=What # does it cost?"
    for found, wanted in zip(one["citations"], answer()["citations"], strict=True):
        assert {name: found[name] for name in ("marker", "article_id", "start", "end")} == {
            name: wanted[name] for name in ("marker", "article_id", "start", "end")
        }
    today = {article().id: article()}
    assert standings(one, today) == tuple((n, Standing.CURRENT) for n in (1, 2, 3))
    assert standings(one, {})[0] == (1, Standing.WITHDRAWN)
    changed = {article().id: article(TEXT.replace("1,290", "1,390"))}
    assert [standing for _, standing in standings(one, changed)] == [
        Standing.CHANGED, Standing.CURRENT, Standing.CURRENT,
    ]  # fmt: skip


@pytest.mark.parametrize("form", list(Format))
def test_a_conversation_is_read_back_answer_by_answer(tmp_path: Path, form: Format) -> None:
    pack = conversation_pack([answer(), answer("And who sells it?", ())], [article()])
    first, second = read_saved(kept(tmp_path, pack, form))
    assert len(first["citations"]) == 3
    assert (second["question"], list(second["citations"])) == ("And who sells it?", [])


@pytest.mark.parametrize("form", list(Format))
def test_a_quote_that_was_changed_in_the_file_is_found(tmp_path: Path, form: Format) -> None:
    path = kept(tmp_path, fact_check_pack(answer(quotes=QUOTES[:1]), [article()]), form)
    path.write_text(path.read_text("utf-8").replace("1,290", "9,990"), "utf-8")
    (one,) = read_saved(path)
    assert standings(one, {article().id: article()}) == ((1, Standing.CHANGED),)


def test_a_table_saved_again_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    import csv
    import io

    rows = list(
        csv.reader(
            io.StringIO(write_pack(fact_check_pack(answer(), [article()]), Format.CSV)[1:], newline="")
        )
    )
    again = io.StringIO(newline="")
    csv.writer(again, delimiter=";").writerows(rows)
    path = tmp_path / "again.csv"
    path.write_bytes(again.getvalue().encode("utf-8"))
    (one,) = read_saved(path)
    assert [s for _, s in standings(one, {article().id: article()})] == [Standing.CURRENT] * 3


@pytest.mark.parametrize(
    "data",
    [
        b"", b"words", b"{}", b"[1]", b"{not json", b"\xff\xfe", json.dumps({"answers": []}).encode(),
        json.dumps({"answers": [1]}).encode(), b"marker,article_id\n1,x\n", b"<!doctype html><p>x",
        b"# A heading\n\n## \\[1\\] Title\n\n> quote\n",
    ],
)  # fmt: skip
def test_what_holds_no_answer_is_told_with_the_cure(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(ExportError, match="ask --json"):
        read_saved(path)
