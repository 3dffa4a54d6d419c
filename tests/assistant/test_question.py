"""What kind of question is asked, and what shows that a sentence gives a reason."""

import pytest

from assistant.question import QuestionKind, gives_reason, kind_of, parse_question


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What does a ride cost?", QuestionKind.QUANTITY),
        ("what will it cost in Japan", QuestionKind.QUANTITY),
        ("What does the lens weigh?", QuestionKind.QUANTITY),
        ("What does the secrecy cost the company?", QuestionKind.WHAT),
        ("What did the delay cost?", QuestionKind.QUANTITY),
        ("What range does it have?", QuestionKind.QUANTITY),
        ("what top speed does it reach", QuestionKind.QUANTITY),
        ("What range of colours does it come in?", QuestionKind.WHAT),
        ("Which apps have it?", QuestionKind.LIST),
        ("Does it cost more?", QuestionKind.YES_NO),
        ("Why does it cost more?", QuestionKind.WHY),
    ],
)
def test_the_kind_of_a_question(question: str, kind: QuestionKind) -> None:
    assert kind_of(question) is kind


def test_a_reason_has_its_words() -> None:
    assert gives_reason("The train was late because the engine had to be changed.")
    assert not gives_reason("The train was late.")


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("How big is the Orla and under what licence is it?", ("How big is the Orla?", "under what licence is Orla?")),
        ("What did open weights bring and what did they cost?", ("What did open weights bring?", "what did open weights cost?")),
        ("How do closed models help and where do they hurt?", ("How do closed models help?", "where do closed models hurt?")),
        ("What does Tavisk gain and what does it lose?", ("What does Tavisk gain?", "what does Tavisk lose?")),
        ("What is Orla 2.1 and when was it shown?", ("What is Orla 2.1?", "when was Orla 2.1 shown?")),
        ("What do tea and cake cost?", ("What do tea and cake cost?",)),
    ],
)  # fmt: skip
def test_the_parts_of_a_question(question: str, parts: tuple[str, ...]) -> None:
    assert parse_question(question).parts == parts
