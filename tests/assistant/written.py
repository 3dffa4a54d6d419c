"""True and false sentences as a good chat model might write them, sent by a scripted server.

The sentences are those of tests/evals/written_dev.jsonl; each cites the quote that shares most words with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.models import Answer
from assistant.terms import content_words
from assistant.verifier import plain_words
from tests.assistant.scripted_server import Asked, Reply

SET = Path(__file__).parents[1] / "evals" / "written_dev.jsonl"


def rows() -> list[dict[str, Any]]:
    """Questions with their sentences: text, whether it is true, and what a repair of it gives."""
    return [json.loads(line) for line in SET.read_text("utf-8").splitlines()]


def citing(asked: Asked, sentence: str) -> str:
    """The sentence with the number of the quote that shares most words with it, as a model would cite."""
    words = content_words(sentence)
    sources = asked.sources()
    best = max(sources, key=lambda n: (len(words & content_words(sources[n])), -n))
    return f"{sentence[:-1]} [{best}]{sentence[-1]}"


def writer(pace: float = 0.0) -> Callable[[Asked], Reply]:
    """A script that writes the sentences of the question that it is asked; `pace` is in seconds a piece."""
    by_question = {r["question"]: r["sentences"] for r in rows()}
    repairs = {s["text"]: s["repair"] for r in rows() for s in r["sentences"] if s.get("repair")}

    def script(asked: Asked) -> Reply:
        if asked.is_repair:
            text = next((repair for sentence, repair in repairs.items() if sentence in asked.prompt), "")
            return Reply(citing(asked, text) if text else "NOTHING", pace=pace)
        low = asked.prompt.lower()  # names get their capitals on the way
        sentences = next(s for question, s in by_question.items() if question.lower() in low)
        return Reply(" ".join(citing(asked, s["text"]) for s in sentences), pace=pace)

    return script


def shown(answer: Answer, sentence: str) -> bool:
    """Whether the answer shows the sentence."""
    return _bare(sentence) in {_bare(s.text) for s in answer.sentences}


def _bare(text: str) -> str:
    return plain_words(text).rstrip(" .").lower()
