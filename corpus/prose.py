"""Whether a text is prose, which articles are made of."""

from __future__ import annotations

import json

from corpus.errors import ArticleError

_LEAST_LETTERS = 0.6
"""Share of letters and spaces below which a text file is data, code or a log."""


def check_prose(text: str, shown: str) -> None:
    """Refuse what is no prose.

    Args:
        text: of a file.
        shown: the file's name or address, for the error.

    Raises:
        ArticleError: it is something else.
    """
    sample = text[:50_000]
    if not sample.strip():
        raise ArticleError(shown, "it is empty")
    if sample.lstrip()[:1] in "{[":
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            pass
        else:
            raise ArticleError(shown, "it is data (JSON) and no article")
    body = "".join(sample.split())
    letters = sum(1 for char in body if char.isalpha() or "\u0300" <= char <= "\u0dff")
    # Spaces between words count: a table of one word a line has none, and neither has what was encoded as text.
    longest = max((len(word) for word in sample.split()), default=0)
    if letters < _LEAST_LETTERS * len(body) or (longest > 2000 and len(sample.split()) < 20):
        raise ArticleError(shown, "it is data, code or a log and no article")
