"""Answers with citations: `answer("Does Muse Spark have open weights?")`.

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from assistant.models import Answer, Citation, Conflict, Delta, Evidence, Outcome, Retrieved, Sentence, Turn

if TYPE_CHECKING:
    from assistant.chain import Assistant
    from assistant.default import aanswer, answer, astream, stream, verify
    from assistant.rebuilding import rebuild_index
    from assistant.settings import Settings

_LATER = {
    "Assistant": "assistant.chain",
    "Settings": "assistant.settings",
    "aanswer": "assistant.default",
    "answer": "assistant.default",
    "astream": "assistant.default",
    "rebuild_index": "assistant.chain",
    "stream": "assistant.default",
    "verify": "assistant.default",
}

__all__ = [
    "Answer",
    "Assistant",
    "Citation",
    "Conflict",
    "Delta",
    "Evidence",
    "Outcome",
    "Retrieved",
    "Sentence",
    "Settings",
    "Turn",
    "aanswer",
    "answer",
    "astream",
    "rebuild_index",
    "stream",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
