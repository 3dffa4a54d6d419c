"""Assistants on small corpora, made of the real parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.chain import Assistant
from assistant.evidence import EvidenceModel
from assistant.evidence_onnx import BuiltInEvidence
from corpus.models import Article, Kind, Launch
from index import IndexConfig, Retriever, rebuild
from index.embedding import Embedder

MakeAssistant = Callable[..., Assistant]


def article(
    id: str,  # noqa: A002
    text: str,
    *,
    publisher: str = "The Daily",
    published: date | None = date(2025, 3, 1),
    kind: Kind = Kind.REPORTING,
    title: str | None = None,
) -> Article:
    return Article(id, title or id.replace("-", " "), publisher, None, published, None, kind, text)


@pytest.fixture(scope="session")
def evidence() -> EvidenceModel:
    return BuiltInEvidence()


@pytest.fixture
def make_assistant(tmp_path: Path, embedder: Embedder, evidence: EvidenceModel) -> MakeAssistant:
    count = 0

    def make(articles: list[Article], *, launch: Launch | None = None, **options: Any) -> Assistant:
        nonlocal count
        count += 1
        home = tmp_path / f"home {count}"
        rebuild(articles, home=home, config=IndexConfig(), embedder=embedder)
        retriever = Retriever.open(home, config=IndexConfig(), embedder=embedder)
        return Assistant(retriever, evidence, launch=launch, **options)

    return make
