"""The Articles tab as HTML: the table, the timeline, and what was read before it is kept.

Pure; see markup.py for what keeps foreign text from being markup.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from corpus.adding import AddReport
from corpus.models import Article, Kind, Skipped
from ui.markup import article_button, attribute, byline, counted, external_link, name, plain, spoken_date

_PREVIEW_CHARS = 420


def shelf_heading() -> str:
    """The head of the Articles tab: its search field, and the choice of table or timeline."""
    return (
        '<div class="shelf-head"><h2>Articles</h2><label class="sr" for="shelf-search">Search the articles</label>'
        '<input type="search" id="shelf-search" placeholder="Search titles and texts" autocomplete="off">'
        '<div class="views" role="group" aria-label="Show as">'
        '<button type="button" data-act="view" data-view="table" aria-pressed="true">Table</button>'
        '<button type="button" data-act="view" data-view="timeline" aria-pressed="false">Timeline</button>'
        "</div></div>"
    )


def shelf(
    articles: Sequence[Article],
    passages: Mapping[str, int],
    *,
    added: Mapping[str, date] | None = None,
    cited: Mapping[str, int] | None = None,
    removable: bool = False,
) -> str:
    """The articles as a table and as a timeline, of which the page shows one.

    Args:
        articles: in any order.
        passages: how many, by article id.
        added: the day on which an article was added, by id; the others came with the launch.
        cited: how many answers cited an article since the server started, by id.
        removable: whether the reader may take added articles away.
    """
    total = counted(sum(passages.values()), "passage", "passages")
    return (
        f'<p class="summary" role="status">{counted(len(articles), "article", "articles")}, {total}. Cited: answers since the server started.</p>'
        f"{articles_table(articles, passages, added=added, cited=cited, removable=removable)}{timeline(articles)}"
        '<p class="nothing" hidden>No article matches.</p>'
    )


def articles_table(
    articles: Sequence[Article],
    passages: Mapping[str, int],
    *,
    added: Mapping[str, date] | None = None,
    cited: Mapping[str, int] | None = None,
    removable: bool = False,
) -> str:
    """The articles, newest first, undated ones last; each title opens its text."""
    ordered = sorted(articles, key=lambda a: (-(a.published or date.min).toordinal(), a.title))
    rows = "".join(
        _row(
            a,
            passages.get(a.id, 0),
            (cited or {}).get(a.id, 0),
            added=(added or {}).get(a.id),
            removable=removable,
        )
        for a in ordered
    )
    return (
        '<div class="table" data-shown="table" role="region" aria-label="Articles" tabindex="0"><table><thead><tr>'
        '<th scope="col">Title</th><th scope="col">Publisher</th><th scope="col">Published</th>'
        '<th scope="col">Kind</th><th scope="col" class="number">Passages</th>'
        '<th scope="col" class="number">Cited</th>'
        '<th scope="col">Added</th>'
        f'<th scope="col">Source</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _row(article: Article, passages: int, cited: int, *, added: date | None, removable: bool) -> str:
    who = f"<bdi>{name(article.publisher)}</bdi>" if article.publisher else ""
    kind = "" if article.kind is Kind.UNKNOWN else plain(article.kind.value)
    when = _time(added, short=True) if added else '<span class="soft">from the start</span>'
    unit = "passage" if passages == 1 else "passages"
    remove = ""
    if added and removable:
        remove = (
            f'<button type="button" class="quiet" data-act="remove" data-id="{attribute(article.id)}" '
            f'aria-label="Remove {attribute(article.title)}">Remove</button>'
        )
    return (
        f'<tr data-row><td data-label="Title">{article_button(article)}</td>'
        f'<td data-label="Publisher">{who}</td>'
        f'<td data-label="Published" class="when">{_time(article.published)}</td><td data-label="Kind">{kind}</td>'
        f'<td data-label="Passages" class="number" data-unit="{unit}">{passages:,}</td>'
        f'<td data-label="Cited" class="number" data-unit="{"answer" if cited == 1 else "answers"}">{cited:,}</td>'
        f'<td data-label="Added" class="added">{when}</td>'
        f'<td data-label="Source">{external_link(article.url, "Original")}{remove}</td></tr>'
    )


def _time(day: date | None, *, short: bool = False) -> str:
    if day is None:
        return spoken_date(None)
    words = f"{day.day} {day:%b %Y}" if short else spoken_date(day)
    return f'<time datetime="{day.isoformat()}">{words}</time>'


def timeline(articles: Sequence[Article]) -> str:
    """The launch as its articles tell it: month by month, oldest first, undated ones at the end."""
    dated = sorted((a for a in articles if a.published), key=lambda a: (a.published, a.title))
    months = [
        _month(f"{month:%B %Y}", list(group))
        for month, group in itertools.groupby(dated, key=lambda a: (a.published or date.min).replace(day=1))
    ]
    undated = sorted((a for a in articles if a.published is None), key=lambda a: a.title)
    if undated:
        months.append(_month("Undated", undated))
    return f'<ol class="timeline" data-shown="timeline" hidden>{"".join(months)}</ol>'


def _month(called: str, articles: Sequence[Article]) -> str:
    rows = []
    before: date | None = None
    for a in articles:
        # A day with several articles is named once.
        day = (
            f'<time datetime="{a.published.isoformat()}">{a.published.day} {a.published:%b}</time>'
            if a.published
            else ""
        )
        repeats = ' class="again"' if a.published and a.published == before else ""
        who = f'<p class="byline"><bdi class="publisher">{name(a.publisher)}</bdi></p>' if a.publisher else ""
        rows.append(f"<li data-row{repeats}>{day}<div>{article_button(a)}{who}</div></li>")
        before = a.published
    return f'<li class="month"><h3>{plain(called)}</h3><ol>{"".join(rows)}</ol></li>'


def preview(
    articles: Sequence[Article],
    skipped: Sequence[Skipped],
    *,
    remarks: Sequence[Sequence[str]] = (),
    cut: bool = False,
) -> str:
    """What was read, before it is kept; with what should be known of each article, in their order."""
    said = itertools.zip_longest(articles, remarks[: len(articles)], fillvalue=())
    read = "".join(_previewed(a, r) for a, r in said if isinstance(a, Article))
    more = "<p>There is more than is shown and kept at one time; add the rest by itself.</p>" if cut else ""
    head = (
        f"{counted(len(articles), 'article was', 'articles were')} read. Keep what is right."
        if articles
        else "No article was found."
    )
    return (
        f'<div class="preview" role="region" aria-label="What was read"><p class="head" role="status">{head}</p>{more}'
        f"<ol>{read}</ol>{_left_out(skipped)}</div>"
    )


def _previewed(article: Article, remarks: Iterable[object]) -> str:
    words = counted(len(article.text.split()), "word", "words")
    text = article.text.strip()
    shown = text if len(text) <= _PREVIEW_CHARS else f"{text[:_PREVIEW_CHARS].rsplit(' ', 1)[0]} …"
    kind = "" if article.kind is Kind.UNKNOWN else article.kind.value
    by = f" · by <bdi>{plain(', '.join(article.authors))}</bdi>" if article.authors else ""
    said = "".join(f'<p class="remark" dir="auto">{name(str(r))}</p>' for r in remarks)
    return (
        f'<li><p class="byline">{byline(article.publisher, article.published, kind)} · {words}{by}</p>'
        f'<h3 dir="auto">{name(article.title)}</h3>{said}<p class="text" dir="auto">{plain(shown)}</p>'
        f"{external_link(article.url, 'Original')}</li>"
    )


def _left_out(skipped: Sequence[Skipped]) -> str:
    rows = "".join(
        f'<li><bdi class="file">{name(s.path)}</bdi>: <span dir="auto">{plain(s.reason)}</span></li>'
        for s in skipped
    )
    return f'<div class="left-out"><p>Left out:</p><ul>{rows}</ul></div>' if rows else ""


def kept_report(report: AddReport) -> str:
    """What became of a preview that was kept."""
    counts = (
        (report.added, "added"),
        (report.updated, "replaced by newer text"),
        (report.unchanged, "known already"),
    )
    said = [f"{len(ids)} {words}" for ids, words in counts if ids]
    said += [
        f"a near-copy of {m.article_id}, noted as also published by {m.publisher}" for m in report.merged
    ]
    words = ", ".join(said) or "nothing was added"
    return (
        f'<div class="rebuild" role="status"><p dir="auto">{plain(words[:1].upper() + words[1:])}.</p>'
        f"{_left_out(report.skipped)}</div>"
    )


def removed_note(article_id: str, title: str) -> str:
    """That an article was removed, and the way back."""
    return (
        f'<div class="rebuild" role="status"><p>Removed: <bdi>{name(title)}</bdi>. '
        f'<button type="button" class="quiet" id="undo" data-act="unremove" data-id="{attribute(article_id)}">Undo</button></p></div>'
    )


def reading_progress(done: int, known: int) -> str:
    """How far the reading of sources is, and the way out of it."""
    how_far = f"{done:,} of {known:,}" if done else ""
    bar = f'max="{known}" value="{done}"' if done else ""
    return (
        f'<div class="rebuild" role="status"><p>Reading <span class="soft">{how_far}</span> '
        '<button type="button" class="quiet" id="call-off" data-act="call-off">Cancel</button></p>'
        f'<progress {bar} aria-label="Reading"></progress></div>'
    )


def own_folder(folder: str) -> str:
    """Why nothing can be added here: the articles are a folder of the reader's own."""
    return (
        f'<p class="soft" dir="auto">The articles are the files in <bdi>{name(folder)}</bdi>. '
        "Add or take away files there, then rebuild the index.</p>"
    )


def note(words: str) -> str:
    """A plain remark."""
    return f'<div class="rebuild" role="status"><p dir="auto">{plain(words)}</p></div>'
