"""The conversation as HTML. Pure: values in, text out; nothing here knows Gradio.

See markup.py for what keeps articles, questions and models from becoming markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.conflicts import same_witness
from assistant.models import MARKER, Answer, Citation, Conflict, Outcome
from corpus.models import Article, Kind, Launch
from index.models import Hit
from ui.markup import article_button, attribute, byline, counted, external_link, plain, safe_url, spoken_date

PRODUCT = "launch-assistant"

_QUOTED = re.compile(r"^(?P<lead>[^“]{0,120})“(?P<quote>.*)”(?P<rest>(?:\s*\[\d+\])*)$", re.DOTALL)
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
_KINDS = {
    Kind.STATEMENT: ("company statement", "company statements"),
    Kind.REPORTING: ("report", "reports"),
    Kind.ANALYSIS: ("analysis", "analyses"),
    Kind.RUMOUR: ("rumour", "rumours"),
    Kind.BRIEF: ("brief", "briefs"),
    Kind.UNKNOWN: ("article", "articles"),
}


class State(StrEnum):
    """How far an exchange is."""

    WORKING = "working"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what has come of it so far.

    Attributes:
        question: as asked.
        state: how far it is.
        reading: passages and articles being read, or None before they are found.
        pieces: the sentences shown so far; the answer's own once it is there.
        answer: the finished answer, or None.
        problem: what went wrong, fit to show, or "".
    """

    question: str
    state: State = State.WORKING
    reading: tuple[int, int] | None = None
    pieces: tuple[str, ...] = ()
    answer: Answer | None = None
    problem: str = ""

    def retrieved(self, hits: Sequence[Hit]) -> Exchange:
        """With what is being read."""
        return replace(self, reading=(len(hits), len({h.article.id for h in hits})))

    def grown(self, piece: str) -> Exchange:
        """With one more sentence."""
        return replace(self, pieces=(*self.pieces, piece))

    def answered(self, answer: Answer) -> Exchange:
        """With the whole answer."""
        return replace(self, state=State.DONE, answer=answer, pieces=tuple(s.text for s in answer.sentences))


def certainty(answer: Answer) -> str:
    """How well the answer is supported, in words: "Two reports", "One report, 8 April 2026", "Reports differ"."""
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
    words = f"{_NUMBERS[number] if number < len(_NUMBERS) else number} {one if number == 1 else many}"
    if number < len(cited):
        words += f" in {counted(len(cited), 'article', 'articles')}"
    if len(cited) == 1:
        words += f", {spoken_date(cited[0].published)}"
    return f"In part: {words[0].lower()}{words[1:]}" if answer.outcome is Outcome.PARTIAL else words


def _independent(answer: Answer, cited: Sequence[Citation]) -> int:
    texts = {h.article.id: h.article.text for h in answer.hits}
    apart: list[str] = []
    for citation in cited:
        text = texts.get(citation.article_id, citation.article_id)
        if not any(same_witness(text, other) for other in apart):
            apart.append(text)
    return len(apart)


def copy_text(answer: Answer) -> str:
    """The answer as plain text to paste: markers kept, every source under it."""
    lines = [answer.question, "", answer.text]
    if answer.citations:
        lines += ["", "Sources"]
    for c in answer.citations:
        where = ", ".join(x for x in (c.publisher, spoken_date(c.published), safe_url(c.url) or "") if x)
        lines.append(f"[{c.marker}] {c.title}. {where}\n    “{' '.join(c.quote.split())}”")
    return "\n".join(lines)


def sentence(text: str, citations: Sequence[Citation], *, ready: bool) -> str:
    """One sentence of an answer; its markers become buttons, which work once the answer is `ready`."""
    known = {c.marker: c for c in citations}

    def words(raw: str) -> str:
        parts: list[str] = []
        at = 0
        for found in MARKER.finditer(raw):
            number = int(found.group(1))
            if ready and number not in known:
                continue
            parts += [plain(raw[at : found.start()]), _marker(number, known.get(number))]
            at = found.end()
        return "".join((*parts, plain(raw[at:])))

    quoted = _QUOTED.match(text)
    if quoted is None:
        kind = "said" if MARKER.search(text) else "phrase"
        return f'<p class="{kind}" dir="auto">{words(text)}</p>'
    # Only what follows the closing quotation mark is ours: a bracketed number inside belongs to the article.
    lead = f'<span class="lead">{plain(quoted["lead"].strip())}</span> ' if quoted["lead"].strip() else ""
    return (
        f'<p class="quote">{lead}<q dir="auto">{plain(quoted["quote"])}</q>'
        f'<span class="markers">{words(quoted["rest"])}</span></p>'
    )


def _marker(number: int, citation: Citation | None) -> str:
    if citation is None:
        return f'<button type="button" class="marker" disabled>{number}</button>'
    label = f"Source {number}: {citation.publisher or citation.title}, {spoken_date(citation.published)}. Open at the quote."
    return f'<button type="button" class="marker" data-marker="{number}" aria-label="{attribute(label)}">{number}</button>'


def source_cards(answer: Answer, turn: int) -> str:
    """One card per cited article, in the order of the markers."""
    by_article: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_article.setdefault(citation.article_id, []).append(citation)
    cards = "".join(_card(group, turn) for group in by_article.values())
    if not cards:
        return ""
    heading = "Nearest" if answer.outcome is Outcome.NO_EVIDENCE else "Sources"
    return f'<h3 class="eyebrow">{heading}</h3><ol class="cards">{cards}</ol>'


def _card(group: Sequence[Citation], turn: int) -> str:
    first = group[0]
    quotes = "".join(
        f'<li data-quote="{c.marker}"><button type="button" class="marker" data-marker="{c.marker}" '
        f'aria-label="Open the article at quote {c.marker}">{c.marker}</button>'
        f'<q dir="auto">{plain(" ".join(c.quote.split()))}</q></li>'
        for c in group
    )
    markers = " ".join(str(c.marker) for c in group)
    return (
        f'<li class="card" id="t{turn}-s{first.marker}" data-markers="{markers}">'
        f'<p class="byline">{byline(first.publisher, first.published, first.kind)}</p>'
        f'<h4><button type="button" class="open" data-marker="{first.marker}" dir="auto">{plain(first.title)}</button></h4>'
        f'<ul class="quotes">{quotes}</ul>{external_link(first.url, "Original")}</li>'
    )


def _conflicts(conflicts: Iterable[Conflict], citations: Sequence[Citation], question: str) -> str:
    known = {c.marker: c for c in citations}
    rows = []
    for conflict in conflicts:
        sides = "".join(
            f'<li><bdi class="value">{plain(side.value)}</bdi>'
            f'<span class="markers">{"".join(_marker(m, known[m]) for m in side.markers if m in known)}</span></li>'
            for side in conflict.sides
        )
        # Under its own question a subject that only repeats it says nothing.
        repeats = conflict.subject.strip(" ?").lower() in ("", question.strip(" ?").lower())
        about = "" if repeats else f": <bdi>{plain(conflict.subject)}</bdi>"
        rows.append(
            f'<div class="conflict"><p class="eyebrow">Reports differ{about}</p><ul>{sides}</ul></div>'
        )
    return "".join(rows)


def _status(exchange: Exchange) -> tuple[str, str]:
    """The line over an answer, and its look."""
    if exchange.state is State.WORKING:
        if exchange.reading is None:
            return "Looking through the sources", "busy"
        passages, articles = exchange.reading
        found = counted(passages, "passage", "passages"), counted(articles, "article", "articles")
        return f"Reading {found[0]} from {found[1]}", "busy"
    if exchange.state is State.STOPPED:
        return "Stopped", "quiet"
    if exchange.answer is None:
        return "No answer", "problem"
    look = "differ" if exchange.answer.conflicts else exchange.answer.outcome.value.replace("_", "-")
    return certainty(exchange.answer), look


def turn(exchange: Exchange, number: int, *, last: bool) -> str:
    """A question and its answer, sources beside it."""
    answer = exchange.answer
    citations = answer.citations if answer else ()
    status, look = _status(exchange)
    body = "".join(sentence(p, citations, ready=answer is not None) for p in exchange.pieces)
    if exchange.state is State.WORKING and not body:
        body = '<div class="lines" aria-hidden="true"><i></i><i></i><i></i></div>'
    if exchange.state is State.STOPPED and not body:
        body = '<p class="phrase">Stopped before an answer was found.</p>'
    if exchange.problem:
        body += f'<p class="problem" dir="auto">{plain(exchange.problem)}</p>'
    small = ""
    if answer:
        body += _conflicts(answer.conflicts, citations, answer.standalone_question)
        if " ".join(answer.standalone_question.split()) != " ".join(exchange.question.split()):
            small += f"<p>Understood as: <bdi>{plain(answer.standalone_question)}</bdi></p>"
        small += "".join(f'<p dir="auto">{plain(note)}</p>' for note in answer.notes)
    spans = [[c.marker, c.article_id, c.digest, c.start, c.end] for c in citations]
    return (
        f'<article class="turn is-{exchange.state.value}" id="t{number}" data-turn="{number}" '
        f'data-quotes="{attribute(spans)}" aria-label="Question {number}">'
        f'<h2 class="question" dir="auto">{plain(exchange.question)}</h2>'
        f'<div class="answer"><p class="status is-{look}">{plain(status)}</p><div class="text">{body}</div>'
        f'<div class="small">{small}</div>{_actions(exchange, last=last)}</div>'
        f'<aside class="sources" aria-label="Sources of answer {number}">'
        f"{source_cards(answer, number) if answer else ''}</aside></article>"
    )


def _actions(exchange: Exchange, *, last: bool) -> str:
    if exchange.state is State.WORKING:
        return '<div class="actions"></div>'
    buttons = []
    if exchange.answer:
        copied = attribute(copy_text(exchange.answer))
        buttons.append(
            f'<button type="button" data-act="copy" data-copy="{copied}">Copy with sources</button>'
        )
    buttons.append(
        f'<button type="button" data-act="edit" data-question="{attribute(exchange.question)}">Edit question</button>'
    )
    if last:
        buttons.append('<button type="button" data-act="retry">Ask again</button>')
    return f'<div class="actions">{"".join(buttons)}</div>'


def conversation(exchanges: Sequence[Exchange], launch: Launch, *, articles: Sequence[Article] = ()) -> str:
    """The whole conversation; before the first question, what may be asked and of which articles."""
    turns = "".join(turn(e, n, last=n == len(exchanges)) for n, e in enumerate(exchanges, 1))
    said = _announcement(exchanges[-1]) if exchanges else ""
    live = f'<p class="sr" role="status" aria-live="polite" id="live">{plain(said)}</p>'
    return f'<div class="talk">{live}{turns or _empty(launch, articles)}</div>'


def _announcement(exchange: Exchange) -> str:
    """What a screen reader says: the state while working, the whole answer once it is there."""
    status, _ = _status(exchange)
    if exchange.answer:
        return f"{status}. {exchange.answer.text}"
    return f"{status}. {exchange.problem}".strip() if exchange.problem else status


def _empty(launch: Launch, articles: Sequence[Article]) -> str:
    chips = "".join(
        f'<li><button type="button" class="chip" data-act="ask" data-question="{attribute(q)}" dir="auto">'
        f"{plain(q)}</button></li>"
        for q in launch.example_questions[:6]
    )
    about = counted(len(articles), "article", "articles") if articles else "the articles"
    examples = f'<h3 class="eyebrow">For example</h3><ul class="chips">{chips}</ul>' if chips else ""
    dated = sorted((a for a in articles if a.published), key=lambda a: (a.published, a.id), reverse=True)
    latest = "".join(
        f'<li><p class="byline">{byline(a.publisher, a.published)}</p>{article_button(a)}</li>'
        for a in dated[:5]
    )
    newest = f'<aside class="latest"><h3 class="eyebrow">Latest articles</h3><ul>{latest}</ul></aside>'
    return (
        '<section class="empty"><div><h2>Ask, and check.</h2>'
        f'<p class="promise">Every sentence of an answer is tied to an exact quote from {about}. '
        "When they do not say, you are told so.</p>"
        f"{examples}</div>{newest if latest else ''}</section>"
    )


def header(launch: Launch) -> str:
    """The page's head: what the launch is called, and its one line."""
    tagline = launch.tagline or "Answers from your articles, with the quotes they rest on"
    return (
        f'<header class="masthead"><h1 dir="auto">{plain(launch.name or PRODUCT)}</h1>'
        f'<p class="tagline" dir="auto">{plain(tagline)}</p></header>'
    )
