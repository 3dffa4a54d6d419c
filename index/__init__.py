"""Passages of articles: cut, embedded, stored and found."""

from __future__ import annotations

from index.build import rebuild
from index.config import IndexConfig
from index.models import Hit, Passage, Progress, RebuildReport
from index.retriever import Retriever, Snapshot

__all__ = ["Hit", "IndexConfig", "Passage", "Progress", "RebuildReport", "Retriever", "Snapshot", "rebuild"]
