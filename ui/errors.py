"""Errors of serving; the root of the tree is in corpus/errors.py.

ServeError
  PortInUseError                  something listens on that port already
  BusyError                       too many questions at once
  AccessError                     the file of users, or who may reach the page, cannot be as set
  FeedbackError                   what a reader said cannot be taken
    FeedbackStoreError            it could not be stored or read
"""

from __future__ import annotations

from corpus.errors import LaunchError


class ServeError(LaunchError):
    """The page could not be served."""


class PortInUseError(ServeError):
    """The port is taken."""


class BusyError(ServeError):
    """Too many questions wait, or one user asks too fast."""


class AccessError(ServeError):
    """The file of users cannot be used, or the page would stand open."""


class FeedbackError(ServeError):
    """What a reader said of an answer cannot be taken."""


class FeedbackStoreError(FeedbackError):
    """Feedback could not be stored or read."""


class ExportError(ServeError):
    """A fact-check pack cannot be written as asked."""
