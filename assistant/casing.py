"""Capitals that a hurried question lacks, put back: "does muse spark have open weights" asks about Muse Spark.

Much of what is known of a question hangs on its names, and names are known by their capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.terms import names


def recase(question: str, texts: Iterable[str], *, own: Iterable[str] = ()) -> str:
    """The question with names written as the texts write them.

    But for the own names, only a question without capitals beside "I", or of nothing but capitals, is touched: whoever
    sets some, means them.

    Args:
        question: as it was asked.
        texts: where names are looked for; a name is one only if they hardly ever write it small.
        own: names that count wherever they stand (the launch's, the company's).
    """
    if question.isupper() and len(question.split()) > 2:
        question = question.lower()
    low = question.lower()
    known = {n.lower(): n for n in own if n}
    others = re.sub("|".join([r"\bI\b", *map(re.escape, known.values())]), "", question)
    if not any(c.isupper() for c in others[1:]):
        joined = "\n".join(texts)
        for name in names(joined):
            if name.lower() in low and name.lower() not in known and _is_name(name, joined):
                known[name.lower()] = name
    if not known:
        return question
    longest = sorted(known, key=len, reverse=True)
    pattern = rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest))})(?![\w-])"
    return re.sub(pattern, lambda m: known[m.group().lower()], question, flags=re.I)


def _is_name(name: str, text: str) -> bool:
    """Whether a text writes a name with its capitals throughout, and not only because it opens a sentence or heading."""
    small, large = (
        len(re.findall(rf"(?<![\w-]){re.escape(n)}(?![\w-])", text)) for n in (name.lower(), name)
    )
    if 3 * small > large:  # an address may write it small
        return False
    if any(c.isupper() for word in name.split() for c in word[1:]) or any(c.isdigit() for c in name):
        return True
    if re.search(
        rf"(?<![\w-]){re.escape(name)}\s\d+\.\d", text
    ):  # "Lumio 3.1" is a product wherever it stands
        return True
    # In the middle of a sentence, after a small word.
    return bool(re.search(rf"(?:^|\s)[a-z][\w'’-]*,?\s+{re.escape(name)}(?![\w-])", text))
