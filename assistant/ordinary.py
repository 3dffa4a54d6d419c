"""Ordinary words, which name nobody though they open a sentence with a capital: "Viewers may save films"."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

#: One word a line, made by assistant/training/ordinary_words.py.
WORDS = Path(__file__).with_name("ordinary.txt")


def is_ordinary(word: str) -> bool:
    """Whether a word, whatever its capitals, is no name by itself."""
    return word.lower() in _words()


def names_nobody(name: str, text: str) -> bool:
    """Whether what looks like a name is an ordinary word that opens the text: "Customers may keep it"."""
    return text.startswith(name) and is_ordinary(name)


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    return frozenset(WORDS.read_text("utf-8").split())
