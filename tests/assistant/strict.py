"""A rule stricter than the verifier's own: every word of a written sentence has to be accounted for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from assistant.extractive import DIFFER, NEAREST, NO_ANSWER, PARTLY, SILENT_ON, spoken
from assistant.generative import IN_THEIR_WORDS
from assistant.models import MARKER, Answer, Citation, Sentence
from assistant.terms import content_words, figures, names

FIXED = {DIFFER, NEAREST, NO_ANSWER, PARTLY, SILENT_ON, IN_THEIR_WORDS}
#: Words with which one reports what somebody said, and which state nothing themselves.
REPORTING = content_words(
    "according say says said saying report reports reported reporting state states stated describe describes described "
    "note notes noted write writes wrote article articles source sources quote quotes also however because while which "
    "there that this these those its their it they he she"
)

#: Words of which one may stand for another.
ALIKE = [
    content_words(words) for words in ("released published launched unveiled came", "firm company maker")
]


def is_written(sentence: Sentence, answer: Answer) -> bool:
    """Whether a model wrote the sentence: it is neither a fixed phrase nor an article's own words in quotation marks."""
    if sentence.text in FIXED:
        return False
    flat = " ".join(sentence.text.split())
    return not any("“" in flat and " ".join(c.quote.split())[:40] in flat for c in answer.citations)


def _day(day: date | None) -> str:
    # "Undated" is what the model is told of an article without a date, and is true of it.
    return f"{spoken(day)} {day.isoformat()} {day:%Y %m %d}" if day else "undated"


def unaccounted(sentence: Sentence, answer: Answer) -> set[str]:
    """Words, figures and names of a sentence that none of the quotes it cites has, nor who published them and when."""
    cited: Mapping[int, Citation] = {c.marker: c for c in answer.citations}
    missing = {f"[{m}]" for m in map(int, MARKER.findall(sentence.text)) if m not in cited}
    if not sentence.markers:
        missing.add("no marker")
    text = MARKER.sub("", sentence.text)
    sources = " \n ".join(
        f"{c.quote} {c.publisher} {c.title} {_day(c.published)}"
        for m, c in cited.items()
        if m in sentence.markers
    )
    held = content_words(sources)
    held |= {w for group in ALIKE if group & held for w in group}
    missing |= content_words(text) - held - REPORTING
    missing |= {str(f) for f in figures(text) - figures(sources)}
    low = sources.lower()
    missing |= {n for n in names(text) if not all(w.lower() in low for w in re.findall(r"\w+", n))}
    return missing
