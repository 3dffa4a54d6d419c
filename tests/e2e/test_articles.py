"""The Articles tab in a real browser: adding with a look first, removing with a way back, the timeline, the roles."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from starlette.requests import Request

from assistant.chain import Assistant
from assistant.settings import Settings
from corpus.library import Library
from corpus.previewing import keep, look
from ui.access import USER
from ui.auth import Role, User
from ui.library import NOT_ALLOWED, Curating

pytestmark = pytest.mark.e2e
# A page with what went wrong on it: conftest.Visit.
Visit = Any

TITLE = "A dock <b>for</b> the Kestrel"
NOTE = f"""---
title: "{TITLE}"
publisher: Harbour Post
published: 2026-07-02
---
The Kestrel dock was announced in Leeds on 2 July 2026. The Kestrel dock costs 241 euros and ships in autumn, its maker said.
"""


def test_an_article_is_looked_at_added_asked_about_and_removed(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    file = tmp_path / "dock note.md"
    file.write_text(NOTE, "utf-8")
    page.get_by_role("tab", name="Articles").click()
    rows = page.locator("#shelf tbody tr")
    before = rows.count()
    assert page.locator("#shelf [data-act=remove]").count() == 0

    with page.expect_file_chooser() as chooser:
        page.locator("#add-files").click()
    chooser.value.set_files(file)
    page.wait_for_selector("#preview .preview")
    looked = page.locator("#preview").inner_text()
    assert TITLE in looked
    assert "Harbour Post" in looked
    assert "241 euros" in looked
    assert rows.count() == before, "nothing is kept before it is said so"
    page.locator("#keep").click()
    row = page.locator("#shelf tbody tr", has_text=TITLE)
    row.wait_for(timeout=60_000)
    assert rows.count() == before + 1
    assert date.today().strftime("%Y") in row.locator(".added").inner_text()

    page.get_by_role("tab", name="Ask").click()
    visit.ask("How much does the Kestrel dock cost?")
    assert "241 euros" in page.locator("#t1 .text").inner_text()

    page.get_by_role("tab", name="Articles").click()
    row.locator("[data-act=remove]").click()
    page.wait_for_selector("#undo", timeout=60_000)
    page.wait_for_function(
        "n => document.querySelectorAll('#shelf tbody tr').length === n", arg=before, timeout=60_000
    )
    page.locator("#undo").click()
    row.wait_for(timeout=60_000)
    assert row.locator("[data-label=Cited]").text_content() == "1"
    row.locator("[data-act=remove]").click()
    page.wait_for_function(
        "n => document.querySelectorAll('#shelf tbody tr').length === n", arg=before, timeout=60_000
    )
    page.get_by_role("tab", name="Ask").click()
    # Of what an answer was made from its quotes are left, and that the article was removed is said.
    page.locator("#t1 .text button.marker").first.click()
    page.wait_for_selector("#reader :text('was removed from the sources')")
    assert "241 euros" in page.locator("#reader .kept").first.inner_text()


def test_an_address_is_checked_and_a_path_is_none(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("tab", name="Articles").click()
    field = page.get_by_label("Add from an address")
    field.fill("/etc/passwd")
    field.press("Enter")
    page.wait_for_selector("#report [role=alert]")
    assert "http://" in page.locator("#report").inner_text()
    field.fill("http://127.0.0.1/secret")
    page.locator("#add-read").click()
    page.wait_for_selector("#preview .left-out")
    assert "127.0.0.1" in page.locator("#preview .left-out").inner_text()
    assert not page.locator("#keep").is_visible()
    # What was said of one address does not stand above what is said of the next.
    field.fill("javascript:alert(1)")
    page.locator("#add-read").click()
    page.wait_for_selector("#report [role=alert]")
    assert page.locator("#preview .preview").count() == 0


def test_a_preview_says_that_a_text_is_there_and_that_a_date_is_none(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.get_by_role("tab", name="Articles").click()
    same = next(a for a in Library().articles() if a.publisher == "Simon Willison")
    (tmp_path / "again.md").write_text(f"---\npublisher: Simon Willison\n---\n{same.text}", "utf-8")
    head = f"---\npublisher: {'Harbour' * 60}\npublished: 2026-13-45\n---\n"
    (tmp_path / "odd.md").write_text(f"{head}The old crane at the north quay was painted green.\n", "utf-8")
    with page.expect_file_chooser() as chooser:
        page.locator("#add-files").click()
    chooser.value.set_files([tmp_path / "again.md", tmp_path / "odd.md"])
    page.wait_for_selector("#preview .preview")
    first, second = page.locator("#preview .preview > ol > li").all()
    assert first.locator(".remark").all_inner_texts() == [
        f"The same text as “{same.title}”, Simon Willison, which is there already."
    ]
    (told,) = second.locator(".remark").all_inner_texts()
    assert "could not be read: “2026-13-45”" in told
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.locator("#discard").click()
    page.wait_for_selector("#preview .preview", state="detached")


def test_the_timeline_tells_the_launch_in_order(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("tab", name="Articles").click()
    page.get_by_role("button", name="Timeline").click()
    days = page.locator(".timeline time").evaluate_all("all => all.map(t => t.getAttribute('datetime'))")
    known = sorted(str(a.published) for a in Library().articles() if a.published)
    assert days == known
    assert not page.locator("#shelf table").is_visible()
    page.fill("#shelf-search", "TechCrunch")
    assert page.locator(".timeline [data-row]:visible").count() == 1
    assert page.locator(".month:visible").count() == 1
    page.locator(".timeline [data-row]:visible button").click()
    page.wait_for_selector("#reader[open] .body")


def test_readers_only_read_and_curators_curate(open_page: Callable[..., Visit], page_with_roles: str) -> None:
    tools = ("#rebuild", "#add-address", "#add-files")
    for name, seen in (("reader", False), ("editor", True)):
        visit = open_page(page_with_roles, extra_http_headers={"X-Reader": name})
        visit.page.get_by_role("tab", name="Articles").click()
        visit.page.wait_for_selector("#shelf tbody tr")
        if seen:
            visit.page.wait_for_selector("#rebuild")
        assert [visit.page.locator(tool).is_visible() for tool in tools] == [seen] * 3
        visit.page.context.close()
    upload = urllib.request.Request(
        f"{page_with_roles}/gradio_api/upload", data=b"x", method="POST", headers={"X-Reader": "reader"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(upload, timeout=20)
    assert refused.value.code == 403


def test_no_event_changes_the_articles_without_the_right(
    page_assistant: Assistant, page_settings: Settings, tmp_path: Path
) -> None:
    settings = page_settings.model_copy(update={"home": tmp_path})
    file = tmp_path / "note.md"
    file.write_text(NOTE, "utf-8")
    found = look([file], names=["note.md"])
    keep(found, home=tmp_path)
    (article_id,) = Library(added=settings.articles_home).added_on()
    curating = Curating(page_assistant, settings)
    reader = gr.Request(Request({"type": "http", "headers": [], USER: User("r", Role.ASK)}))
    removal = gr.EventData(None, {"id": article_id})
    for events in (
        curating.remove(reader, removal),
        curating.unremove(reader, removal),
        curating.keep(found, reader),
        curating.look("https://example.org/a", None, reader),
        curating.rebuild(reader),
        curating.follow(reader),
    ):
        (told,) = events
        assert NOT_ALLOWED in told[0]
    assert tuple(Library(added=settings.articles_home).added_on()) == (article_id,)
