"""ONNX Runtime as we use it."""

from __future__ import annotations

from typing import Any


def session_options(*, threads: int = 0) -> Any:
    """Options for the processor; `threads` 0 takes as many as there are cores."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Threads that wait by spinning take the cores from whatever else runs, other questions included.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def open_session(model: bytes | str, *, options: Any = None) -> Any:
    """A session on the processor."""
    import onnxruntime

    return onnxruntime.InferenceSession(
        model, options or session_options(), providers=["CPUExecutionProvider"]
    )
