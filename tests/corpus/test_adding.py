"""Adding articles: what is stored, what a second run does, and what is told of each source."""

from __future__ import annotations

import random
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock
from pypdf import PdfReader, PdfWriter

from assistant.chain import Assistant
from assistant.evidence_onnx import BuiltInEvidence
from assistant.rebuilding import rebuild_index
from assistant.settings import load_settings
from corpus.adding import AddReport, add, remove, restore
from corpus.errors import CorpusError
from corpus.library import Library
from corpus.models import Article, Kind
from corpus.shelf import Shelf
from corpus.web import FetchPolicy
from index import Retriever
from tests.faults.corpus import HashEmbedder

OPEN = FetchPolicy(allow_private=True, pause=0.0, timeout=5.0)

SUBJECTS = "port ferry mill school library bridge orchard museum tram clinic bakery forest tower market harbour farm".split()
VERBS = "opened closed bought sold tested moved built painted measured repaired hired lost found counted planned shared".split()
THINGS = "crane engine boat garden archive battery camera roof kitchen stage clock pump fence tunnel lamp sensor".split()


def story(seed: int, sentences: int = 12) -> str:
    """Write a text that no other seed gives."""
    chance = random.Random(seed)
    lines = [
        f"The {chance.choice(SUBJECTS)} of {chance.choice(SUBJECTS)} {seed} {chance.choice(VERBS)} its {chance.choice(THINGS)} "
        f"after {chance.randint(2, 900)} days and {chance.choice(VERBS)} the {chance.choice(THINGS)} for "
        f"{chance.randint(2, 99)} {chance.choice(SUBJECTS)} people."
        for _ in range(sentences)
    ]
    return "\n\n".join(" ".join(lines[start : start + 3]) for start in range(0, sentences, 3))


def page(title: str, text: str, publisher: str, *, foot: str = "") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in text.split("\n\n"))
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{title}</title><meta property='og:title' content='{title}'>"
        f"<meta property='og:site_name' content='{publisher}'><meta property='article:published_time' content='2026-03-04'>"
        f"</head><body><nav>Home News</nav><article><h1>{title}</h1>{body}{f'<p>{foot}</p>' if foot else ''}</article></body></html>"
    )


class Web:
    """Pages on 127.0.0.1."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                text = web.pages.get(self.path)
                data = (text or "no").encode()
                self.send_response(200 if text else 404)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://news.example:{self.server.server_address[1]}{path}"


@pytest.fixture
def web() -> Iterator[Web]:
    served = Web()
    yield served
    served.server.shutdown()
    served.server.server_close()


def local(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def files_of(home: Path) -> dict[str, bytes]:
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file() and path.name != ".adding.lock"
    }


# --- one article -----------------------------------------------------------------------------------------------


def test_a_page_is_stored_to_be_read_and_edited(web: Web, tmp_path: Path) -> None:
    web.pages["/a"] = page("The crane: a “first”", story(1), "Port News")
    report = add([web.url("/a")], home=tmp_path, policy=OPEN, resolver=local)
    assert report == AddReport(("the-crane-a-first",), (), (), (), ())
    stored = (tmp_path / "articles" / "the-crane-a-first.md").read_text("utf-8")
    assert stored.startswith(
        "---\ntitle: 'The crane: a “first”'\npublisher: Port News\nurl: http://news.example"
    )
    assert "published: '2026-03-04'\n" in stored
    assert stored.endswith(f"---\n{story(1)}\n")
    assert (tmp_path / "originals" / "the-crane-a-first.html").read_text("utf-8") == web.pages["/a"]
    article = next(a for a in Library(added=tmp_path / "articles").articles() if a.id == "the-crane-a-first")
    assert article.title == "The crane: a “first”"
    assert str(article.published) == "2026-03-04"
    assert article.text == story(1) + "\n"


def test_adding_again_writes_nothing(web: Web, tmp_path: Path) -> None:
    web.pages["/a"] = page("Crane", story(1), "Port News")
    add([web.url("/a")], home=tmp_path, policy=OPEN, resolver=local)
    before = files_of(tmp_path)
    web.pages["/a"] = web.pages["/a"].replace("<nav>", "<nav>Ad number 77 ")
    report = add([web.url("/a"), web.url("/a")], home=tmp_path, policy=OPEN, resolver=local)
    assert report == AddReport((), (), (), (web.url("/a"),), ())
    assert files_of(tmp_path) == before


def test_new_text_at_the_same_address_replaces_and_the_old_is_kept(web: Web, tmp_path: Path) -> None:
    web.pages["/a"] = page("Crane", story(1), "Port News")
    add([web.url("/a")], home=tmp_path, policy=OPEN, resolver=local)
    path = tmp_path / "articles" / "crane.md"
    path.write_text(path.read_text("utf-8").replace("kind: unknown", "kind: reporting"), "utf-8")
    edited = path.read_bytes()
    assert add([web.url("/a")], home=tmp_path, policy=OPEN, resolver=local).unchanged
    assert path.read_bytes() == edited
    web.pages["/a"] = page("Crane, corrected", story(1).replace("days", "weeks", 1), "Port News")
    report = add([web.url("/a")], home=tmp_path, policy=OPEN, resolver=local)
    assert report.updated == ("crane",)
    assert "weeks" in path.read_text("utf-8")
    versions = sorted((tmp_path / "versions" / "crane").iterdir())
    assert sorted(version.suffix for version in versions) == [".html", ".md"]
    versions.sort(key=lambda version: version.suffix != ".md")
    assert versions[0].read_bytes() == edited
    assert len(versions[0].stem.split("-")[1]) == 8
    assert add([web.url("/a")], home=tmp_path, policy=OPEN, resolver=local).unchanged


def test_a_changed_file_replaces_too(tmp_path: Path) -> None:
    source = tmp_path / "note.md"
    source.write_text(f"---\ntitle: Note\npublisher: Us\n---\n{story(3)}\n", "utf-8")
    home = tmp_path / "home"
    assert add([source], home=home).added == ("note",)
    source.write_text(f"---\ntitle: Note\npublisher: Us\n---\n{story(3)}\n\nOne more sentence.\n", "utf-8")
    assert add([source], home=home).updated == ("note",)
    assert "One more sentence." in (home / "articles" / "note.md").read_text("utf-8")
    assert add([source], home=home).unchanged == (str(source),)


def test_removing_and_restoring(web: Web, tmp_path: Path) -> None:
    web.pages["/a"] = page("Crane", story(1), "Port News")
    add([web.url("/a")], home=tmp_path, policy=OPEN, resolver=local)
    before = files_of(tmp_path)
    where = remove("crane", home=tmp_path)
    assert where.is_relative_to(tmp_path / "removed" / "crane")
    assert not list((tmp_path / "articles").iterdir())
    with pytest.raises(CorpusError, match="No added article"):
        remove("crane", home=tmp_path)
    restore("crane", home=tmp_path)
    assert files_of(tmp_path) == before
    with pytest.raises(CorpusError, match="was removed"):
        restore("crane", home=tmp_path)
    remove("crane", home=tmp_path)
    assert add([web.url("/a")], home=tmp_path, policy=OPEN, resolver=local).added == ("crane",)
    with pytest.raises(CorpusError, match="again"):
        restore("crane", home=tmp_path)


@pytest.mark.parametrize("name", ["", ".", "..", "../articles/crane", "/etc/passwd", "crane/../crane"])
def test_only_articles_can_be_removed_and_restored(web: Web, tmp_path: Path, name: str) -> None:
    web.pages["/a"] = page("Crane", story(1), "Port News")
    add([web.url("/a")], home=tmp_path, policy=OPEN, resolver=local)
    before = files_of(tmp_path)
    with pytest.raises(CorpusError):
        remove(name, home=tmp_path)
    with pytest.raises(CorpusError):
        restore(name, home=tmp_path)
    assert files_of(tmp_path) == before


def test_articles_put_there_by_hand_count(web: Web, tmp_path: Path) -> None:
    web.pages["/a"] = page("Crane", story(1), "Port News")
    shelf = tmp_path / "articles"
    (shelf / "mine").mkdir(parents=True)
    (shelf / "mine" / "crane.txt").write_text(f"---\nurl: {web.url('/a')}\n---\n{story(2)}", "utf-8")
    (shelf / "mill.html").write_text(page("Mill", story(3), "Mill News"), "utf-8")
    web.pages["/b"] = page("Mill too", story(3), "Valley News")
    report = add([web.url("/a"), web.url("/b")], home=tmp_path, policy=OPEN, resolver=local)
    assert report.updated == ("mine/crane",)
    assert [merged.article_id for merged in report.merged] == ["mill"]
    assert [path.name for path in (shelf / "mine").iterdir()] == ["crane.md"]
    assert [path.suffix for path in (tmp_path / "versions" / "mine" / "crane").iterdir()] == [".txt"]
    assert (shelf / "mill.html").read_text("utf-8") == page("Mill", story(3), "Mill News")
    before = files_of(tmp_path)
    again = add([web.url("/a"), web.url("/b")], home=tmp_path, policy=OPEN, resolver=local)
    assert len(again.unchanged) == 2
    assert files_of(tmp_path) == before
    remove("mill", home=tmp_path)
    assert restore("mill", home=tmp_path) == shelf / "mill.html"


# --- copies of one report ------------------------------------------------------------------------------------


def test_a_report_that_ten_carry_is_one_article(web: Web, tmp_path: Path) -> None:
    for number in range(10):
        text = f"By our desk number {number}.\n\n{story(5).replace('people', 'persons', number % 3)}"
        web.pages[f"/{number}"] = page(
            f"Crane story {number}", text, f"Paper {number}", foot="From our network."
        )
    web.pages["/own"] = page("Crane, our report", story(6), "Paper 3")
    urls = [web.url(f"/{number}") for number in range(10)] + [web.url("/own")]
    report = add(urls, home=tmp_path, policy=OPEN, resolver=local)
    assert report.added == ("crane-story-0", "crane-our-report")
    assert [merged.publisher for merged in report.merged] == [f"Paper {number}" for number in range(1, 10)]
    assert {merged.article_id for merged in report.merged} == {"crane-story-0"}
    kept = Shelf(tmp_path).read()["crane-story-0"]
    assert kept.also_published_by == tuple(f"Paper {number}" for number in range(1, 10))
    before = files_of(tmp_path)
    again = add(urls, home=tmp_path, policy=OPEN, resolver=local)
    assert not again.added + again.updated + again.merged
    assert len(again.unchanged) == 11
    assert files_of(tmp_path) == before


def test_copies_of_articles_that_came_with_the_product(tmp_path: Path) -> None:
    shipped = Article("shipped", "Crane", "Port News", None, None, None, Kind.REPORTING, story(7))
    source = tmp_path / "copy.md"
    source.write_text(f"---\ntitle: Crane again\npublisher: Other Paper\n---\n{story(7)}\n", "utf-8")
    plain = tmp_path / "plain.txt"
    plain.write_text(story(7), "utf-8")
    home = tmp_path / "home"
    report = add([source, plain], home=home, existing=[shipped])
    assert [(m.article_id, m.publisher, m.similarity) for m in report.merged] == [
        ("shipped", "Other Paper", 1.0)
    ]
    assert [s.reason for s in report.skipped] == [
        "the same text as shipped, which is there; to replace that one, remove it first"
    ]
    assert not (home / "articles").exists()
    again = add([source, plain], home=home, existing=[shipped])
    assert again.unchanged == (str(source),)
    assert add([source], home=home).added == ("crane-again",)


def test_a_named_copy_takes_the_place_of_a_nameless_one(tmp_path: Path) -> None:
    plain, named = tmp_path / "a.txt", tmp_path / "b.md"
    plain.write_text(f"Crane\n\n{story(7)}", "utf-8")
    named.write_text(f"---\ntitle: The crane\npublisher: Port News\n---\n{story(7)}\n", "utf-8")
    home = tmp_path / "home"
    report = add([plain, named], home=home)
    assert (report.added, report.updated) == (("crane",), ("crane",))
    assert Shelf(home).read()["crane"].article.publisher == "Port News"
    before = files_of(home)
    again = add([plain, named], home=home)
    assert again.unchanged == (str(named),)
    assert [skipped.path for skipped in again.skipped] == [str(plain)]
    assert files_of(home) == before


# --- many ------------------------------------------------------------------------------------------------------


def test_feeds_lists_and_pages_of_one_site(web: Web, tmp_path: Path) -> None:
    foot = "Port News is owned by its readers and prints on paper from the valley."
    for number in range(5):
        web.pages[f"/{number}"] = page(f"Story {number}", story(20 + number), "Port News", foot=foot)
    items = "".join(f"<item><link>{web.url(f'/{number}')}</link></item>" for number in range(3))
    web.pages["/feed"] = (
        f"<?xml version='1.0'?><rss version='2.0'><channel>{items}<item><link>{web.url('/feed2')}</link></item></channel></rss>"
    )
    web.pages["/feed2"] = web.pages["/feed"]
    addresses = tmp_path / "list.txt"
    addresses.write_text(f"# stories\n{web.url('/3')}\n{web.url('/4')} good\n{web.url('/gone')}\n", "utf-8")
    seen: list[tuple[int, int]] = []
    report = add(
        [web.url("/feed"), addresses],
        home=tmp_path / "home",
        policy=OPEN,
        resolver=local,
        on_progress=lambda done, total: seen.append((done, total)),
    )
    assert report.added == tuple(f"story-{number}" for number in range(5))
    reasons = {skipped.path: skipped.reason for skipped in report.skipped}
    assert "list inside a list" in reasons[web.url("/feed2")]
    assert "404" in reasons[web.url("/gone")]
    assert seen[-1][0] == seen[-1][1] == 7
    for number in range(5):
        assert foot not in (tmp_path / "home" / "articles" / f"story-{number}.md").read_text("utf-8")
    assert not add([web.url("/feed"), addresses], home=tmp_path / "home", policy=OPEN, resolver=local).added


@pytest.mark.parametrize(
    "source",
    ["file:///etc/passwd", "gopher://x.example/", "http://127.0.0.1/", "http://169.254.169.254/", "ftp://x/"],
)
def test_addresses_that_must_not_be_fetched_are_named(
    tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: object, **more: object) -> socket.socket:
        raise AssertionError

    monkeypatch.setattr(socket, "create_connection", never)
    report = add([source], home=tmp_path)
    assert [skipped.path for skipped in report.skipped] == [source]
    assert not report.added


PLANTED = {
    "md/004.md": ("The Quixel camera of the ferry costs 431 dollars.", "How much does the Quixel camera cost?", "431"),
    "md/041.md": ("The Bramble lantern weighs 270 grams.", "How much does the Bramble lantern weigh?", "270 grams"),
    "txt/004.txt": ("The Velmora battery lasts 38 hours.", "How long does the Velmora battery last?", "38 hours"),
    "txt/006.txt": ("Ottilie Brandt designed the Tarn kettle.", "Who designed the Tarn kettle?", "Ottilie Brandt"),
    "txt/008.txt": ("The Dovrin café opened in Lisbon.", "Where did the Dovrin café open?", "Lisbon"),
    "html/004.htm": ("The Norvik drone flies at 95 km/h.", "How fast does the Norvik drone fly?", "95 km/h"),
    "html/011.htm": ("Halden Labs sold the Pelta scanner to Ormond.", "To whom did Halden Labs sell the Pelta scanner?", "Ormond"),
    "pdf/004.pdf": ("The Zephra sensor needs 12 volts.", "How many volts does the Zephra sensor need?", "12 volts"),
    "docx/004.docx": ("The Marlo tractor has 64 gears.", "How many gears does the Marlo tractor have?", "64 gears"),
    "named-wrong/4.pdf": ("The Sorrel printer prints 77 pages a minute.", "How many pages a minute does the Sorrel printer print?", "77 pages"),
}  # fmt: skip
"""File -> a fact in it that no other file has, a question, and a word of the answer."""


OF_NO_USE = {
    "reader.py": (
        '"""Reads the names of all the articles in a folder and says which of them have changed since."""\n\nimport os\n\n\n'
        "class Reader:\n    def read(self, path):\n        # Every file is read once, whatever its name says of it.\n"
        "        with open(path) as file:\n            return file.read()\n",
        "code",
    ),
    "page.js": (
        "const port = 80;\nfunction open(name) {\n  return fetch(name).then((found) => found.text());\n}\nexport default open;\n",
        "code",
    ),
    "style.css": (
        ".lead { color: red; font-weight: bold }\n.foot a:hover { color: blue }\nh1 { margin: 0 }\n",
        "code",
    ),
    "Makefile": (
        "all: build test\n\nbuild:\n\tcc -o crane crane.c\n\ntest: build\n\t./crane --check\n",
        "code",
    ),
    "settings.yaml": (
        "name: crane\nport: 80\nhosts:\n  - name: one\n    place: harbour\n  - name: two\n    place: mill\n",
        "code",
    ),
    "questions.jsonl": (
        "".join(
            f'{{"question": "How much is crane {n}?", "answer": "It costs {n} dollars."}}\n' for n in range(9)
        ),
        "JSON Lines",
    ),
    "words.csv": (
        "title,publisher,text\nCrane opened,Port News,The crane opened in the harbour today\n"
        'Ferry sold,Port News,"The ferry was sold, at last, to the valley"\nTram moved,Valley,The tram moved to the depot\n',
        "table",
    ),
    "words.tsv": (
        "title\ttext\nCrane\tThe crane opened.\nFerry\tThe ferry was sold.\nTram\tThe tram moved.\n",
        "table",
    ),
    "server.log": (
        "2026-05-01 INFO server started successfully with the usual options\n"
        "2026-05-01 ERROR could not connect to the database because its host is unknown\n" * 3,
        "a log",
    ),
    "times.log": (
        "".join(f"[2026-05-01T10:00:0{n}Z] the crane asked for the position of the boat\n" for n in range(9)),
        "a log",
    ),
    "letter.rtf": (
        "{\\rtf1\\ansi The crane opened in the harbour today after nine days. It cost seventy dollars.\\par}",
        "RTF",
    ),
    "letter.eml": (
        "Return-Path: <a@port.example>\nFrom: A <a@port.example>\nTo: b@mill.example\nSubject: The crane\n"
        "Message-ID: <1@port.example>\n\nThe crane opened in the harbour today after nine days of tests.\n",
        "a mail",
    ),
    "feeds.opml": (
        '<?xml version="1.0"?><opml version="2.0"><body><outline type="rss" xmlUrl="http://news.example/feed"/></body></opml>',
        "OPML",
    ),
    "notes.xml": (
        "<?xml version='1.0'?><notes><note>The crane opened.</note><note>The ferry was sold.</note></notes>",
        "XML",
    ),
}
"""Files that are text and no articles: content, and a word of the reason."""


def make_folder(folder: Path) -> dict[str, str]:
    """Fill a folder with 300 files of all kinds; returns a word of the reason for each that is no article."""
    sys.path.insert(0, str(Path(__file__).parent))
    try:
        from test_documents import make_docx, make_pdf
    finally:
        sys.path.pop(0)
    bad: dict[str, str] = {}

    def put(name: str, data: bytes | str, reason: str = "") -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        if reason:
            bad[name] = reason

    def told(name: str, seed: int) -> str:
        fact = PLANTED.get(name, ("",))[0]
        return f"{story(seed)}\n\n{fact}" if fact else story(seed)

    def lines(seed: int, name: str = "") -> list[str]:
        words = told(name, seed).split()
        return [" ".join(words[start : start + 12]) for start in range(0, len(words), 12)]

    for n in range(56):
        put(
            f"md/{n:03}.md",
            f"---\ntitle: Markdown {n}\npublisher: Paper {n % 7}\n---\n{told(f'md/{n:03}.md', 1000 + n)}\n",
        )
    for n in range(55):
        put(
            f"txt/{n:03}.txt",
            f"Plain {n}\n\n{told(f'txt/{n:03}.txt', 2000 + n)}".encode(("utf-8", "utf-16", "cp1252")[n % 3]),
        )
    for n in range(54):
        put(f"html/{n:03}.htm", page(f"Page {n}", told(f"html/{n:03}.htm", 3000 + n), f"Site {n}"))
    for n in range(20):
        put(f"pdf/{n:03}.pdf", make_pdf([lines(4000 + n, f"pdf/{n:03}.pdf")], title=f"Paper of {n} pages"))
    for n in range(10):
        put(
            f"docx/{n:03}.docx",
            make_docx(
                [("Normal", part) for part in told(f"docx/{n:03}.docx", 5000 + n).split("\n\n")],
                title=f"Word {n}",
            ),
        )
    for n in range(5):
        put(f"named-wrong/{n}.pdf", page(f"No PDF {n}", told(f"named-wrong/{n}.pdf", 5500 + n), "Site"))
        put(f"named-wrong/{n}.html", f"No page {n}\n\n{story(5600 + n)}")
    # Those were the articles; from here on nothing is one.
    for n in range(20):
        put(
            f"txt/copy-{n:03}.txt",
            (folder / f"md/{n:03}.md").read_text("utf-8").split("---\n")[2],
            "the same text as markdown",
        )
    for n in range(10):
        put(f"broken/{n}.pdf", make_pdf([lines(6000 + n)])[: 200 + 10 * n], "broken")
    for n in range(5):
        put(f"broken/{n}.docx", make_docx([("Normal", story(6100 + n))])[: 3000 + n], "broken")
    for n in range(5):
        put(f"broken/{n}.md", f"---\ntitle: [broken {n}\n---\n{story(6200 + n)}", "not YAML")
    for n in range(10):
        put(f"pictures/{n}.jpg", b"\xff\xd8\xff\xe0" + bytes([n]) * 500, "picture")
    for n in range(5):
        put(f"empty/{n}.txt", " \n" * n, "empty")
    for n in range(5):
        put(f"data/{n}.json", f'{{"key": {n}, "words": "one two three four five six"}}', "JSON")
    for n in range(5):
        put(f"data/{n}.csv", "\n".join(f"{row},{row * n},{row / 7:.3f}" for row in range(300)), "table")
    for name, (text, reason) in OF_NO_USE.items():
        put(f"no-use/{name}", text, reason)
    for n in range(5):
        put(f"scans/{n}.pdf", make_pdf([[] for _ in range(n + 1)]), "scan")
    for n in range(3):
        put(f"huge/{n}.txt", b"word " * 4_200_000, "larger than")
    put("huge/text.txt", "\n\n".join(story(n) for n in range(7000, 8000)) * 5, "larger than")
    put("archive.zip", b"PK\x03\x04" + b"\x00" * 100, "archive")
    put("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "docx")
    put(
        "wall.html",
        "<!doctype html><html><body><p>Subscribe to continue reading.</p></body></html>",
        "no article text",
    )
    put(
        "note.xml",
        "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'></feed>",
        "names no article",
    )
    put("readme.md", "These are files.", "describes the folder")
    put("locked.pdf", b"", "empty")
    writer = PdfWriter()
    import io

    writer.append(PdfReader(io.BytesIO(make_pdf([lines(9000)]))))
    writer.encrypt("secret", algorithm="RC4-128")
    with (folder / "locked.pdf").open("wb") as file:
        writer.write(file)
    bad["locked.pdf"] = "password"
    put("short.txt", "Nothing here.", "next to no text")
    return bad


def test_a_folder_of_three_hundred_mixed_files(tmp_path: Path) -> None:
    folder, home = tmp_path / "folder", tmp_path / "home"
    bad = make_folder(folder)
    total = sum(1 for path in folder.rglob("*") if path.is_file())
    assert total == 300
    report = add([folder], home=home)
    told = {str(Path(skipped.path).relative_to(folder)): skipped.reason for skipped in report.skipped}
    assert set(told) == set(bad)
    assert {name: told[name] for name, word in bad.items() if word not in told[name]} == {}
    assert len(report.added) == 300 - len(bad)
    assert not report.updated + report.merged + report.unchanged
    reading = Library(added=home / "articles").read()
    assert set(report.added) <= {article.id for article in reading.articles}
    assert not reading.skipped
    by_title = {article.title: article for article in reading.articles}
    assert by_title["Markdown 5"].text.strip() == story(1005)
    assert by_title["Page 7"].text.strip() == story(3007)
    assert by_title["Word 3"].text.strip() == story(5003)
    assert by_title["No PDF 2"].publisher == "Site"
    assert "Plain 1" in {article.title for article in reading.articles}
    before = files_of(home)
    again = add([folder], home=home)
    assert not again.added + again.updated + again.merged
    assert len(again.unchanged) == len(report.added)
    assert {skipped.path for skipped in again.skipped} == {skipped.path for skipped in report.skipped}
    assert files_of(home) == before


def test_a_library_adds_removes_and_restores(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"---\ntitle: Crane\npublisher: Port News\n---\n{story(1)}\n", "utf-8")
    library = Library(added=tmp_path / "home" / "articles")
    before = library.articles()
    assert library.add(tmp_path / "a.md", tmp_path / "none.md").added == ("crane",)
    assert {article.id for article in library.articles()} - {article.id for article in before} == {"crane"}
    shipped = tmp_path / "shipped.md"
    shipped.write_text(f"---\ntitle: Once more\npublisher: Copy & Co\n---\n{before[0].text}", "utf-8")
    assert [merged.article_id for merged in library.add(shipped).merged] == [before[0].id]
    library.remove("crane")
    assert library.articles() == before
    library.restore("crane")
    assert len(library.articles()) == len(before) + 1
    with pytest.raises(CorpusError, match="No added article"):
        library.remove(before[0].id)
    with pytest.raises(CorpusError, match="cannot be added here"):
        Library(tmp_path).add(tmp_path / "a.md")


def test_three_hundred_files_answer_questions_and_a_second_run_embeds_nothing(
    tmp_path: Path,
) -> None:
    embedder = HashEmbedder()
    folder = tmp_path / "folder"
    make_folder(folder)
    settings = load_settings().model_copy(update={"home": tmp_path / "home"})
    library = Library(added=settings.articles_home)
    report = library.add(folder)
    built = rebuild_index(settings, embedder=embedder)
    assert set(report.added) <= set(built.added)
    assert built.embedded > len(report.added)
    sources = {kept.source: article_id for article_id, kept in Shelf(settings.home).read().items()}
    texts = {article.id: article.text for article in library.articles()}
    retriever = Retriever.open(settings.index_home, config=settings.index, embedder=embedder)
    assistant = Assistant(retriever, BuiltInEvidence())
    for name, (fact, question, word) in PLANTED.items():
        answer = assistant.answer(question)
        assert word in answer.text, (name, answer.text)
        cited = next(c for c in answer.citations if word in c.quote)
        assert cited.article_id == sources[str(folder / name)]
        assert texts[cited.article_id][cited.start : cited.end] == cited.quote
        assert fact in " ".join(texts[cited.article_id].split())
    again = library.add(folder)
    assert not again.added + again.updated + again.merged
    second = rebuild_index(settings, embedder=embedder)
    assert (second.embedded, second.generation) == (0, built.generation)


@pytest.mark.parametrize("name", OF_NO_USE)
def test_a_text_that_is_no_prose_is_named_for_what_it_is(tmp_path: Path, name: str) -> None:
    text, reason = OF_NO_USE[name]
    (tmp_path / name).write_text(text, "utf-8")
    report = add([tmp_path / name], home=tmp_path / "home")
    assert reason in report.skipped[0].reason
    assert not report.added


@pytest.mark.parametrize(
    "text",
    [
        f"# How to start it\n\n{story(1)}\n\n```python\nimport crane\n\ncrane.start(speed=3)\ncrane.stop()\n```\n",
        "From: The port\nTo: All\nSubject: The crane\n\nThe crane opened in the harbour today after nine days of tests.\n",
        "2026-05-01: The crane opened in the harbour.\n2026-05-02: The ferry was sold to the valley.\n2026-05-03: It rained.\n",
        "The crane opened, the ferry was sold.\nThe tram moved, the mill was shut.\nThe clock stopped, the lamp went out.\n",
        "| model | price |\n| --- | --- |\n| Crane | 12 dollars |\n| Ferry | 40 dollars |\n\nBoth can be had from May on.\n",
        "[The crane](https://port.example/a) opened in the harbour today after nine days of tests (see below).\n",
        "起重机今天在港口开放，经过九天的测试。渡轮已售出，电车已移到车库。港口说，价格是七十美元。\n",
    ],
)
def test_prose_with_something_else_in_it_stays_an_article(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.md").write_text(text, "utf-8")
    assert not add([tmp_path / "a.md"], home=tmp_path / "home").skipped


def test_the_settings_say_what_may_be_fetched(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.pages["/a"] = page("Crane", story(1), "Port News")
    closed = add([web.url("/a")], home=tmp_path, policy=load_settings().fetch.policy(), resolver=local)
    assert "loopback" in closed.skipped[0].reason
    assert load_settings().fetch.policy() == FetchPolicy()
    monkeypatch.setenv("LAUNCH_FETCH__ALLOW_PRIVATE", "true")
    monkeypatch.setenv("LAUNCH_FETCH__TIMEOUT", "7")
    policy = load_settings().fetch.policy()
    assert (policy.allow_private, policy.timeout) == (True, 7.0)
    assert add([web.url("/a")], home=tmp_path, policy=policy, resolver=local).added == ("crane",)


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_is_not_the_current_folder(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text(story(1), "utf-8")
    monkeypatch.chdir(tmp_path)
    report = add([name], home=tmp_path / "home")
    assert [skipped.reason for skipped in report.skipped] == ["the name is empty"]
    assert not report.added


# --- faults ----------------------------------------------------------------------------------------------------


def test_two_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text(story(1), "utf-8")
    home = tmp_path / "home"
    home.mkdir()
    with FileLock(home / ".adding.lock"):
        failed: list[Exception] = []

        def other() -> None:
            try:
                add([tmp_path / "a.txt"], home=home)
            except CorpusError as exc:
                failed.append(exc)

        monkeypatch.setattr("corpus.adding._LOCK_SECONDS", 0.1)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert "Another process" in str(failed[0])
    assert add([tmp_path / "a.txt"], home=home).added


def test_a_full_disk_is_told_and_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (tmp_path / f"{number}.md").write_text(f"---\ntitle: Story {number}\n---\n{story(number)}\n", "utf-8")
    sources = [tmp_path / f"{number}.md" for number in range(3)]
    home = tmp_path / "home"
    calls = 0

    def full(fd: int) -> None:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CorpusError, match="Free some space"):
        add(sources, home=home)
    monkeypatch.undo()
    assert [path.name for path in (home / "articles").iterdir()] == ["story-0.md"]
    report = add(sources, home=home)
    assert report.added == ("story-1", "story-2")
    assert report.unchanged == (str(sources[0]),)


def test_drafts_of_a_writer_that_was_killed_are_cleared(tmp_path: Path) -> None:
    home = tmp_path / "home"
    drafts = [
        home / name
        for name in (".copies.json.7.draft", "articles/sub/.a.md.7.draft", "originals/.a.html.7.draft")
    ]
    for draft in drafts:
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(b"half")
    (tmp_path / "a.md").write_text(story(1), "utf-8")
    add([tmp_path / "a.md"], home=home)
    assert not any(draft.exists() for draft in drafts)


def test_a_stray_file_on_the_shelf_is_no_fault(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "articles").mkdir(parents=True)
    (home / "articles" / "broken.md").write_text("---\ntitle: [x\n---\n", "utf-8")
    (home / "articles" / "broken-2.md").write_bytes(b"\x00\x01")
    (home / "copies.json").write_text("not json", "utf-8")
    (tmp_path / "a.md").write_text(f"---\ntitle: broken\n---\n{story(1)}\n", "utf-8")
    assert add([tmp_path / "a.md"], home=home).added == ("broken-3",)
    shutil.rmtree(home / "articles")
    assert add([tmp_path / "a.md"], home=home).added == ("broken",)
