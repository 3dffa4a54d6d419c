"""What the verifier makes of the sentences that a good chat model would write, on the shipped articles."""

from __future__ import annotations

import pytest

from assistant.chain import Assistant
from assistant.models import Answer
from assistant.settings import ChatConfig, load_settings
from tests.assistant.scripted_server import scripted
from tests.assistant.written import rows, shown, writer


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[Answer]:
    with scripted(writer()) as server:
        chat = ChatConfig(model="openai:scripted", base_url=server.url, timeout=60)
        settings = load_settings().model_copy(update={"home": tmp_path_factory.mktemp("home"), "chat": chat})
        assistant = Assistant.from_settings(settings)
        return [assistant.answer(row["question"]) for row in rows()]


def sentences(answers: list[Answer], *, true: bool) -> list[tuple[str, bool]]:
    return [
        (s["text"], shown(answer, s["text"]))
        for row, answer in zip(rows(), answers, strict=True)
        for s in row["sentences"]
        if s["true"] is true
    ]


def test_no_false_sentence_is_shown(answers: list[Answer]) -> None:
    judged = sentences(answers, true=False)
    assert len(judged) >= 15
    assert [text for text, seen in judged if seen] == []


def test_true_sentences_are_shown(answers: list[Answer]) -> None:
    judged = sentences(answers, true=True)
    assert len(judged) >= 25
    assert sum(seen for _, seen in judged) >= 0.37 * len(judged), [text for text, seen in judged if not seen]
