"""The reader and the reports on rebuilding, as HTML. Pure; see markup.py for what keeps foreign text from being markup."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from corpus.models import Article
from index.models import Progress, RebuildReport
from ui.markup import byline, carriers, counted, external_link, name, plain, spoken_date
from ui.wording import time_left

_STEPS = {
    "read": "Reading the articles",
    "embed": "Embedding passages",
    "move": "Moving what stays",
    "lexical": "Writing the word index",
    "commit": "Switching over",
    "clean": "Tidying up",
    "stop": "Stopping; the index stays as it was",
}
_UNITS = {"read": "files", "embed": "passages", "move": "passages", "lexical": "passages"}
_STOPPABLE = ("read", "embed", "move", "lexical")


def article_page(
    article: Article, quotes: Sequence[tuple[int, int, int]] = (), *, focus: int | None = None
) -> str:
    """An article's whole text, its quotes marked where they stand.

    Args:
        article: what to show.
        quotes: (marker, start, end) in characters of the text; those that lie outside it are left out.
        focus: the marker whose quote is the one to be read.
    """
    size = len(article.text)
    spans = sorted((s, e, m) for m, s, e in quotes if 0 <= s < e <= size)
    cuts = sorted({0, size, *(s for s, _, _ in spans), *(e for _, e, _ in spans)})
    parts: list[str] = []
    marked = False
    for start, end in itertools.pairwise(cuts):
        inside = [m for s, e, m in spans if s <= start and end <= e]
        piece = plain(article.text[start:end])
        if not inside:
            parts.append(piece)
            continue
        is_focus = focus in inside
        anchor = ' id="quote" tabindex="-1"' if is_focus and not marked else ""
        marked = marked or is_focus
        begun = "".join(f"<sup>{m}</sup>" for s, _, m in spans if s == start)
        parts.append(f'<mark class="{"is-focus" if is_focus else "is-other"}"{anchor}>{piece}{begun}</mark>')
    based = "".join(f'<li dir="auto">{plain(b)}</li>' for b in article.based_on)
    rests = f'<div class="based"><h3 class="eyebrow">Rests on</h3><ul>{based}</ul></div>' if based else ""
    updated = f"<p>Corrected {spoken_date(article.updated)}</p>" if article.updated else ""
    return (
        f'<p class="byline">{byline(article.publisher, article.published, article.kind.value)}</p>{carriers(article.also_published_by)}'
        f'<h2 id="reader-title" dir="auto">{name(article.title)}</h2>{updated}'
        f"{external_link(article.url, 'Read the original')}"
        f'<div class="body" dir="auto">{"".join(parts)}</div>{rests}'
    )


def reader_shell() -> str:
    """The dialog in which articles open, empty until one does; before it the way past everything to the question."""
    return (
        '<a class="skip" href="#question">To the question</a>'
        '<dialog id="reader" aria-labelledby="reader-title"><div class="reader-bar">'
        '<div class="reader-steps" id="reader-steps"></div>'
        '<button type="button" data-act="close" aria-label="Close the article"><span aria-hidden="true">×</span></button>'
        '</div><div class="reader-page" id="reader-page" tabindex="0" role="document"></div></dialog>'
    )


def rebuild_elsewhere(begun: str, *, follow: bool = False) -> str:
    """That a rebuild is running, and who began it when; with `follow` the page goes on to show how far it is."""
    more = " data-follow" if follow else ""
    return f'<div class="rebuild" role="status"{more}><p dir="auto">A rebuild is running, {plain(begun)}.</p></div>'


def rebuild_progress(
    progress: Progress, *, seconds_left: float | None = None, about: str = "", stoppable: bool = True
) -> str:
    """How far a rebuild is, in files or passages, and how long its step still takes where that is known.

    Args:
        progress: of the rebuild.
        seconds_left: of its step.
        about: who began it when, where it is not this page.
        stoppable: whether this page may stop it, as long as it can be stopped at all.
    """
    words = _STEPS.get(progress.step, progress.step)
    how_far = ""
    if progress.total and (unit := _UNITS.get(progress.step)):
        how_far = f"{progress.done:,} of {progress.total:,} {unit}"
        if seconds_left is not None and seconds_left >= 1:
            how_far += f", {time_left(seconds_left)}"
    look = " is-stoppable" if stoppable and progress.step in _STOPPABLE else ""
    whose = f'<p dir="auto">{plain(about)}</p>' if about else ""
    bar = f'max="{progress.total}" value="{progress.done}"' if progress.total else ""
    return (
        f'<div class="rebuild{look}" role="status">{whose}<p>{plain(words)} <span class="soft">{how_far}</span></p>'
        f'<progress {bar} aria-label="{plain(words)}"></progress></div>'
    )


def rebuild_report(report: RebuildReport) -> str:
    """What a rebuild did, and which files are not articles."""
    done = [
        f"{len(ids)} {word}"
        for ids, word in ((report.added, "added"), (report.changed, "changed"), (report.removed, "removed"))
        if ids
    ]
    said = ", ".join(done) if done else "nothing had changed"
    facts = (
        f"{counted(report.passages, 'passage', 'passages')} in all, {report.embedded:,} embedded anew, "
        f"{report.seconds:.1f} s"
    )
    skipped = "".join(
        f'<li><bdi class="file">{name(s.path)}</bdi>: <span dir="auto">{plain(s.reason)}</span></li>'
        for s in report.skipped
    )
    left_out = (
        f"<details open><summary>{counted(len(report.skipped), 'file', 'files')} left out</summary>"
        f"<ul>{skipped}</ul></details>"
        if skipped
        else ""
    )
    return (
        f'<div class="rebuild" role="status"><p>The index is up to date: {said}. '
        f'<span class="soft">{facts}</span></p>{left_out}</div>'
    )


def rebuild_problem(problem: str) -> str:
    """Why a rebuild did not happen."""
    return f'<div class="rebuild" role="alert"><p class="problem" dir="auto">{plain(problem)}</p></div>'
