"""How an article becomes passages and what is embedded of them; its fingerprint tells one way from another."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from corpus.models import Article
from index.config import IndexConfig
from index.embedding import PACKAGED
from index.integrity import file_sum
from index.manifest import Made
from index.models import Passage
from index.passages import passages

MODEL_FILES = frozenset((".json", ".txt", ".model", ".safetensors", ".bin"))
"""Suffixes of what decides a model's vectors, among the files of its folder."""


def made_with(config: IndexConfig) -> Made:
    """What an index of these settings is built with."""
    weights = model_sum(config.embedder)
    return Made(config.embedder, weights, config.passage_chars, config.overlap_sentences)


def model_sum(name: str) -> str:
    """A sum over the files of a model that is a folder, so that other weights in it count as another model; else ""."""
    folder = Path(name)
    if name == PACKAGED or not folder.is_dir():
        return ""
    with suppress(OSError):
        found = sorted(p for p in folder.rglob("*") if p.suffix in MODEL_FILES and p.is_file())
        sums = [(p.relative_to(folder).as_posix(), file_sum(p)) for p in found]
        return hashlib.sha256(json.dumps(sums).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return ""


def fingerprint(config: IndexConfig) -> str:
    """Of everything that decides what is stored and where: embedder, chunking, server, this code's own version of it."""
    made = made_with(config)
    parts: list[str | int] = ["4", made.embedder, made.passage_chars, made.overlap_sentences]
    if made.weights:
        parts.append(made.weights)
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
