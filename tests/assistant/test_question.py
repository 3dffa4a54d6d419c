"""What kind of question is asked, and what shows that a sentence gives a reason."""

import pytest

from assistant.question import QuestionKind, gives_reason, kind_of


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What does a ride cost?", QuestionKind.QUANTITY),
        ("what will it cost in Japan", QuestionKind.QUANTITY),
        ("What does the lens weigh?", QuestionKind.QUANTITY),
        ("What does the secrecy cost the company?", QuestionKind.WHAT),
        ("What did the delay cost?", QuestionKind.QUANTITY),
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
