"""The page in a real browser: first content, layout shift, weight, time to the first sentence and to the answer."""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

QUESTIONS = ("What are the known weaknesses of Muse Spark?", "Which apps will get it?")
MOST_SECONDS, MOST_SHIFT = 1.5, 0.05
_WATCH = """
window.shifts = 0;
new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifts += shift.value;
}).observe({ type: "layout-shift", buffered: true });
"""
_PAINT = """() => new Promise((done) => new PerformanceObserver((list) => {
    const [first] = list.getEntriesByName("first-contentful-paint");
    if (first) done(first.startTime);
}).observe({ type: "paint", buffered: true }))"""
_WEIGHT = """() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
    .reduce((sum, entry) => sum + entry.transferSize, 0)"""


def main(argv: Sequence[str]) -> None:
    """Measure, and print a table; ends with status 1 when a bound is broken, or nothing can be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench page --")
    parser.add_argument("--loads", type=int, default=5, help="fresh loads for each width")
    loads = parser.parse_args(argv).loads
    chromium = next(
        (p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None
    )
    if chromium is None:
        raise SystemExit("No Chromium here; on Debian: apt install chromium")
    with tempfile.TemporaryDirectory() as home:
        url, stop = _serve(Path(home))
        try:
            kept = _measure(url, chromium, loads)
        finally:
            stop()
    if not kept:
        raise SystemExit(1)


def _serve(home: Path) -> tuple[str, Any]:
    from assistant.chain import Assistant
    from assistant.settings import load_settings
    from ui.server import listen, make_server, mount

    settings = load_settings().model_copy(update={"home": home})
    listener = listen("127.0.0.1", 0)
    server = make_server(mount(Assistant.from_settings(settings), settings), settings.serve)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)

    def stop() -> None:
        server.should_exit = True
        thread.join(timeout=15)
        listener.close()

    return f"http://127.0.0.1:{listener.getsockname()[1]}", stop


def _measure(url: str, chromium: str, loads: int) -> bool:
    """Print the figures; whether every bound was kept."""
    from playwright.sync_api import sync_playwright

    print(
        "| width | first content (s) | usable (s) | weight (KB) | first sentence (s) | answer (s) | shift, loading | shift, answering |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    worst_paint = worst_shift = 0.0
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for width in (390, 1280):
            rows = [_visit(browser, url, width) for _ in range(loads)]
            paint, usable, weight, first, whole, loading, answering = (
                statistics.median(column) for column in zip(*rows, strict=True)
            )
            worst_paint = max(worst_paint, *(row[0] for row in rows))
            worst_shift = max(worst_shift, *(row[-1] for row in rows), *(row[-2] for row in rows))
            print(
                f"| {width} | {paint:.2f} | {usable:.2f} | {weight / 1000:,.0f} | {first:.2f} | {whole:.2f} | "
                f"{loading:.4f} | {answering:.4f} |"
            )
        browser.close()
    bounds = (("first content, s", worst_paint, MOST_SECONDS), ("layout shift", worst_shift, MOST_SHIFT))
    for name, value, most in bounds:
        print(f"\n{name}: {value:.3f}, at most {most}: {'kept' if value <= most else 'NOT KEPT'}")
    return all(value <= most for _, value, most in bounds)


def _visit(browser: Any, url: str, width: int) -> tuple[float, ...]:
    """One load with an empty cache, and two questions."""
    context = browser.new_context(viewport={"width": width, "height": 860})
    page = context.new_page()
    page.add_init_script(_WATCH)
    begun = time.perf_counter()
    page.goto(url)
    page.wait_for_selector("#question textarea")
    usable = time.perf_counter() - begun
    paint = page.evaluate(_PAINT) / 1000
    page.wait_for_timeout(1500)
    loading = page.evaluate("window.shifts")
    weight = page.evaluate(_WEIGHT)
    page.evaluate("window.shifts = 0")
    asked = time.perf_counter()
    first = whole = 0.0
    for turn, question in enumerate(QUESTIONS, start=1):
        page.fill("#question textarea", question)
        asked = time.perf_counter()
        page.keyboard.press("Enter")
        page.wait_for_selector(f"#t{turn} .text :is(.quote, .phrase, .told)", timeout=60_000)
        first = first or time.perf_counter() - asked
        page.wait_for_selector(f"#t{turn}.is-done", timeout=60_000)
        whole = whole or time.perf_counter() - asked
        page.wait_for_timeout(800)
    answering = page.evaluate("window.shifts")
    context.close()
    return paint, usable, float(weight), first, whole, loading, answering
