"""What the page says of an answer in words, and the answer as text to paste. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from assistant.courtesy import WELCOME
from assistant.models import MARKER, Answer, Citation, Outcome
from assistant.witnesses import independent, tell_the_same
from corpus.models import Kind
from ui.markup import counted, safe_url, spoken_date

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
_KINDS = {
    Kind.STATEMENT: ("company statement", "company statements"),
    Kind.REPORTING: ("report", "reports"),
    Kind.ANALYSIS: ("analysis", "analyses"),
    Kind.RUMOUR: ("rumour", "rumours"),
    Kind.BRIEF: ("brief", "briefs"),
    Kind.UNKNOWN: ("article", "articles"),
}


def certainty(answer: Answer) -> str:
    """How well the answer is supported, in words.

    "Two reports agree", "One report, 8 April 2026; one more source agrees", "Reports differ", "Not in the sources". That
    reports agree is said only where every quote tells the same thing, and not of one publisher's articles among themselves;
    near-copies of one report count once.
    """
    if answer.text == WELCOME:
        return ""
    if answer.outcome is Outcome.NO_EVIDENCE:
        return "Not in the sources"
    if answer.conflicts:
        return "Reports differ"
    cited = list({c.article_id: c for c in answer.citations}.values())
    if not cited:
        return ""
    kinds = {c.kind for c in cited}
    one, many = _KINDS[Kind(kinds.pop())] if len(kinds) == 1 else ("source", "sources")
    number = _independent(answer, cited)
    words = f"{_number(number)} {one if number == 1 else many}"
    if number < len(cited):
        words += f" in {counted(len(cited), 'article', 'articles')}"
    voices = {c.publisher or c.article_id for c in cited}
    if min(number, len(voices)) > 1 and tell_the_same(
        answer.standalone_question, [c.quote for c in answer.citations]
    ):
        words += " agree"
    if len(cited) == 1:
        words += f", {spoken_date(cited[0].published)}"
    if answer.outcome is Outcome.PARTIAL:
        return f"In part: {words[0].lower()}{words[1:]}"
    if answer.agreeing:
        more = agreement(answer)
        words += f"; {more.lower()}" if number == 1 else f", and {more.lower()} with them"
    return words


def agreement(answer: Answer) -> str:
    """How many further sources agree: "Two more sources agree"; "" for none."""
    others = len(answer.agreeing)
    if not others:
        return ""
    return f"{_number(others)} more {'source agrees' if others == 1 else 'sources agree'}"


def _number(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def _independent(answer: Answer, cited: Sequence[Citation]) -> int:
    texts = {h.article.id: h.article.text for h in answer.hits}
    if all(c.article_id in texts for c in cited):
        return independent(texts[c.article_id] for c in cited)
    # A kept answer whose passages are gone from the index: what was counted when it was made is not exceeded.
    return min(len(cited), max(answer.witnesses, 1))


def time_left(seconds: float) -> str:
    """How long something still takes, no more exactly than anybody can know it."""
    if seconds < 90:
        tens = max(10, round(seconds / 10) * 10)
        return "a few seconds left" if seconds < 8 else f"about {tens} seconds left"
    return f"about {counted(round(seconds / 60), 'minute', 'minutes')} left"


def since(begun: datetime, now: datetime) -> str:
    """When something began: the server's clock, and how long ago for those who have another."""
    minutes = int((now - begun).total_seconds() // 60)
    ago = f"{counted(minutes, 'minute', 'minutes')} ago" if minutes >= 1 else "less than a minute ago"
    return f"since {begun:%H:%M}, {ago}"


def copy_text(answer: Answer) -> str:
    """The answer as plain text to paste: markers kept, every source under it."""
    lines = [answer.question, "", answer.text]
    if answer.citations:
        lines += ["", "Sources"]
    for c in answer.citations:
        where = ", ".join(
            x for x in (c.publisher, spoken_date(c.published), c.also, safe_url(c.url) or "") if x
        )
        lines.append(f"[{c.marker}] {c.title}. {where}\n    “{' '.join(c.quote.split())}”")
    return "\n".join(lines)


def bare_text(answer: Answer) -> str:
    """The answer's words alone, without markers and sources; a bracketed number of an article's own stays."""
    known = {c.marker for c in answer.citations}

    def without(text: str) -> str:
        return MARKER.sub(lambda m: "" if int(m.group(1)) in known else m.group(), text)

    parts = []
    for sentence in answer.sentences:
        body, closing, rest = sentence.text.rpartition("”")
        # Inside the quotation marks every character is the article's.
        parts.append(f"{body}{closing}{without(rest)}".strip())
    return " ".join(" ".join(parts).split()) if parts else " ".join(without(answer.text).split())
