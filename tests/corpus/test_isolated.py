"""What strangers write must not hold the reader up: linear time, and a process that can be killed."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from corpus import isolated
from corpus.boilerplate import drop_boilerplate
from corpus.errors import ArticleError
from corpus.hiding import hidden_names, hides
from corpus.library import Library
from corpus.prose import check_prose
from corpus.webpages import read_page

PARAGRAPH = (
    "The crane {} opened in the harbour after nine days of tests, and the port of the town paid all of it."
)
BODY = "<article><h1>Crane</h1>" + "".join(f"<p>{PARAGRAPH.format(n)}</p>" for n in range(4)) + "</article>"
SLOW = {
    "a style of many heights": f"<html><body><div style='{'height:1;' * 22_000}'>x</div>{BODY}</body></html>",
    "a sheet of at signs": f"<html><head><style>{'@' * 200_000}</style></head><body>{BODY}</body></html>",
    "a sheet of open comments": f"<html><head><style>{'/*' * 100_000}</style></head><body>{BODY}</body></html>",
    "a sheet of open blocks": f"<html><head><style>{'@a{b{' * 40_000}</style></head><body>{BODY}</body></html>",
    "a class of many names": f"<html><body><div class='{'_recirc' * 28_000}'>x</div>{BODY}</body></html>",
    "many boxes": f"<html><body>{'<div class=a><span>b</span></div>' * 6_000}{BODY}</body></html>",
    "many paragraphs": f"<html><body><article>{''.join(f'<p>{PARAGRAPH.format(n)}</p>' for n in range(2_000))}</article></body></html>",
    "an author of spaces": f"<html><head><meta name=author content='a{' ' * 200_000}b'></head><body>{BODY}</body></html>",
    "a title of bars": f"<html><head><title>{'a | ' * 50_000}</title><meta property=og:site_name content=a></head><body>{BODY}</body></html>",
}


@pytest.mark.parametrize("shape", SLOW)
def test_a_page_made_to_be_slow_is_read_in_time(shape: str) -> None:
    read_page(f"<html><body>{BODY}</body></html>".encode())
    begun = time.process_time()
    assert "opened in the harbour" in read_page(SLOW[shape].encode()).text
    assert time.process_time() - begun < 5


def test_many_paragraphs_are_compared_with_their_neighbours_only() -> None:
    blocks = [
        f"{PARAGRAPH.format(n)} {'It goes on. ' * 20}" if n % 2 else PARAGRAPH.format(n) for n in range(8_000)
    ]
    begun = time.process_time()
    assert len(drop_boilerplate(blocks)) == 8_000
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "style",
    [
        "display: none",
        "color:red; DISPLAY:NONE !important",
        "visibility:hidden",
        "opacity: 0.0",
        "font-size:0",
        "position:absolute; left:-9999px",
        "height:1px; width:1px; overflow:hidden",
        "overflow:hidden; color:red; max-height:0",
        "clip: rect(0, 0, 0, 0)",
        "color: rgba(0, 0, 0, 0)",
    ],
)
def test_styles_that_hide(style: str) -> None:
    assert hides(style)


@pytest.mark.parametrize(
    "style",
    ["", "display:block", "opacity:0.5", "font-size:10px", "left:-5px", "height:1px", "overflow:hidden",
     "background-color:transparent", "line-height:1;overflow:hidden", "height:100px;overflow:hidden", ":;:;"],
)  # fmt: skip
def test_styles_that_show(style: str) -> None:
    assert not hides(style)


def test_what_a_sheet_hides() -> None:
    sheet = (
        "@import 'a.css'; .a, p.b, #c {display:none} /* .d{display:none} */ @media print {.e{display:none}} "
        ".f .g{display:none} .h{color:red; .i{display:none} } } .j{display:none} .k{display:none"
    )
    assert hidden_names([sheet]) == ({"a", "b", "j"}, {"c"})


@pytest.mark.parametrize(
    "sign",
    ["/*", "```a\n", '"""x', "---\n", "a: ", "a,", "(", "[", "<a ", "\t", "    ", "x=1 ", "- ", "class a"],
)
def test_a_text_made_to_be_slow_is_judged_in_time(sign: str) -> None:
    begun = time.process_time()
    with suppress(ArticleError):
        check_prose("The crane opened. " + sign * (200_000 // len(sign)), "a.txt")
    with suppress(ArticleError):
        check_prose(sign * (200_000 // len(sign)), "a.txt")
    assert time.process_time() - begun < 3


# --- a process of its own --------------------------------------------------------------------------------------


def page(text: str) -> bytes:
    return f"<html><head><title>Crane</title></head><body><article><p>{text}</p></article></body></html>".encode()


GOOD = page(" ".join(PARAGRAPH.format(n) for n in range(5)))


@pytest.fixture
def fresh() -> None:
    isolated._end_all()


def test_a_file_that_takes_too_long_is_given_up(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "_START", "import time; time.sleep(600)  # {path}")
    monkeypatch.setattr(isolated, "SECONDS", 0.3)
    begun = time.monotonic()
    with pytest.raises(ArticleError, match="too long to read"):
        isolated.read_apart(GOOD, shown="a.html")
    assert time.monotonic() - begun < 5
    monkeypatch.undo()
    assert isolated.read_apart(GOOD, shown="a.html").title == "Crane"


def test_a_reader_that_dies_costs_one_file(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "_START", "import os; os.kill(os.getpid(), 11)  # {path}")
    with pytest.raises(ArticleError, match="reading it failed"):
        isolated.read_apart(GOOD, shown="a.html")
    monkeypatch.undo()
    assert isolated.read_apart(GOOD, shown="a.html").title == "Crane"


def test_a_reader_that_went_home_is_replaced(fresh: None) -> None:
    assert isolated.read_apart(GOOD, shown="a.html").title == "Crane"
    (process,) = isolated._idle
    assert process._process.stdin is not None
    process._process.stdin.close()
    process._process.wait(10)
    isolated._idle[:] = [process]
    assert isolated.read_apart(GOOD, shown="a.html").title == "Crane"


def test_one_process_reads_many_and_gives_what_this_one_would(fresh: None) -> None:
    from corpus.contents import read_content

    pages = sorted((Path(__file__).parent / "pages").glob("0*.html"))
    for path in pages:
        content = path.read_bytes()
        assert isolated.read_apart(content, shown=path.name) == read_content(content, shown=path.name)
    (process,) = isolated._idle
    assert process._process.pid != os.getpid()
    with pytest.raises(ArticleError, match="no article text"):
        isolated.read_apart(b"<html><body><p>Subscribe.</p></body></html>", shown="b.html")
    assert isolated._idle == [process]


def test_a_page_in_a_folder_of_ones_own_is_read_apart_too(fresh: None, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(GOOD)
    assert [article.title for article in Library(tmp_path).articles()] == ["Crane"]
    assert len(isolated._idle) == 1
