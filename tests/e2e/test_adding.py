"""Adding by address, with its progress and a way out; rebuilding, with its progress and its report."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.chain import Assistant
from assistant.settings import load_settings
from corpus.web import FetchPolicy
from index.embedding import Embedder
from tests.conftest import served

pytestmark = pytest.mark.e2e
# A page with what went wrong on it: conftest.Visit.
Visit = Any

STORY = "".join(
    f"<p>Paragraph {n}: the harbour crane of Kestrel Works lifted {n + 20} tonnes on its trial day in Leeds, its maker "
    "said, and the dock stayed open to visitors all the same.</p>"
    for n in range(8)
)
PAGE = f"""<!doctype html><html lang="en"><head><title>The Kestrel crane &lt;b&gt;lifts&lt;/b&gt;</title>
<meta property="article:published_time" content="2026-07-03"><meta property="og:site_name" content="Dock Weekly"></head>
<body><article><h1>The Kestrel crane &lt;b&gt;lifts&lt;/b&gt;</h1>{STORY}</article>
<img src="http://127.0.0.1:9/leak.png"><script>window.hit = 1</script></body></html>"""


class Site:
    """A small web site on loopback, whose pages wait until they are let go."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                robots = self.path == "/robots.txt"
                if not robots:
                    site.go_on.wait(20)
                self.send_response(404 if robots else 200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.end_headers()
                if not robots:
                    self.wfile.write(PAGE.encode())

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}/crane"

    def close(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()


class Waiting:
    """An embedding model that waits until it is let go."""

    def __init__(self, real: Embedder) -> None:
        self._real, self.name, self.dimension = real, real.name, real.dimension
        self.begun, self.go_on = threading.Event(), threading.Event()

    def embed_documents(
        self, texts: Sequence[str], *, on_progress: Callable[[int, int], None] | None = None
    ) -> np.ndarray:
        self.begun.set()
        self.go_on.wait(60)
        return self._real.embed_documents(texts, on_progress=on_progress)

    def embed_query(self, text: str) -> np.ndarray:
        return self._real.embed_query(text)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site that the page may read: elsewhere an address of this machine is refused."""
    policy = FetchPolicy(allow_private=True, pause=0.0, timeout=30.0)
    monkeypatch.setattr("assistant.settings.FetchConfig.policy", lambda self: policy)
    site = Site()
    yield site
    site.close()


def test_an_address_is_read_with_its_progress_called_off_and_added(visit: Visit, site: Site) -> None:
    page = visit.page
    page.get_by_role("tab", name="Articles").click()
    rows = page.locator("#shelf tbody tr")
    before = rows.count()
    field = page.get_by_label("Add from an address")
    field.fill(site.address)
    field.press("Enter")
    page.wait_for_selector("#report progress")
    page.locator("#call-off").click()
    page.wait_for_selector("#report :text('Called off')")
    assert page.locator("#preview .preview").count() == 0

    site.go_on.set()
    page.locator("#add-read").click()
    page.wait_for_selector("#preview .preview")
    looked = page.locator("#preview").inner_text()
    assert "The Kestrel crane <b>lifts</b>" in looked
    assert "Dock Weekly" in looked
    assert "3 July 2026" in looked
    assert page.locator("#preview a.out").get_attribute("href") == site.address
    assert rows.count() == before
    page.locator("#discard").click()
    page.wait_for_selector("#preview .preview", state="detached")
    page.locator("#add-read").click()
    page.wait_for_selector("#preview .preview")
    page.locator("#keep").click()
    row = page.locator("#shelf tbody tr", has_text="The Kestrel crane")
    row.wait_for(timeout=60_000)
    # What was kept, and what the rebuild made of it.
    report = page.locator("#report").inner_text()
    assert "1 added" in report
    assert "The index is up to date" in report
    row.locator("[data-act=remove]").click()
    page.wait_for_function(
        "n => document.querySelectorAll('#shelf tbody tr').length === n", arg=before, timeout=60_000
    )
    assert page.evaluate("window.hit") is None


@contextmanager
def slow_to_embed(place: Path) -> Iterator[tuple[Path, Assistant, Waiting, str]]:
    """The page on a folder with one article, and an embedder that waits, to be put in when something is to take time."""
    folder = place / "our articles"
    folder.mkdir()
    (folder / "one.md").write_text("The Kestrel dock took in 17 boats in its first week.\n", "utf-8")
    own = load_settings().model_copy(update={"home": place / "home", "corpus": folder})
    assistant = Assistant.from_settings(own)
    with served(assistant, own) as url:
        yield folder, assistant, Waiting(assistant.retriever.embedder), url


@contextmanager
def own_folder(folder: Path, home: Path) -> Iterator[str]:
    """The page on a folder of one's own."""
    own = load_settings().model_copy(update={"home": home, "corpus": folder})
    with served(Assistant.from_settings(own), own) as url:
        yield url


def test_a_rebuild_shows_how_far_it_is_and_what_was_left_out(
    open_page: Callable[..., Visit], tmp_path: Path
) -> None:
    folder = tmp_path / "our articles"
    folder.mkdir()

    def write(name: str, day: int) -> None:
        text = "\n\n".join(
            f"Part {n}. The Kestrel dock took in {n * day + 7} boats that week." for n in range(30)
        )
        head = f"---\ntitle: {name}\npublisher: Dock Weekly\npublished: 2026-07-{day:02}\n---\n"
        (folder / f"{name}.md").write_text(f"{head}{text}\n", "utf-8")

    for day in range(1, 4):
        write(f"Dock {day}", day)
    with own_folder(folder, tmp_path / "home") as url:
        visit = open_page(url)
        page = visit.page
        page.get_by_role("tab", name="Articles").click()
        page.wait_for_selector("#rebuild")
        assert page.locator("#shelf tbody tr").count() == 3
        # Why nothing can be added here is said.
        assert str(folder) in page.locator("#own-folder").inner_text()
        assert not page.locator("#add-row").is_visible()
        for day in range(4, 16):
            write(f"Dock {day}", day)
        (folder / "Dock 1.md").unlink()
        (folder / "<img src=x onerror=hit()>.md").write_text("---\ntitle: [broken\n---\n", "utf-8")
        page.evaluate(
            """() => {
                window.seen = [];
                new MutationObserver(() => window.seen.push(document.querySelector("#report").innerText))
                    .observe(document.querySelector("#report"), { childList: true, subtree: true });
            }"""
        )
        page.locator("#rebuild").click()
        page.wait_for_selector("#report :text('up to date')", timeout=120_000)
        seen = " ".join(page.evaluate("window.seen"))
        assert "Reading the articles" in seen
        assert " of 1" in seen  # how many of the 14 it happened to be at
        report = page.locator("#report").inner_text()
        assert "12 added" in report
        assert "1 removed" in report
        assert "1 file left out" in report
        assert "<img src=x onerror=hit()>.md" in report
        assert page.locator("#shelf tbody tr").count() == 14
        visit.check()
        page.context.close()


def test_a_rebuild_is_cancelled_and_the_old_index_serves(
    open_page: Callable[..., Visit], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow_to_embed(tmp_path) as (folder, assistant, slow, url):
        visit = open_page(url)
        page = visit.page
        page.get_by_role("tab", name="Articles").click()
        page.wait_for_selector("#rebuild")
        assert not page.locator("#stop-rebuild").is_visible()
        (folder / "two.md").write_text("The Kestrel crane lifted 41 tonnes on its trial day.\n", "utf-8")
        monkeypatch.setattr(type(assistant.retriever), "embedder", slow)
        page.locator("#rebuild").click()
        assert slow.begun.wait(30)
        page.locator("#stop-rebuild").click()
        page.wait_for_selector("#report :text('Stopping')")
        assert not page.locator("#stop-rebuild").is_visible()
        slow.go_on.set()
        page.wait_for_selector("#report :text('was stopped')")
        assert "The index as it was still serves" in page.locator("#report").inner_text()
        assert page.evaluate("document.activeElement.id") == "rebuild"
        assert page.locator("#shelf tbody tr").count() == 1
        page.get_by_role("tab", name="Ask").click()
        visit.ask("How many boats did the Kestrel dock take in?")
        assert "17 boats" in page.locator("#t1 .text").inner_text()
        page.get_by_role("tab", name="Articles").click()
        page.locator("#rebuild").click()
        page.wait_for_selector("#report :text('1 added')", timeout=60_000)
        visit.check()
        page.context.close()


def test_search_looks_at_what_articles_say_and_counts(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("tab", name="Articles").click()
    page.wait_for_selector("#shelf tbody tr")
    rows = page.locator("#shelf tbody tr")
    every = page.locator("#shelf .summary").inner_text()
    # Our own words beside the articles are none of theirs.
    page.fill("#shelf-search", "original")
    page.wait_for_timeout(500)
    assert page.locator("#shelf tbody tr:visible").count() == 0
    assert page.locator("#shelf .summary").inner_text() == f"0 of {rows.count()} articles"
    page.fill("#shelf-search", "techcrunch")
    assert page.locator("#shelf .summary").inner_text() == f"1 of {rows.count()} articles"
    # Words of the texts are found too, though the table does not show them.
    page.fill("#shelf-search", "Contemplating private preview")
    page.wait_for_selector("#shelf tbody tr:visible :text('Simon Willison')")
    assert 1 <= page.locator("#shelf tbody tr:visible").count() < rows.count()
    page.fill("#shelf-search", "")
    assert page.locator("#shelf .summary").inner_text() == every


def test_a_rebuild_is_seen_from_every_page_and_after_a_reload(
    open_page: Callable[..., Visit], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow_to_embed(tmp_path) as (folder, assistant, slow, url):
        visit = open_page(url)
        first = visit.page
        other = first.context.new_page()
        other.goto(url)
        for page in (first, other):
            page.get_by_role("tab", name="Articles").click()
            page.wait_for_selector("#rebuild")
        (folder / "two.md").write_text("The Kestrel crane lifted 41 tonnes on its trial day.\n", "utf-8")
        monkeypatch.setattr(type(assistant.retriever), "embedder", slow)
        first.locator("#rebuild").click()
        assert slow.begun.wait(30)
        first.wait_for_selector("#report  progress")
        assert "A rebuild is running" not in first.locator("#report").inner_text()

        other.locator("#rebuild").click()
        other.wait_for_selector("#report  progress")
        assert "A rebuild is running, begun from a page, since " in other.locator("#report").inner_text()
        first.reload()
        first.get_by_role("tab", name="Articles").click()
        first.wait_for_selector("#report  progress")
        assert "begun from a page" in first.locator("#report").inner_text()
        first.locator("#stop-rebuild").click()
        slow.go_on.set()
        for page in (first, other):
            page.wait_for_selector("#report :text('was stopped')")
        other.locator("#rebuild").click()
        other.wait_for_selector("#report :text('1 added')", timeout=60_000)
        visit.check()
        first.context.close()


def test_a_rebuild_of_another_process_is_named_until_it_is_over(
    open_page: Callable[..., Visit], tmp_path: Path
) -> None:
    folder, home = tmp_path / "our articles", tmp_path / "home"
    folder.mkdir()
    (folder / "one.md").write_text("The Kestrel dock took in 17 boats in its first week.\n", "utf-8")
    with own_folder(folder, home) as url:
        hold = (
            "import sys; from pathlib import Path; from index.writer import one_writer\n"
            "with one_writer(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
        )
        index_home = str(load_settings().model_copy(update={"home": home, "corpus": folder}).index_home)
        with subprocess.Popen(
            [sys.executable, "-c", hold, index_home], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            visit = open_page(url)
            page = visit.page
            page.get_by_role("tab", name="Articles").click()
            page.wait_for_selector(f"#report :text('begun by another process ({holder.pid}), since ')")
            page.locator("#rebuild").click()
            page.wait_for_selector("#report [role=alert]")
            assert f"({holder.pid}, since " in page.locator("#report").inner_text()
            page.reload()
            page.get_by_role("tab", name="Articles").click()
            page.wait_for_selector("#report :text('begun by another process')")
            holder.communicate()
        page.wait_for_selector("#report :text('The rebuild is over.')")
        visit.elsewhere.clear()
        page.context.close()
