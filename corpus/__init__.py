"""Articles: reading them, and keeping them."""

from __future__ import annotations

from corpus.errors import ArticleError, CorpusError, EmptyCorpusError, LaunchError
from corpus.library import Library
from corpus.models import Article, Kind, Launch, Skipped

__all__ = [
    "Article",
    "ArticleError",
    "CorpusError",
    "EmptyCorpusError",
    "Kind",
    "Launch",
    "LaunchError",
    "Library",
    "Skipped",
]
