"""What can be measured of the page: access for all by axe-core, and that nothing jumps while an answer grows."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.chain import Assistant
from assistant.settings import Settings
from tests.e2e.pictures import writing

pytestmark = pytest.mark.e2e
# A page with what went wrong on it: conftest.Visit.
Visit = Any

ROOT = Path(__file__).parents[2]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (390, 1280)
BROKEN = """rules => axe.run(document, { runOnly: rules, resultTypes: ["violations"] }).then((result) =>
    result.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)).join(" | ")}`))"""
# Every shift that no input had caused in the half second before it, as browsers count it.
WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifts.push(shift.value);
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, from node_modules or from npm; it is no part of this project."""
    installed = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if installed.is_file():
        return installed.read_text("utf-8")
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("axe-core is not installed, and there is no npm to get it with")
    folder = tmp_path_factory.mktemp("axe")
    got = subprocess.run(
        [npm, "pack", "axe-core@4", "--silent"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    packed = next(folder.glob("axe-core-*.tgz"), None)
    if packed is None:
        pytest.skip(f"npm has no axe-core to give: {got.stderr.strip()[-200:]}")
    with tarfile.open(packed) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode("utf-8")


def test_no_rule_of_wcag_is_broken(open_page: Callable[..., Visit], axe: str) -> None:
    visit = open_page(color_scheme="light", reduced_motion="reduce")
    page = visit.page
    found: list[str] = []

    page.evaluate(axe)
    # That it finds what is there to be found.
    bad = "() => { document.body.append(Object.assign(document.createElement('img'), { id: 'bad', src: 'data:,' })); }"
    page.evaluate(bad)
    seen = page.evaluate(
        "rules => axe.run(document, { runOnly: rules }).then(r => r.violations.map(v => v.id))", RULES
    )
    assert seen == ["image-alt"]
    page.evaluate("document.querySelector('#bad').remove()")

    def broken_from(end: str) -> list[str]:
        page.evaluate(
            "end => document.querySelector('#talk .turn:last-child')?.scrollIntoView({ behavior: 'instant', block: end })",
            end,
        )
        page.wait_for_timeout(80)
        broken: list[str] = page.evaluate(BROKEN, RULES)
        return broken

    def check(state: str, *looks: tuple[str, int]) -> None:
        for scheme, width in looks or [(s, w) for s in ("light", "dark") for w in WIDTHS]:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 860})
            # What lies half under the box at the foot counts as too small; scrolled a little further it is free. So
            # a rule is broken when it is from both ends of the last turn.
            broken = broken_from("start")
            if any("target-size" in b for b in broken):
                elsewhere = broken_from("end")
                broken = [b for b in broken if "target-size" not in b or b in elsewhere]
            if looks:
                # Something lies over the page in these states; what is half under it is no target until it is closed.
                broken = [b for b in broken if "target-size" not in b or 'class="chip"' not in b]
            found.extend(f"{state}, {scheme}, {width}: {rule}" for rule in broken)

    one = ("dark", 390)
    check("ask")
    visit.ask("Which apps will get Muse Spark?")
    check("answer")
    page.locator("#t1 .text .marker").first.focus()
    check("lit", one, ("light", 1280))
    page.locator("#question textarea").focus()
    page.locator("#t1 [data-act=down]").click()
    check("complaint", one)
    page.keyboard.press("Escape")
    page.locator("#t1 [data-act=edit]").click()
    check("edit", one)
    page.keyboard.press("Escape")
    page.locator("#save summary").click()
    check("save", one)
    page.keyboard.press("Escape")
    page.locator("#t1 .text button.marker").first.click()
    page.wait_for_selector("#quote")
    check("article", one)
    page.keyboard.press("Escape")
    page.locator("#conversations").click()
    check("conversations", one)
    page.keyboard.press("Escape")
    visit.ask("How many parking spaces does its canteen have?", turn=2)
    check("refusal")
    page.get_by_role("tab", name="Articles").click()
    page.wait_for_selector("#rebuild")
    check("articles")
    page.get_by_role("button", name="Timeline").click()
    check("timeline", one)
    page.context.close()
    assert found == []


def test_no_rule_of_wcag_is_broken_on_the_way(
    open_page: Callable[..., Visit],
    axe: str,
    page_assistant: Assistant,
    page_settings: Settings,
    tmp_path: Path,
) -> None:
    """While an answer is written, when it was stopped, where reports differ, and as an article comes in."""
    found: list[str] = []
    file = tmp_path / "a dock.md"
    file.write_text(
        "---\ntitle: A dock\npublished: 2026-07-02\n---\nThe Kestrel dock opened in Leeds.\n", "utf-8"
    )
    broken = tmp_path / "prices.md"
    broken.write_text("---\ntitle: [prices\n---\n", "utf-8")

    def check(state: str, page: Any) -> None:
        for scheme in ("light", "dark"):
            for width in WIDTHS:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.set_viewport_size(
                    {"width": width, "height": 4000}
                )  # nothing lies under the box at the foot
                page.wait_for_timeout(80)
                rules: list[str] = page.evaluate(BROKEN, RULES)
                found.extend(f"{state}, {scheme}, {width}: {rule}" for rule in rules)

    settings = page_settings.model_copy(update={"home": tmp_path / "home"})
    with writing(page_assistant, settings) as busy:
        page = open_page(busy, reduced_motion="reduce").page
        page.evaluate(axe)
        page.fill("#question textarea", "Does Muse Spark have open weights?")
        page.keyboard.press("Enter")
        page.wait_for_selector("#t1.is-working .text p", timeout=60_000)
        check("working", page)
        page.locator("#stop").click()
        page.wait_for_selector("#t1.is-stopped")
        check("stopped", page)
        page.context.close()

    visit = open_page(reduced_motion="reduce")
    page = visit.page
    page.evaluate(axe)
    visit.ask("How much did Meta pay for its share of Scale AI?")
    page.wait_for_selector("#t1 .is-differ")
    check("reports differ", page)
    visit.ask("Who leads Meta Superintelligence Labs?", turn=2)
    page.locator("#t2 .agreeing summary").click()
    check("further reports agree", page)
    page.locator("#t1 .text button.marker").first.click()
    page.wait_for_selector("#quote")
    check("article at its quote", page)
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Articles").click()
    with page.expect_file_chooser() as chooser:
        page.locator("#add-files").click()
    chooser.value.set_files([file, broken])
    page.wait_for_selector("#preview .preview", timeout=60_000)
    check("preview", page)
    page.locator("#keep").click()
    page.wait_for_selector("#report :text('up to date')", timeout=60_000)
    check("rebuilt", page)
    page.locator("#shelf tbody tr", has_text="A dock").locator("[data-act=remove]").click()
    page.wait_for_selector("#undo", timeout=60_000)
    page.wait_for_selector("#report :text('1 removed')", timeout=60_000)
    check("removed", page)
    page.context.close()
    assert found == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_jumps_while_an_answer_grows(open_page: Callable[..., Visit], width: int) -> None:
    visit = open_page(viewport={"width": width, "height": 860})
    page = visit.page
    page.reload()
    page.evaluate(WATCH_SHIFTS)
    page.wait_for_selector("#talk .empty")
    visit.ask("What are the known weaknesses of Muse Spark?")
    visit.ask("Which apps will get it?", turn=2)
    page.wait_for_timeout(1000)
    shifts = page.evaluate("window.shifts")
    page.context.close()
    assert sum(shifts) < 0.05, shifts


@pytest.mark.parametrize(
    ("width", "height", "slower"),
    [(390, 844, 1), (390, 844, 4), (320, 640, 1), (1280, 860, 1), (2560, 1300, 1)],
)
def test_the_question_box_stays_at_the_foot(
    open_page: Callable[..., Visit], width: int, height: int, slower: int
) -> None:
    """From the first frame in which it is seen, before its fields are in it, through asking, stopping, asking again."""
    visit = open_page(viewport={"width": width, "height": height})
    page = visit.page
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.add_init_script(WATCH_SHIFTS)
    page.add_init_script(
        """
        window.feet = {};
        const look = () => {
            const box = document.querySelector("#composer");
            if (box?.checkVisibility({ visibilityProperty: true })) {
                const { top, bottom } = box.getBoundingClientRect();
                const field = document.querySelector("#question textarea")?.clientWidth ?? "no";
                const doing = document.querySelector(".turn.is-working") ? "working" : "waiting";
                window.feet[`${Math.round(top)} to ${Math.round(innerHeight - bottom)}`] ??= `${doing}, field ${field} px`;
            }
            requestAnimationFrame(look);
        };
        look();
        """
    )
    page.reload()
    page.wait_for_selector("#talk .empty")
    visit.ask("Is it open?")  # in one line: a longer one makes the box itself grow
    page.fill("#question textarea", "Which apps?")
    page.keyboard.press("Enter")
    page.locator("#t2.is-working, #t2.is-done").wait_for()
    page.evaluate("document.querySelector('#t2.is-working') && document.querySelector('#stop').click()")
    page.wait_for_selector(":is(#t2.is-stopped, #t2.is-done)")
    visit.ask("Who leads it?", turn=3)
    page.wait_for_timeout(300)
    feet, shifts = page.evaluate("[window.feet, window.shifts]")
    page.fill(
        "#question textarea",
        "How well does it do in tests of coding and of reasoning, and who measured that?",
    )
    page.wait_for_timeout(200)
    hidden = page.evaluate(
        "(f => f.scrollHeight - f.clientHeight)(document.querySelector('#question textarea'))"
    )
    page.context.close()
    assert len(feet) == 1, feet
    assert next(iter(feet)).endswith(" to 0")
    assert sum(shifts) < 0.05, shifts
    assert hidden <= 0, "a question in several lines is cut"


def test_reduced_motion_moves_nothing(open_page: Callable[..., Visit]) -> None:
    visit = open_page(reduced_motion="reduce")
    page = visit.page
    visit.ask("Which apps will get Muse Spark?")
    page.locator("#t1 .text button.marker").first.click()
    page.wait_for_selector("#quote")
    moving = page.evaluate("document.getAnimations().filter(a => a.playState === 'running').length")
    page.context.close()
    assert moving == 0
