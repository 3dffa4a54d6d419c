"""A segment on Chroma Cloud, searched by its own hybrid search: nearest vectors and words, fused on the server.

Built to the documented interface (Schema, Search, Knn, Rrf) and to its published quotas; see README.md for what was run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from index.chroma_errors import guarded, guarded_writing
from index.errors import StorageError
from index.server_store import ServerStore

RECORDS = 300
"""Chroma Cloud takes so many records in a write, and gives so many as a result, at most."""

WORDS = "words"
"""The key of a record's sparse vector: how often it has which words; how rare they are, the server knows."""

AVERAGE_WORDS = 80.0
"""Words of a passage of usual length, by which BM25 measures long and short ones."""

UNRANKED = 1000
"""The rank that a passage counts as having in a ranking that does not hold it."""


class CloudStore(ServerStore):
    """One segment as a collection on Chroma Cloud, with an index of words beside that of vectors."""

    @guarded_writing
    def add(
        self,
        ids: Sequence[str],
        vectors: np.ndarray,
        metadata: Sequence[Mapping[str, Any]],
        texts: Sequence[str] = (),
    ) -> None:
        """See `VectorStore.add`; here the texts count."""
        words = _weighed(texts)
        # A passage without a word, of symbols alone, has no sparse vector; the server takes no empty one.
        with_words = [{**m, WORDS: w} if w.indices else m for m, w in zip(metadata, words, strict=True)]
        super().add(ids, vectors, with_words)

    def _create(self) -> Any:
        from chromadb import Schema, SparseVectorIndexConfig, VectorIndexConfig

        self._batch = RECORDS
        schema = Schema()
        schema.create_index(VectorIndexConfig(space="cosine"))
        schema.create_index(SparseVectorIndexConfig(bm25=True), key=WORDS)
        return self._connect().create_collection(self.folder.name, schema=schema, embedding_function=None)

    @guarded
    def ids(self) -> frozenset[str]:
        """Ids of all passages in the segment."""
        found: set[str] = set()
        while part := self._collection().get(include=[], limit=RECORDS, offset=len(found))["ids"]:
            found.update(part)
        return frozenset(found)

    def vectors(self, ids: Sequence[str]) -> np.ndarray:
        """See `VectorStore.vectors`."""
        parts = [
            super(CloudStore, self).vectors(ids[n : n + RECORDS]) for n in range(0, max(1, len(ids)), RECORDS)
        ]
        return np.concatenate(parts)

    @guarded
    def hybrid(
        self, query: str, vector: np.ndarray, *, limit: int, rrf_k: int, published_by: int | None = None
    ) -> list[tuple[str, float]]:
        """The passages that fit best by vector and words together, as (id, fused score), best first.

        Args:
            query: in plain words.
            vector: of the query, a unit vector, shape (d,).
            limit: at most so many; the server gives no more than `RECORDS`.
            rrf_k: constant of reciprocal rank fusion.
            published_by: only articles published by that day (its proleptic ordinal); undated ones are left out.
        """
        from chromadb import K, Knn, Rrf, Search

        limit = min(limit, RECORDS)
        ranks: list[Any] = [Knn(query=vector.tolist(), limit=limit, return_rank=True, default=UNRANKED)]
        words = _weighed([query])[0]
        if words.indices:
            ranks.append(Knn(query=words, key=WORDS, limit=limit, return_rank=True, default=UNRANKED))
        search = Search().rank(Rrf(ranks, k=rrf_k)).limit(limit).select(K.SCORE)
        if published_by is not None:
            search = search.where(K("published") <= published_by)
        found = self._collection().search(search)
        # Chroma sorts upwards and so turns the sign of a fused score.
        return [(id_, -float(s)) for id_, s in zip(found["ids"][0], found["scores"][0], strict=True)]


@cache
def _bm25() -> Any:
    from chromadb.utils.embedding_functions import ChromaBm25EmbeddingFunction

    return ChromaBm25EmbeddingFunction(avg_doc_length=AVERAGE_WORDS)


def _weighed(texts: Sequence[str]) -> list[Any]:
    try:
        return list(_bm25()(list(texts)))
    except (ImportError, ValueError) as exc:
        raise StorageError(
            "Chroma Cloud's search by words needs snowballstemmer. Run: pip install snowballstemmer, or set "
            "LAUNCH_INDEX__CHROMA_HYBRID=false"
        ) from exc
