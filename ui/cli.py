"""The command `launch-assistant`. Answers go to stdout, everything else to stderr.

Exit status: 0, 1 for an error that the message explains (or quotes that `verify` finds changed), 2 for a wrong call,
130 after Ctrl-C. Everything heavy is imported inside the commands, so that --help and --version answer at once.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from corpus.errors import LaunchError
from ui import cli_corpus, cli_serve
from ui.terminal import JsonOption, before_a_person, progress, read_settings, say

app = typer.Typer(
    name="launch-assistant",
    help="Answers questions about a product launch from source articles, with exact quotes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"launch-assistant {version('launch-assistant')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is done, to stderr.")] = False,
) -> None:
    if verbose:
        import logging

        logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s: %(message)s")


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help='The question; "-" reads it from standard input.')],
    as_json: JsonOption = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="See only what had been published by that day."),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", help="Write a fact-check pack instead: json, markdown, csv or html."),
    ] = None,
) -> None:
    """Answer one question."""
    if form is not None:
        from ui.export import as_format

        chosen = as_format(form)
    settings = read_settings()
    if question == "-":
        question = sys.stdin.read()
    from assistant.chain import Assistant

    with progress("Building the index") as show:
        assistant = Assistant.from_settings(settings, on_progress=show)
    answer = assistant.answer(question, as_of=as_of.date() if as_of else None)
    if as_json:
        typer.echo(json.dumps(answer.to_dict(), ensure_ascii=False, indent=2))
        return
    if form is not None:
        from ui.export import fact_check_pack, write_pack

        pack = write_pack(fact_check_pack(answer, assistant.retriever.snapshot().articles()), chosen)
        # As bytes: a terminal's own encoding or line ends would change a file that this is kept in.
        typer.get_binary_stream("stdout").write(pack.encode())
        return
    if answer.understood_otherwise:
        say(f"I understood: {answer.standalone_question}")
    typer.echo(str(answer))
    for note in answer.notes:
        say(note)


@app.command()
def chat(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    open_browser: Annotated[
        bool | None,
        typer.Option(
            "--open/--no-open", help="Open the page in a browser; unless told, at a terminal with a screen."
        ),
    ] = None,
    auth: Annotated[
        Path | None, typer.Option(help="File of users who may come in; passwd makes its lines.")
    ] = None,
) -> None:
    """Serve the web chat until it is stopped."""
    settings = read_settings()
    given = (("port", port), ("host", host), ("auth", auth))
    changes = {name: value for name, value in given if value is not None}
    settings = settings.model_copy(update={"serve": settings.serve.model_copy(update=changes)})
    say("Starting the web chat; the first start loads the models and takes a moment.")
    from ui.server import serve

    serve(settings, open_browser=before_a_person() if open_browser is None else open_browser)


@app.command()
def articles(as_json: JsonOption = False) -> None:
    """List the articles that answers come from."""
    settings = read_settings()
    from corpus.library import Library

    reading = Library(settings.corpus, added=settings.articles_home).read()
    if as_json:
        rows: list[dict[str, Any]] = [
            {
                "id": a.id,
                "title": a.title,
                "publisher": a.publisher,
                "published": a.published.isoformat() if a.published else None,
                "kind": a.kind.value,
                "url": a.url,
                "words": len(a.text.split()),
            }
            for a in reading.articles
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for a in reading.articles:
            day = a.published.isoformat() if a.published else "undated   "
            typer.echo(f"{day}  {a.id}\n            {a.title}{f' ({a.publisher})' if a.publisher else ''}")
    for s in reading.skipped:
        say(f"Skipped {s.path}: {s.reason}")


@app.command(name="eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help="Questions as JSON lines; see tests/evals/README.md.")],
    launches: Annotated[
        Path | None, typer.Option(help="Folder of folders of articles, for questions that name their launch.")
    ] = None,
    compare: Annotated[
        list[str] | None,
        typer.Option(
            help="Measure again under another setting, as LAUNCH_NAME=VALUE; may be given several times."
        ),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Write accuracy against coverage to this SVG file.")
    ] = None,
    as_json: JsonOption = False,
    wrong: Annotated[
        bool, typer.Option("--wrong", help="Print what was answered wrongly, to stderr.")
    ] = False,
) -> None:
    """Measure the answers on a set of questions."""
    from ui.evaluate import run_evaluation

    typer.echo(
        run_evaluation(
            file, launches=launches, compare=compare or [], plot=plot, as_json=as_json, wrong=wrong
        )
    )


@app.command()
def verify(
    file: Annotated[
        Path, typer.Argument(help="An answer saved with ask --json, or a fact-check pack in any format.")
    ],
) -> None:
    """Say of each citation of a saved answer, or of a conversation's, whether it still stands.

    The exit status is 1 when any was changed or withdrawn.
    """
    settings = read_settings()
    from assistant.guard import Standing
    from index.retriever import Retriever
    from ui.saved import read_saved, standings

    answers = read_saved(file)
    today = {a.id: a for a in Retriever.open(settings.index_home, config=settings.index).articles()}
    fallen = 0
    for one in answers:
        if len(answers) > 1:
            typer.echo(one.get("question", ""))
        found = standings(one, today)
        for marker, standing in found:
            typer.echo(f"[{marker}] {standing.value}")
        fallen += sum(standing is not Standing.CURRENT for _, standing in found)
    if fallen:
        say(f"{fallen} of the quotes no longer stand in the articles as they are now.")
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Check that everything is in place, and say what to do where it is not."""
    from ui.doctor import checks

    failed = False
    for check in checks():
        typer.echo(f"{check.status:<5} {check.name}: {check.found}")
        failed |= check.status == "fail"
    if failed:
        raise typer.Exit(1)


cli_corpus.register(app)
cli_serve.register(app)


def main() -> None:
    """The console script."""
    try:
        app(standalone_mode=True)
    except LaunchError as exc:
        say(f"Error: {exc}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output went away; keep Python from complaining about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
