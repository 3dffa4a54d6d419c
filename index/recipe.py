"""How an article becomes passages and what is embedded of them; its fingerprint tells one way from another."""

from __future__ import annotations

import hashlib
import json

from corpus.models import Article
from index.config import IndexConfig
from index.models import Passage
from index.passages import passages


def fingerprint(config: IndexConfig) -> str:
    """Of everything that decides what is stored and where: embedder, chunking, server, this code's own version of it."""
    parts: list[str | int] = ["3", config.embedder, config.passage_chars, config.overlap_sentences]
    if config.chroma_url:
        parts += [config.chroma_url, config.chroma_tenant, config.chroma_database, config.hybrid]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def embedded_text(article: Article, passage: Passage) -> str:
    """What the embedding and the lexical index see: the passage under its title and date."""
    day = f" ({article.published.day} {article.published:%B %Y})" if article.published else ""
    return f"{article.title}{day}\n{passage.text}"


def cut(article: Article, config: IndexConfig) -> tuple[Passage, ...]:
    """The passages of an article."""
    return passages(article, max_chars=config.passage_chars, overlap_sentences=config.overlap_sentences)
