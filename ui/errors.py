"""Errors of serving; the root of the tree is in corpus/errors.py.

ServeError
  PortInUseError                  something listens on that port already
"""

from __future__ import annotations

from corpus.errors import LaunchError


class ServeError(LaunchError):
    """The page could not be served."""


class PortInUseError(ServeError):
    """The port is taken."""
