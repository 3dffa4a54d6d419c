"""The conversation as HTML. Pure: values in, text out; nothing here knows Gradio.

See markup.py for what keeps articles, questions and models from becoming markup.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence

from assistant.models import MARKER, Answer, Citation, Conflict, Outcome
from corpus.models import Article, Launch
from ui.exchange import Exchange, State
from ui.markup import (
    article_button,
    attribute,
    byline,
    carriers,
    counted,
    external_link,
    name,
    plain,
    spoken_date,
)
from ui.wording import agreement, bare_text, certainty, copy_text

PRODUCT = "launch-assistant"

_QUOTED = re.compile(r"^(?P<lead>[^“]{0,120})“(?P<quote>.*)”(?P<rest>(?:\s*\[\d+\])*)$", re.DOTALL)


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
        kind = "told" if MARKER.search(text) else "phrase"
        return f'<p class="{kind}"{_marked(text, known)} dir="auto">{words(text)}</p>'
    # Only what follows the closing quotation mark is ours: a bracketed number inside belongs to the article.
    marked, markers = _marked(quoted["rest"], known), f'<span class="markers">{words(quoted["rest"])}</span>'
    lead = quoted["lead"].strip()
    if not lead:
        # The whole paragraph runs in the direction of the quote.
        return f'<p class="quote"{marked} dir="auto"><q>{plain(quoted["quote"])}</q>{markers}</p>'
    return (
        f'<p class="quote"{marked}><span class="lead">{plain(lead)}</span> '
        f'<q dir="auto">{plain(quoted["quote"])}</q>{markers}</p>'
    )


def _marked(text: str, known: Container[int]) -> str:
    """Which quotes a sentence rests on, for the page to light them up with it."""
    numbers = dict.fromkeys(int(m) for m in MARKER.findall(text) if int(m) in known)
    return f' data-markers="{" ".join(map(str, numbers))}"' if numbers else ""


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
    return f'<h3 class="eyebrow">{heading}</h3><ol class="cards">{cards}</ol>{_agreeing(answer)}'


def _card(group: Sequence[Citation], turn: int) -> str:
    first = group[0]
    markers = " ".join(str(c.marker) for c in group)
    return (
        f'<li class="card" id="t{turn}-s{first.marker}" data-markers="{markers}">'
        f'<p class="byline">{byline(first.publisher, first.published, first.kind)}</p>{carriers(first.also_published_by)}'
        f'<h4><button type="button" class="open" data-marker="{first.marker}" dir="auto">{name(first.title)}</button></h4>'
        f'{_quotes(group)}<p class="foot">{external_link(first.url, "Original")}'
        f'<button type="button" class="quiet" data-act="wrong" data-cited="{first.marker}" '
        f'aria-label="Report a wrong citation of {attribute(first.title)}">Wrong citation?</button></p></li>'
    )


def _quotes(group: Sequence[Citation]) -> str:
    rows = "".join(
        f'<li data-quote="{c.marker}"><button type="button" class="marker" data-marker="{c.marker}" '
        f'aria-label="Open the article at quote {c.marker}">{c.marker}</button>'
        f'<q dir="auto">{plain(" ".join(c.quote.split()))}</q></li>'
        for c in group
    )
    return f'<ul class="quotes">{rows}</ul>'


def _agreeing(answer: Answer) -> str:
    """The further reports that say the same, folded away."""
    rows = "".join(
        f'<li><p class="byline">{byline(c.publisher, c.published, c.kind)}</p>{carriers(c.also_published_by)}{_quotes([c])}</li>'
        for c in answer.agreeing
    )
    return (
        f'<details class="agreeing"><summary>{agreement(answer)}</summary><ul>{rows}</ul></details>'
        if rows
        else ""
    )


def _conflicts(conflicts: Iterable[Conflict], citations: Sequence[Citation], question: str) -> str:
    known = {c.marker: c for c in citations}
    rows = []
    for conflict in conflicts:
        sides = "".join(
            f'<li data-markers="{" ".join(str(m) for m in side.markers if m in known)}"><bdi class="value">{plain(side.value)}</bdi>'
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
        if answer.understood_otherwise:
            small += f"<p>Understood as: <bdi>{plain(answer.standalone_question)}</bdi></p>"
        small += "".join(f'<p dir="auto">{plain(note)}</p>' for note in answer.notes)
    quoted = (*citations, *(answer.agreeing if answer else ()))
    spans = [[c.marker, c.article_id, c.digest, c.start, c.end] for c in quoted]
    return (
        f'<article class="turn is-{exchange.state.value}" id="t{number}" data-turn="{number}" '
        f'data-quotes="{attribute(spans)}" aria-label="Question {number}">'
        f'<h2 class="question" dir="auto">{plain(exchange.question)}</h2>'
        f'<div class="answer"><p class="status is-{look}"><span>{plain(status)}</span>{_as_of(exchange)}</p><div class="text">{body}</div>'
        f'<div class="small">{small}</div>{_actions(exchange, last=last)}</div>'
        f'<aside class="sources" aria-label="Sources of answer {number}">'
        f'{source_cards(answer, number) if answer else ""}</aside><div class="next"></div></article>'
    )


def _as_of(exchange: Exchange) -> str:
    if exchange.as_of is None:
        return ""
    day = f'<time datetime="{exchange.as_of.isoformat()}">{spoken_date(exchange.as_of)}</time>'
    return f'<span class="as-of">Published by {day}</span>'


def _actions(exchange: Exchange, *, last: bool) -> str:
    if exchange.state is State.WORKING:
        return '<div class="actions"></div>'
    question = attribute(exchange.question)
    buttons = []
    if exchange.answer:
        copied = [
            (copy_text(exchange.answer), "Copy with sources"),
            (bare_text(exchange.answer), "Copy text only"),
        ]
        if not exchange.answer.citations:
            copied = [(copy_text(exchange.answer), "Copy")]
        buttons += [_button("copy", words, f' data-copy="{attribute(text)}"') for text, words in copied]
    if last:
        buttons.append(_button("edit", "Edit question", f' data-question="{question}"'))
        buttons.append(_button("retry", "Ask again"))
    else:
        buttons.append(_button("reuse", "Use this question", f' data-question="{question}"'))
    said = ""
    if exchange.answer:
        said = (
            '<div class="verdict"><button type="button" class="icon up" data-act="up" aria-pressed="false" '
            'aria-label="Good answer" title="Good answer"></button>'
            '<button type="button" class="icon down" data-act="down" aria-pressed="false" aria-expanded="false" '
            'aria-label="Something is wrong" title="Something is wrong"></button></div>'
        )
    return f'<div class="actions"><div class="doings">{"".join(buttons)}</div>{said}</div><p class="said" role="status"></p>'


def _button(act: str, words: str, more: str = "") -> str:
    return f'<button type="button" data-act="{act}"{more}>{words}</button>'


def conversation(
    exchanges: Sequence[Exchange], launch: Launch, *, key: str = "", articles: Sequence[Article] = ()
) -> list[str]:
    """The whole conversation; before the first question, what may be asked and of which articles.

    In parts, one for each turn, so that while an answer grows only its own part has to be sent. `key` is the browser's
    name for the conversation: by it the script knows whose questions stand on the page.
    """
    turns = [turn(e, n, last=n == len(exchanges)) for n, e in enumerate(exchanges, 1)]
    said = _announcement(exchanges[-1]) if exchanges else ""
    named = f'data-talk="{attribute(key)}"'
    live = f'<p class="sr" role="status" aria-live="polite" id="live" {named}>{plain(said)}</p>'
    return [live, *(turns or [_empty(launch, articles)])]


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
        f'{examples}<p class="programs"><a href="./api">For programs: ask over HTTP</a></p></div>'
        f"{newest if latest else ''}</section>"
    )


_FORMATS = (
    ("markdown", "Markdown"),
    ("html", "Page to print"),
    ("csv", "Table (CSV)"),
    ("json", "JSON, to verify later"),
)


def tools() -> str:
    """What is done with whole conversations: choose one, save this one, begin another."""
    formats = "".join(
        f'<li><button type="button" data-act="save" data-format="{form}">{words}</button></li>'
        for form, words in _FORMATS
    )
    return (
        '<button type="button" class="tool" id="conversations" data-act="talks" aria-haspopup="dialog"><span class="wide">Conversations</span><span class="narrow">Past</span></button>'
        '<details class="menu" id="save"><summary class="tool">Save</summary>'
        f'<div class="sheet"><p class="eyebrow">Fact-check pack of this conversation</p><ul>{formats}</ul></div></details>'
        '<button type="button" class="tool" id="new" data-act="new"><span class="wide">New conversation</span>'
        '<span class="narrow">New</span></button>'
    )


def talks_shell() -> str:
    """The dialog that lists the conversations in this browser; the page's script fills it."""
    return (
        '<dialog id="talks" aria-labelledby="talks-title"><div class="sheet-bar">'
        '<h2 id="talks-title">Conversations</h2><button type="button" class="close" data-act="close" '
        'aria-label="Close the list"><span aria-hidden="true">×</span></button></div>'
        '<div class="sheet-page"><p class="said" role="status" id="talks-said"></p><ul id="talks-list"></ul>'
        '<p class="soft">Kept in this browser only. Whoever uses it can read them.</p></div></dialog>'
    )


def header(launch: Launch) -> str:
    """The page's head: what the launch is called, and its one line."""
    tagline = launch.tagline or "Answers from your articles, with the quotes they rest on"
    return (
        f'<header class="masthead"><h1 dir="auto">{plain(launch.name or PRODUCT)}</h1>'
        f'<p class="tagline" dir="auto">{plain(tagline)}</p></header>'
    )
