"""The root of the error tree, and the errors of reading articles.

LaunchError                       its message is fit to show to a user and names the cure
  CorpusError                     ArticleError(path, reason), FetchError(url, reason), EmptyCorpusError
  IndexingError                   see index/errors.py
  AssistantError                  see assistant/errors.py
  ServeError                      see ui/errors.py
"""

from __future__ import annotations

from pathlib import Path


class LaunchError(Exception):
    """Something a user caused or can cure; the message says how."""


class CorpusError(LaunchError):
    """The articles could not be had."""


class ArticleError(CorpusError):
    """One file could not be read as an article; the others are not affected.

    Attributes:
        path: the file.
        reason: what is wrong with it, in a few words and without the path.
    """

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = str(path)
        self.reason = reason


class FetchError(CorpusError):
    """A web address could not be fetched, or must not be.

    Attributes:
        url: the address as it was asked for.
        reason: what is wrong with it, in a few words and without the address.
    """

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class EmptyCorpusError(CorpusError):
    """A folder holds no article that can be read."""
