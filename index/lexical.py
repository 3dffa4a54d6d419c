"""Lexical search: BM25 over stemmed words, kept in a folder and read through memory mapping."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from index.files import reading, sync_tree
from index.integrity import first_damaged, folder_sums

_IDS = "ids.json"
UNREADABLE = "The lexical part of the index cannot be read"


def _tokenize(texts: Sequence[str]) -> Any:
    import bm25s
    import Stemmer

    return bm25s.tokenize(
        list(texts), stopwords="en", stemmer=Stemmer.Stemmer("english"), show_progress=False, return_ids=False
    )


def write_lexical(folder: Path, ids: Sequence[str], texts: Sequence[str]) -> dict[str, str]:
    """Build and save the index of passages (id, text) in a new folder; returns its files' sums."""
    import bm25s

    folder.mkdir(parents=True)
    # bm25s needs at least one word in all; an index of nothing but symbols gets one that no query has.
    words = [w or ["\u0000"] for w in _tokenize(texts)] or [["\u0000"]]
    retriever = bm25s.BM25(method="lucene")
    retriever.index(words, show_progress=False)
    retriever.save(str(folder), show_progress=False)
    (folder / _IDS).write_text(json.dumps(list(ids)), "utf-8")
    sync_tree(folder)
    return folder_sums(folder)


class LexicalIndex:
    """A saved lexical index, opened at first use."""

    def __init__(self, folder: Path, sums: Mapping[str, str]) -> None:
        self._folder = folder
        self._sums = sums

    @cached_property
    def _opened(self) -> tuple[Any, list[str]]:
        import bm25s

        # Torn files raise anything from KeyError to BadZipFile.
        with reading(self._folder, damaged=UNREADABLE, refused=PermissionError, torn=Exception):
            # Mapped into memory, a file that is too short would end the process when it is read.
            if bad := first_damaged(self._folder, self._sums):
                raise ValueError(bad)
            retriever = bm25s.BM25.load(str(self._folder), mmap=True, show_progress=False)
            ids = json.loads((self._folder / _IDS).read_text("utf-8"))
        return retriever, ids

    def check(self) -> None:
        """Raise IndexDamagedError unless the index can be opened."""
        _ = self._opened

    def search(self, query: str, *, limit: int, allowed: frozenset[str] | None = None) -> list[str]:
        """Ids of the best passages that share a word with the query, best first.

        Args:
            query: in plain words.
            limit: at most so many.
            allowed: only these ids, or None for all.
        """
        retriever, ids = self._opened
        words = [w for w in _tokenize([query])[0] if w in retriever.vocab_dict] if query.strip() else []
        if not words:
            return []
        with reading(self._folder, damaged=UNREADABLE, torn=Exception):
            scores = np.asarray(retriever.get_scores(words), dtype=np.float64)[: len(ids)]
        order = np.argsort(-scores, kind="stable")
        found: list[str] = []
        for place in order:
            if scores[place] <= 0 or len(found) >= limit:
                break
            if allowed is None or ids[place] in allowed:
                found.append(ids[place])
        return found
