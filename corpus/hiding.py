"""What style sheets hide, read in one pass: a page is made by strangers, and no page may cost more than its length."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_LONGEST_STYLE = 2_000
"""Characters of an attribute or a rule; what is longer was not written to be looked at."""

_LONGEST_SHEET = 500_000
_HIDING_VALUES = {
    "display": re.compile(r"none"),
    "visibility": re.compile(r"hidden|collapse"),
    "opacity": re.compile(r"0?(?:0|\.0{1,9})(?:\.0{1,9})?%?"),
    "font-size": re.compile(r"[01](?:\.\d{1,9})?(?:px|pt|em|rem|%)?"),
    **dict.fromkeys(("left", "top", "right", "text-indent", "margin-left"), re.compile(r"-\d{3}.*")),
    "clip": re.compile(r"rect\(0.*"),
    "clip-path": re.compile(r"inset\((?:50|100)%.*"),
    "color": re.compile(r"transparent|rgba\(\d{1,3},\d{1,3},\d{1,3},0\)"),
}
_NO_HEIGHT = re.compile(r"[01](?:px)?")
_BRACE = re.compile(r"[{}]")
_NAME = re.compile(r"[a-z0-9]*([.#])([\w-]+)", re.IGNORECASE)


def hides(style: str) -> bool:
    """Whether declarations take an element out of sight."""
    said: dict[str, str] = {}
    for declaration in style[:_LONGEST_STYLE].lower().split(";"):
        name, _, value = declaration.partition(":")
        said[name.strip()] = "".join(value.split()).removesuffix("!important")
    if any(name in said and values.fullmatch(said[name]) for name, values in _HIDING_VALUES.items()):
        return True
    flat = any(_NO_HEIGHT.fullmatch(said.get(name, "")) for name in ("height", "max-height"))
    return flat and said.get("overflow") in ("hidden", "clip")


def hidden_names(sheets: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return the classes and the ids that style sheets hide on every screen."""
    classes: set[str] = set()
    ids: set[str] = set()
    for sheet in sheets:
        for selectors, declarations in _rules(_without_comments(sheet[:_LONGEST_SHEET])):
            if len(selectors) <= _LONGEST_STYLE and hides(declarations):
                for selector in selectors.split(","):
                    if found := _NAME.fullmatch(selector.strip()):
                        (classes if found[1] == "." else ids).add(found[2])
    return classes, ids


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield the rules outside of @media and the like, whose rules hold on some screens only."""
    depth = 0
    start = 0
    selectors = ""
    for brace in _BRACE.finditer(sheet):
        between = sheet[start : brace.start()]
        start = brace.end()
        if brace[0] == "{":
            depth += 1
            # A rule inside a rule: neither counts.
            selectors = between.rpartition(";")[2].strip() if depth == 1 else ""
        else:
            if depth == 1 and selectors and not selectors.startswith("@"):
                yield selectors, between
            depth = max(0, depth - 1)


def _without_comments(sheet: str) -> str:
    kept = []
    place = 0
    while (begin := sheet.find("/*", place)) >= 0:
        kept.append(sheet[place:begin])
        end = sheet.find("*/", begin + 2)
        if end < 0:
            return "".join(kept)
        place = end + 2
    return "".join(kept) + sheet[place:]
