"""Which model asks an index: the one that it was built with, also while the settings name another one already."""

from __future__ import annotations

from index.config import IndexConfig
from index.embedding import Embedder, make_embedder
from index.errors import REBUILD, EmbeddingError, IndexStaleError
from index.manifest import Made, Manifest
from index.recipe import fingerprint, made_with, model_sum


class Models:
    """The model of the settings, and beside it that of an index which was built with another one.

    Args:
        config: the settings.
        own: the model that they name.
    """

    def __init__(self, config: IndexConfig, own: Embedder) -> None:
        self._config = config
        self.own = own
        self._other: tuple[Made, Embedder] | None = None

    def of(self, manifest: Manifest) -> Embedder:
        """The model for an index.

        Raises:
            IndexStaleError: it was built with another one than the settings name, and that one cannot be had.
        """
        if manifest.fingerprint == fingerprint(self._config):
            return self.own
        made, own = manifest.made, made_with(self._config)
        if made is None:
            raise IndexStaleError(
                f"The index was built with another embedder or passage length than is set now. {REBUILD}"
            )
        if (made.embedder, made.weights) == (own.embedder, own.weights):
            return self.own
        if self._other is None or self._other[0] != made:
            self._other = made, self._load(made)
        return self._other[1]

    def _load(self, made: Made) -> Embedder:
        other = make_embedder(made.embedder, batch_size=self._config.batch_size)
        try:
            if model_sum(made.embedder) != made.weights:
                raise EmbeddingError("The model's files are others now.")
            other.embed_query("Load the model.")
        except EmbeddingError as exc:
            raise IndexStaleError(
                f"The index was built with the embedding model {made.embedder}, which cannot be had as it was then. "
                f"{REBUILD}"
            ) from exc
        return other

    def stale(self, manifest: Manifest) -> str:
        """What to tell of an index that was built with other settings than are set now; empty for a current one."""
        if manifest.fingerprint == fingerprint(self._config):
            return ""
        made = manifest.made
        how = f" ({made.embedder}, passages of up to {made.passage_chars} characters)" if made else ""
        return f"The index was built with other settings than are set now{how}. It answers as it was built. {REBUILD}"
