"""Commands for whoever runs the server: `passwd` and `feedback`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

feedback_app = typer.Typer(help="What readers said of the answers.", no_args_is_help=True)


def passwd(
    name: Annotated[str, typer.Argument(help="The user's name.")],
    role: Annotated[str, typer.Option(help='"ask", or "curate": may also rebuild the index.')] = "ask",
) -> None:
    """Print a line for the file that chat --auth reads; asks for the password, or reads it from a pipe."""
    from ui.auth import Role, user_line
    from ui.errors import AccessError

    if role not in {r.value for r in Role}:
        raise AccessError(f'There is no role "{role}": take ask or curate.')
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    typer.echo(user_line(name, password, Role(role)))


@feedback_app.command(name="export")
def export_feedback(
    file: Annotated[Path, typer.Argument(help="Where the question set is written, as JSON lines.")],
    undecided: Annotated[
        Path | None, typer.Option(help="Write the questions that a person must label to this file.")
    ] = None,
) -> None:
    """Write a question set for `eval` from what readers said."""
    from assistant.settings import load_settings
    from ui.errors import FeedbackError
    from ui.feedback import Feedback, as_lines, export

    entries = Feedback.of_home(load_settings().home).entries()
    if not entries:
        raise FeedbackError("Nobody has said anything of an answer yet: there is nothing to export.")
    found = export(entries)
    for path, rows in ((file, found.cases), (undecided, found.undecided)):
        if path is not None:
            try:
                path.write_text(as_lines(rows), "utf-8")
            except OSError as exc:
                raise FeedbackError(f"{path} cannot be written ({exc.strerror}). Name another file.") from exc
    typer.echo(f"{file}: {len(found.cases)} questions", err=True)
    if found.undecided:
        where = undecided or "add --undecided FILE to keep them"
        typer.echo(f"{len(found.undecided)} questions need a person to say what is right ({where})", err=True)


def register(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command()(passwd)
    app.add_typer(feedback_app, name="feedback")
