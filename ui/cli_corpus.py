"""The commands that change what answers come from: adding and removing articles, rebuilding, snapshots."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ui.terminal import JsonOption, counting, progress, read_settings, say, stoppable

if TYPE_CHECKING:
    from assistant.settings import Settings
    from corpus.adding import AddReport
    from corpus.library import Library
    from index.embedding import Embedder
    from index.models import RebuildReport

INTERRUPTED = 130


class Engine(StrEnum):
    """What embeds a rebuild."""

    LOCAL = "local"
    RAY = "ray"


NoRebuild = Annotated[bool, typer.Option("--no-rebuild", help="Leave the index as it is; rebuild it later.")]


def register(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.command()(new)
    app.command()(rebuild)
    app.command()(add)
    app.command()(remove)
    app.command(name="restore-article")(restore_article)
    app.command()(snapshot)
    app.command()(snapshots)
    app.command()(restore)


def new(
    name: Annotated[str, typer.Argument(help="The launch's name, as people write it.")],
    company: Annotated[str, typer.Option(help="Who launches it.")] = "",
) -> None:
    """Begin another launch: make a folder for its articles, with a launch.toml to fill in."""
    from corpus.new_launch import begin_launch

    folder = begin_launch(name, company=company)
    typer.echo(folder)
    say(f"Put articles (.md or .txt) into {folder}, look at {folder / 'launch.toml'}, then:")
    say(f"  LAUNCH_CORPUS={shlex.quote(str(folder))} launch-assistant chat")


def rebuild(
    force: Annotated[bool, typer.Option("--force", help="Embed everything again.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, and rebuild whenever articles change, until Ctrl-C.")
    ] = False,
    wait: Annotated[
        float | None, typer.Option(min=0, help="Seconds to wait for another rebuild to end.")
    ] = None,
    engine: Annotated[
        Engine | None, typer.Option(help="What embeds: this process, or Ray workers (needs the extra ray).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the index up to date with the articles."""
    if watch and (dry_run or as_json):
        raise typer.BadParameter("--watch goes with neither --dry-run nor --json.")
    settings = read_settings()
    asked = {"lock_timeout": wait, "engine": engine.value if engine else None}
    index = settings.index.model_copy(update={k: v for k, v in asked.items() if v is not None})
    settings = settings.model_copy(update={"index": index})
    if dry_run:
        from index.plan import preview

        found, home = _library(settings).read(), settings.index_home
        report = preview(found.articles, home=home, config=settings.index, skipped=found.skipped, force=force)
    elif watch:
        _watch(settings, force=force)
        return
    else:
        report = run_rebuild(settings, force=force)
    if as_json:
        typer.echo(json.dumps(asdict(report), ensure_ascii=False, indent=2))
    else:
        typer.echo(rebuild_text(report, settings, dry_run=dry_run))


def _watch(settings: Settings, *, force: bool) -> None:
    from index.build import embedder_of
    from ui.watching import follow

    embedder = embedder_of(settings.index)

    with stoppable() as stopped:

        def act(first: bool) -> None:
            report = run_rebuild(settings, force=force and first, embedder=embedder, stopped=stopped)
            typer.echo(rebuild_text(report, settings))

        follow(_library(settings), act, stopped=stopped)
    say("Stopped watching.")


def run_rebuild(
    settings: Settings,
    *,
    force: bool = False,
    embedder: Embedder | None = None,
    stopped: Callable[[], bool] | None = None,
) -> RebuildReport:
    """Rebuild with a progress line; Ctrl-C leaves the old index in force and ends the command with status 130."""
    from assistant.rebuilding import rebuild_index
    from index.errors import RebuildCancelledError

    asked = nullcontext(stopped) if stopped else stoppable()
    try:
        with asked as cancelled, progress("Rebuilding") as show:
            return rebuild_index(
                settings, force=force, on_progress=show, cancelled=cancelled, embedder=embedder
            )
    except RebuildCancelledError as exc:
        message = str(exc)
    except KeyboardInterrupt:
        message = "The rebuild was stopped at once. The index still serves; run the rebuild again to finish."
    say(message)
    raise typer.Exit(INTERRUPTED)


def rebuild_text(report: RebuildReport, settings: Settings, *, dry_run: bool = False) -> str:
    """What a rebuild did, or would do, in lines."""
    counts = (("added", report.added), ("changed", report.changed), ("removed", report.removed))
    of = settings.corpus or "the shipped articles"
    if dry_run:
        head = (
            f"A rebuild of {of} would embed at most {report.embedded} of {report.passages} passages. "
            "Nothing was changed."
        )
    else:
        head = (
            f"Index of {of}, generation {report.generation}: "
            f"{report.passages} passages, {report.embedded} embedded in {report.seconds:.1f} s."
        )
    lines = [
        head,
        *(f"  {name}: {', '.join(ids)}" for name, ids in counts if ids),
        f"  unchanged: {len(report.unchanged)}",
    ]
    if report.skipped:
        lines.append(f"  skipped: {len(report.skipped)}")
        lines += [f"    {s.path}: {s.reason}" for s in report.skipped]
    return "\n".join(lines)


def add(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH_OR_URL...",
            help="Files (Markdown, text, HTML, PDF, DOCX), folders, web addresses, feeds, lists of addresses.",
        ),
    ],
    no_rebuild: NoRebuild = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch from this machine and private networks too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add articles, and bring the index up to date with them."""
    settings = read_settings()
    fetch = settings.fetch.model_copy(update={"allow_private": True}) if allow_private else settings.fetch
    library = _library(settings)
    try:
        with counting("Adding") as count:
            report = library.add(
                *sources,
                policy=fetch.policy(),
                on_progress=lambda done, known: count("reading", done, known),
            )
    except KeyboardInterrupt:
        say("Adding was stopped; what was already added stays. The same command goes on where it stopped.")
        raise typer.Exit(INTERRUPTED) from None
    if not as_json:
        typer.echo(_added_text(report))
    built = None if no_rebuild else run_rebuild(settings)
    if as_json:
        data = {"add": asdict(report), "rebuild": asdict(built) if built else None}
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
    elif built:
        typer.echo(rebuild_text(built, settings))
    else:
        say("The index was left as it is. Take the changes up with: launch-assistant rebuild")
    # A script must be able to tell that nothing of what it named could be used.
    if report.skipped and not (report.added or report.updated or report.merged or report.unchanged):
        raise typer.Exit(1)


def _added_text(report: AddReport) -> str:
    lines = [
        f"added: {len(report.added)}",
        *(f"  {i}" for i in report.added),
        *([f"changed: {len(report.updated)}", *(f"  {i}" for i in report.updated)] if report.updated else []),
    ]
    if report.merged:
        lines.append(f"near-copies: {len(report.merged)}")
        lines += [
            f"  {m.source}: of {m.article_id} ({m.similarity:.0%} the same); also published by {m.publisher}"
            for m in report.merged
        ]
    if report.unchanged:
        lines.append(f"unchanged: {len(report.unchanged)}")
    if report.skipped:
        lines.append(f"skipped: {len(report.skipped)}")
        lines += [f"  {s.path}: {s.reason}" for s in report.skipped]
    return "\n".join(lines)


def remove(
    article_id: Annotated[str, typer.Argument(metavar="ID", help="As launch-assistant articles lists it.")],
    no_rebuild: NoRebuild = False,
) -> None:
    """Take an added article away; restore-article brings it back."""
    _change(
        lambda library: library.remove(article_id),
        f"Removed {article_id}. Bring it back with: launch-assistant restore-article {article_id}",
        no_rebuild=no_rebuild,
    )


def restore_article(
    article_id: Annotated[str, typer.Argument(metavar="ID", help="Of the article that was removed.")],
    no_rebuild: NoRebuild = False,
) -> None:
    """Bring a removed article back."""
    _change(lambda library: library.restore(article_id), f"Restored {article_id}.", no_rebuild=no_rebuild)


def _change(act: Callable[[Library], object], done: str, *, no_rebuild: bool) -> None:
    settings = read_settings()
    act(_library(settings))
    typer.echo(done)
    if no_rebuild:
        say("The index was left as it is. Take the change up with: launch-assistant rebuild")
    else:
        typer.echo(rebuild_text(run_rebuild(settings), settings))


def snapshot(
    name: Annotated[
        str | None, typer.Argument(help="What to call it; the day and time when left out.")
    ] = None,
) -> None:
    """Name the index's state of now, to go back to it later."""
    settings = read_settings()
    from index.snapshots import take_snapshot

    taken = take_snapshot(settings.index_home, name, timeout=settings.index.lock_timeout)
    typer.echo(
        f"{taken.name}: {taken.articles} articles, {taken.passages} passages. "
        f"Go back with: launch-assistant restore {taken.name}"
    )


def snapshots(
    remove_one: Annotated[
        str | None, typer.Option("--remove", metavar="NAME", help="Take this snapshot away.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the named states of the index."""
    settings = read_settings()
    from index.snapshots import list_snapshots, remove_snapshot

    if remove_one is not None:
        remove_snapshot(settings.index_home, remove_one, timeout=settings.index.lock_timeout)
        say(f"Removed {remove_one}. The next rebuild frees its space.")
    found = list_snapshots(settings.index_home)
    if as_json:
        rows = [{**asdict(s), "taken": s.taken.isoformat() if s.taken else None} for s in found]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for s in found:
        told = f"{s.articles} articles, {s.passages} passages" if s.taken else "damaged"
        typer.echo(f"{f'{s.taken:%Y-%m-%d %H:%M:%S}' if s.taken else '':<19}  {s.name}: {told}")
    if not found and remove_one is None:
        say("There is no snapshot. Take one with: launch-assistant snapshot NAME")


def restore(name: Annotated[str, typer.Argument(help="As launch-assistant snapshots lists it.")]) -> None:
    """Make the index what it was when a snapshot was taken."""
    settings = read_settings()
    from index.recipe import fingerprint
    from index.snapshots import restore_snapshot

    manifest = restore_snapshot(
        settings.index_home,
        name,
        fingerprint=fingerprint(settings.index),
        timeout=settings.index.lock_timeout,
        config=settings.index,
    )
    typer.echo(f"The index is as it was at {name}: {len(manifest.articles)} articles.")
    say("The articles themselves were not changed: the next rebuild follows them again.")


def _library(settings: Settings) -> Library:
    from corpus.library import Library

    return Library(settings.corpus, added=settings.articles_home)
