"""Hostile articles, file names, questions and names of conversations in a real browser: text, and nothing else."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.chain import Assistant
from assistant.settings import load_settings
from tests.conftest import served
from tests.ui.test_render import HOSTILE, an_answer, citation

pytestmark = pytest.mark.e2e
# A page with what went wrong on it: conftest.Visit.
Visit = Any

LONG = next(text for text in HOSTILE if len(text) > 100_000)
# What runs calls this instead of a window that the browser would close by itself.
STRINGS = [text.replace("alert(1)", "hit()") for text in HOSTILE if text != LONG]
WATCH = """
window.hits = [];
window.hit = window.alert = (...all) => window.hits.push(all);
window.reports = [];
document.addEventListener("securitypolicyviolation", (e) => window.reports.push(e.violatedDirective + " " + e.blockedURI));
"""
ALIEN = """() => [...document.querySelectorAll("#talk, #shelf, #preview, #report, #reader, #talks")].flatMap((part) =>
    [...part.querySelectorAll("*")].filter((e) =>
        ["SCRIPT", "STYLE", "IFRAME", "OBJECT", "EMBED", "IMG", "SVG", "VIDEO", "AUDIO", "LINK", "META", "BASE", "TEMPLATE", "MATH"].includes(e.tagName.toUpperCase())
        || [...e.attributes].some((a) => a.name.startsWith("on") || (!a.name.startsWith("data-") && /^\\s*(javascript|data):/i.test(a.value)))).map((e) => e.outerHTML.slice(0, 120)))"""


def babble(number: int) -> str:
    rng = random.Random(number)
    return " ".join("".join(rng.choices("aeioulmnrst", k=7)) for _ in range(40))


def write(folder: Path, number: int, text: str, body: str) -> None:
    shown = "".join(c for c in text if c.isprintable()) or "unprintable"
    head = {"title": shown, "publisher": shown, "published": "2026-07-01", "url": shown, "authors": [shown]}
    name = "".join(c for c in shown if c not in "/\\\0")[:60]
    page = f"---\n{yaml.safe_dump(head, allow_unicode=True, width=10**9)}---\n{body}\n"
    (folder / f"{number:02} {name}.md").write_text(page, "utf-8")


@pytest.fixture(scope="module")
def hostile_url(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The page on a corpus in which everything that can be hostile is."""
    folder = tmp_path_factory.mktemp("hostile articles")
    for number, text in enumerate(STRINGS):
        fact = (
            f"The Kestrel pier number {number} was opened in Leeds with {number + 100} lamps, its owner said."
        )
        write(
            folder,
            number,
            text,
            # Words of its own, or the articles would be taken for copies of one report.
            f"{fact}\n\nThen came {text} and nothing else was said.\n\nIt was told by {babble(number)}.",
        )
    write(
        folder,
        98,
        "The long line",
        f"The Kestrel line has one word. {LONG} Its end was in Leeds.\n\n" + "It is long. " * 60,
    )
    (folder / "99 <img src=x onerror=hit()>.md").write_text("---\ntitle: [broken\n---\n", "utf-8")
    settings = load_settings().model_copy(
        update={"home": tmp_path_factory.mktemp("hostile home"), "corpus": folder}
    )
    with served(Assistant.from_settings(settings), settings) as url:
        yield url


@pytest.fixture
def hostile(open_page: Callable[..., Visit], hostile_url: str) -> Any:
    visit = open_page(hostile_url)
    visit.page.add_init_script(WATCH)
    visit.page.reload()
    visit.page.wait_for_selector("#talk .empty")
    yield visit
    assert visit.page.evaluate("window.hits") == []
    assert visit.page.evaluate("window.reports") == []
    assert visit.page.evaluate(ALIEN) == []
    visit.check()
    visit.page.context.close()


def test_every_hostile_article_is_listed_and_opened_as_text(hostile: Visit) -> None:
    page = hostile.page
    page.get_by_role("tab", name="Articles").click()
    page.wait_for_selector("#shelf tbody tr")
    rows = page.locator("#shelf tbody tr")
    assert rows.count() >= len(STRINGS) * 0.9
    page.locator("#rebuild").click()
    page.wait_for_selector("#report :text('left out')", timeout=120_000)
    assert "<img src=x onerror=hit()>.md" in page.locator("#report").inner_text()
    seen = page.locator("#shelf tbody tr td:first-child").all_text_contents()
    for text in ("<script>hit()</script>", "<svg onload=hit()>", "{{constructor.constructor('hit()')()}}"):
        assert text in seen
    assert any(t.startswith("[U+202E]evil") or t == "evil" for t in seen)
    assert page.locator("#shelf a:not([href^='http'])").count() == 0
    texts = page.evaluate(
        """async () => {
            const told = [];
            for (const button of document.querySelectorAll("#shelf tbody .open")) {
                document.querySelector("#reader-page").replaceChildren();
                button.click();
                for (let i = 0; i < 400 && !document.querySelector("#reader-page .body"); i++) await new Promise((r) => setTimeout(r, 10));
                told.push(document.querySelector("#reader-page .body")?.textContent ?? "");
                document.querySelector("#reader").close();
            }
            return told.map((t) => [t.length, t.slice(0, 3000)]);
        }"""
    )
    assert all(size > 0 for size, _ in texts)
    assert max(size for size, _ in texts) > 1_000_000
    for text in ("<img src=x onerror=hit()>", "<plaintext>", "</div></div></div></main>"):
        assert any(text in told for _, told in texts), text
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


def test_hostile_questions_and_answers_are_text(hostile: Visit) -> None:
    page = hostile.page
    # Answers that hold each string everywhere come from the store: the server draws them as it draws its own.
    turns = []
    for text in [*STRINGS, LONG[:400_000]]:
        differing = an_answer(
            [citation(title=text, publisher=text, quote=text, url=text)], notes=(text[:500],)
        )
        question = text[:1_900]
        answer = {**differing.to_dict(), "question": question, "standalone_question": question}
        turns.append(
            {
                "question": question,
                "state": "done",
                "as_of": None,
                "problem": "",
                "answer": json.loads(json.dumps(answer, default=str)),
            }
        )
    kept = {"key": "k", "rev": "", "name": STRINGS[0], "at": "2026-07-01", "turns": turns}
    page.evaluate(
        """kept => {
            const name = `launch-assistant ${location.pathname} ${document.title}`;
            localStorage.setItem(name, JSON.stringify({ current: "k", talks: [kept] }));
        }""",
        kept,
    )
    page.reload()
    page.wait_for_selector(f"#t{len(turns)}.is-done", timeout=60_000)
    shown = page.locator("#talk h2").all_text_contents()
    assert shown[0] == STRINGS[0]
    assert len(shown) == len(turns)
    page.locator("#conversations").click()
    assert page.locator("#talks .name").first.text_content() == STRINGS[0]
    page.keyboard.press("Escape")
    # And some are really asked.
    page.locator("#new").click()
    page.wait_for_selector("#talk .empty")
    for turn, text in enumerate(STRINGS[::12], start=1):
        hostile.ask(f"{text} lamps of the Kestrel pier?", turn=turn)
        assert text[:20].strip() in page.locator(f"#t{turn} h2").inner_text()


def test_a_hostile_upload_is_previewed_as_text(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.evaluate(WATCH)
    page.get_by_role("tab", name="Articles").click()
    page.wait_for_selector("#add-files")
    files = []
    for number, text in enumerate(STRINGS[:12]):
        write(
            tmp_path,
            number,
            text,
            f"The pier {number} was opened in Leeds in July, its owner said. {text} stayed.",
        )
    files = sorted(tmp_path.glob("*.md"))
    with page.expect_file_chooser() as chooser:
        page.locator("#add-files").click()
    chooser.value.set_files(files)
    page.wait_for_selector("#preview .preview")
    told = page.locator("#preview").inner_text()
    assert "<script>hit()</script>" in told
    assert page.evaluate("window.hits") == []
    assert page.evaluate("window.reports") == []
    assert page.evaluate(ALIEN) == []
    page.locator("#discard").click()


def test_each_paragraph_runs_in_its_own_direction(open_page: Callable[..., Visit], tmp_path: Path) -> None:
    arabic = "أُعلن عن سعر كيستريل في ليدز!"
    page_text = (
        f"The Kestrel came to Leeds in July, its maker said.\n\n{arabic}\n\nIt costs 241 euros in the shop."
    )
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "mixed.md").write_text(
        f"---\ntitle: Mixed\npublisher: P\npublished: 2026-07-01\n---\n{page_text}\n", "utf-8"
    )
    settings = load_settings().model_copy(update={"home": tmp_path / "home", "corpus": folder})
    with served(Assistant.from_settings(settings), settings) as url:
        visit = open_page(url)
        page = visit.page
        page.get_by_role("tab", name="Articles").click()
        page.locator("#shelf tbody .open").click()
        page.wait_for_selector("#reader-page .body")
        # The line begins at the right, and its "!" stands at its left end.
        left, mark, right = page.evaluate(
            """words => {
                const body = document.querySelector("#reader-page .body");
                const node = body.firstChild, at = node.data.indexOf(words);
                const box = (from, to) => { const r = document.createRange(); r.setStart(node, from); r.setEnd(node, to); return r.getBoundingClientRect(); };
                return [box(at, at + words.length).left, box(at + words.length - 1, at + words.length).left, body.getBoundingClientRect().right - box(at, at + words.length).right];
            }""",
            arabic,
        )
        assert abs(left - mark) < 2
        assert right < 4
        visit.check()
        page.context.close()
