"""A folder for another launch: its launch.toml, and room for articles."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

from corpus.errors import CorpusError
from corpus.naming import LAUNCH_FILE

_FILE = """\
# What the assistant knows of the launch itself; the articles beside this file hold everything else.

name = {name}
# Other ways to name the launch in a question.
aliases = []
company = {company}
# Claims that only these names make are marked as the company's own.
company_names = {companies}
tagline = {tagline}
# Shown on the empty page; only what the articles answer.
example_questions = []
"""


def begin_launch(name: str, *, company: str = "", parent: Path | None = None) -> Path:
    """Make a folder for a launch.

    Args:
        name: the launch's name, as people write it.
        company: who launches it; "" when that is to be filled in later.
        parent: where the folder goes; the working directory when None.

    Returns:
        The folder, called after the name.

    Raises:
        CorpusError: the name has no letter or digit, the folder is there already, or it cannot be written.
    """
    shown, maker = " ".join(name.split()), " ".join(company.split())
    slug = _slug(shown)
    if not slug:
        raise CorpusError(f"{name!r} has no letter or digit to call a folder by. Give the launch's name.")
    folder = (parent or Path()) / slug
    text = _FILE.format(
        name=_string(shown),
        company=_string(maker),
        companies=f"[{_string(maker)}]" if maker else "[]",
        tagline=_string(f"Ask about {shown}; every answer quotes the articles it rests on."),
    )
    try:
        folder.mkdir(parents=True)
        (folder / LAUNCH_FILE).write_text(text, "utf-8")
    except FileExistsError:
        raise CorpusError(
            f"{folder} is there already. Take another name, or go on with that folder."
        ) from None
    except OSError as exc:
        raise CorpusError(
            f"{folder} cannot be made ({exc.strerror}). Choose a folder that you may write to."
        ) from exc
    return folder


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^\w]+", "-", letters).strip("-_")[:80]


def _string(text: str) -> str:
    """A basic string of TOML, whose escapes are JSON's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
