"""Text for the benchmarks, as much as is wanted and always the same, and vectors that cost nothing.

The text is made by a seeded generator: English words drawn by Zipf's law, a third of each article's from the vocabulary
of its subject; it means nothing, but has the lengths, the repetitions and the tokens of news.
"""

from __future__ import annotations

import json
import random
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

import numpy as np

from corpus.models import Article, Kind
from index.embedding import packaged_folder
from index.passages import passages

SUBJECTS = 400


def vocabulary() -> list[str]:
    """The whole words that the packaged model's tokenizer knows; they stand roughly from common to rare."""
    known = json.loads((packaged_folder() / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    return [
        w for w, _ in sorted(known.items(), key=lambda item: item[1]) if re.fullmatch(r"[a-z]{2,}|a|i", w)
    ]


def articles(count: int, seed: int) -> Iterator[Article]:
    """Articles that come to about `count` passages in all."""
    rng = random.Random(seed)
    words = vocabulary()
    cumulative = np.cumsum(1.0 / np.arange(1, len(words) + 1)).tolist()
    subjects = [rng.sample(words[500:], 120) for _ in range(SUBJECTS)]
    subject_weights = np.cumsum(1.0 / np.arange(1, 121)).tolist()
    made, number = 0, 0
    while made < count:
        subject = rng.choice(subjects)
        paragraphs = []
        for _ in range(rng.randint(6, 14)):
            sentences = []
            for _ in range(rng.randint(3, 7)):
                length = rng.randint(8, 24)
                general = rng.choices(words, cum_weights=cumulative, k=length)
                special = rng.choices(subject, cum_weights=subject_weights, k=length)
                line = [s if rng.random() < 1 / 3 else g for g, s in zip(general, special, strict=True)]
                sentences.append(" ".join(line).capitalize() + ".")
            paragraphs.append(" ".join(sentences))
        day = date(2024, 1, 1) + timedelta(days=rng.randrange(800))
        title = " ".join(rng.choices(subject, k=6)).capitalize()
        text = "\n\n".join(paragraphs)
        article = Article(f"a{number:07d}", title, "The Paper", None, day, None, Kind.REPORTING, text)
        made += len(passages(article, max_chars=900, overlap_sentences=1))
        number += 1
        yield article


class SeededEmbedder:
    """A random projection of a passage's words, each weighted by its length: short words are common ones."""

    name = "seeded"
    dimension = 384

    def __init__(self) -> None:
        self._table = np.random.default_rng(0).standard_normal((8192, 384)).astype(np.float32)

    def embed_documents(
        self, texts: Sequence[str], *, on_progress: Callable[[int, int], None] | None = None
    ) -> np.ndarray:
        vectors = np.stack([self.embed_query(t) for t in texts])
        if on_progress:
            on_progress(len(texts), len(texts))
        return vectors

    def embed_query(self, text: str) -> np.ndarray:
        words = text.lower().split()
        rows = [zlib.crc32(w.strip(".").encode()) % 8192 for w in words]
        weights = np.array([max(0, len(w) - 4) for w in words], dtype=np.float32)
        total: np.ndarray = weights @ self._table[rows] + 1e-3
        return total / np.linalg.norm(total)
