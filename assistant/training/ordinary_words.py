"""The words that a sentence may open with and name nobody: `python -m assistant.training.ordinary_words`.

Counted in the launch passages, where every name is invented: what stands there in small letters in several files, and
hardly ever with a capital within a sentence.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from assistant.ordinary import WORDS
from assistant.training.data import launch_files
from assistant.training.train import LAUNCHES

#: Ordinary words that are well-known companies, too.
COMPANIES = frozenset(
    """alphabet apple block bolt box chase chime delta discord gap grab harness indeed intel lemonade match monday
    neuralink notion nothing oracle orange palm plaid ring robin sage shell signal slack snowflake sprint square stripe sun
    target unity visa wise wish yelp zoom""".split()
)
FILES, SMALL_TO_CAPITAL = 2, 5

_LINE = re.compile(r"(?:S:|C\+:|C-:) (.*?)(?:\s*=>.*)?$")
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]+")
_OPENS = re.compile(r"(?:^|[.!?:;\"“(])\s*[\"“(]?$")


def ordinary(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The ordinary words of (name, text) of launch files, unsorted."""
    small, capital, files = Counter[str](), Counter[str](), defaultdict[str, set[str]](set)
    for name, text in texts:
        for line in text.splitlines():
            said = match[1].replace("’", "'") if (match := _LINE.match(line)) else ""
            for found in _WORD.finditer(said):
                word = found.group()
                if word.islower():
                    small[word] += 1
                    files[word].add(name)
                elif not _OPENS.search(said[: found.start()]):
                    capital[word.lower()] += 1
    for word, count in small.items():
        if len(files[word]) >= FILES and count >= SMALL_TO_CAPITAL * capital[word] and word not in COMPANIES:
            yield word


if __name__ == "__main__":
    WORDS.write_text("\n".join(sorted(ordinary(launch_files(LAUNCHES)))) + "\n", "utf-8")
