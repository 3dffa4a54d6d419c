"""Commands for whoever runs the server: `passwd` and `feedback`."""

from __future__ import annotations

import sys
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


def register(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command()(passwd)
    app.add_typer(feedback_app, name="feedback")
