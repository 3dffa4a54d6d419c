"""Embedding many passages with Ray Data: on this machine's cores, or on a cluster; for bulk builds.

The model is the same, so are the ids, and the vectors agree to the rounding of a batch. Questions are embedded here.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from index.embedding import Embedder, make_embedder
from index.errors import EmbeddingError

BLOCK = 1024
"""Texts that a worker takes at once; within them, texts of like length share a batch."""


class RayEmbedder:
    """An `Embedder` that hands documents to Ray workers, each with a model of its own.

    Args:
        name: the packaged model's name, a folder or a hub name; a folder must be there on every machine.
        batch_size: texts that a worker embeds at once.
        address: of a cluster; empty starts a local Ray that is stopped afterwards.
        workers: how many models work side by side; 0 for one per two cores.
    """

    chunk = 20_000
    """Passages of one job: large, since starting a job takes seconds, and put by as soon as it is done."""

    def __init__(self, name: str, *, batch_size: int = 32, address: str = "", workers: int = 0) -> None:
        self.name = name
        self._batch_size = batch_size
        self._address = address
        self._workers = workers
        self._here: Embedder = make_embedder(name, batch_size=batch_size)

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return self._here.dimension

    def embed_query(self, text: str) -> np.ndarray:
        """See Embedder."""
        return self._here.embed_query(text)

    def embed_documents(
        self, texts: Sequence[str], *, on_progress: Callable[[int, int], None] | None = None
    ) -> np.ndarray:
        """See Embedder.

        Raises:
            EmbeddingError: Ray is not installed, cannot be reached, or a worker failed.
        """
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        done = 0
        with _ray(self._address) as ray:
            try:
                for rows, part in self._job(ray, [(i, texts[i]) for i in order]):
                    vectors[rows] = part
                    done += len(rows)
                    if on_progress:
                        on_progress(done, len(texts))
            except ray.exceptions.RayError as exc:
                raise EmbeddingError(
                    f"Embedding with Ray failed ({_cause(exc)}). What was finished is kept. Give the workers more memory, "
                    "or run: launch-assistant rebuild --engine local"
                ) from exc
        if done != len(texts):
            raise EmbeddingError(
                "Ray gave back fewer vectors than texts. Run: launch-assistant rebuild --engine local"
            )
        return vectors

    def _job(self, ray: Any, rows: list[tuple[int, str]]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        from ray.data import ActorPoolStrategy, DataContext

        context = DataContext.get_current()
        context.enable_progress_bars = False
        # Blocks come back as they are finished; the row number says where each belongs.
        context.execution_options.preserve_order = False
        workers = self._workers or max(1, int(ray.cluster_resources().get("CPU", 1)) // 2)
        data = ray.data.from_items([{"row": i, "text": text} for i, text in rows])
        found = data.repartition(max(1, -(-len(rows) // BLOCK))).map_batches(
            _Worker,
            fn_constructor_kwargs={"name": self.name, "batch_size": self._batch_size},
            compute=ActorPoolStrategy(size=workers),
            batch_size=BLOCK,
            num_cpus=1,
        )
        for batch in found.iter_batches(batch_size=None, batch_format="numpy"):
            yield np.asarray(batch["row"]), np.stack(list(batch["vector"])).astype(np.float32)


class _Worker:
    """In a Ray worker: one model, loaded once."""

    def __init__(self, name: str, batch_size: int) -> None:
        self._embedder = make_embedder(name, batch_size=batch_size)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        vectors = self._embedder.embed_documents([str(text) for text in batch["text"]])
        return {"row": batch["row"], "vector": vectors}


@contextmanager
def _ray(address: str) -> Iterator[Any]:
    """Ray, running: the cluster at the address, one that this process has already, or a local one for the while."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if not address:
        # Otherwise Ray turns 127.0.0.1 into this machine's own address and listens to everyone. The variable is read
        # when Ray is first imported; its name tells where Ray does the same by default.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    try:
        import ray
        import ray.data
        import ray.exceptions
    except ImportError as exc:
        raise EmbeddingError(
            'Ray is not installed. Run: pip install "launch-assistant[ray]", or use --engine local.'
        ) from exc
    if ray.is_initialized():
        yield ray
        return
    # Ray's sockets have short names only; the system's own folder for temporary files may be a long one.
    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp" if os.path.isdir("/tmp") else None)
    try:
        _start(ray, address, folder)
        yield ray
    finally:
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


def _start(ray: Any, address: str, folder: str) -> None:
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    if address:
        options["address"] = address
    else:
        options |= {
            "address": "local",
            "include_dashboard": False,
            "_node_ip_address": "127.0.0.1",
            "_temp_dir": folder,
        }
    try:
        ray.init(**options)
    except (ConnectionError, RuntimeError, ValueError, OSError) as exc:
        where = f"The Ray cluster at {address} cannot be reached" if address else "Ray cannot be started here"
        raise EmbeddingError(
            f"{where} ({type(exc).__name__}). Correct LAUNCH_INDEX__RAY_ADDRESS, or use --engine local."
        ) from exc


def _cause(exc: BaseException) -> str:
    cause = getattr(exc, "cause", None) or exc.__cause__
    return type(cause or exc).__name__
