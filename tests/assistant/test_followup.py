from __future__ import annotations

import pytest

from assistant.errors import QuestionError
from assistant.followup import as_turns, introduced_names, standalone
from assistant.models import Turn
from corpus.models import Launch

LAUNCH = Launch("Muse Spark", ("Spark",), "Meta", ("Meta",))


def turns(*asked: str) -> list[Turn]:
    return [Turn("user", text) for text in asked]


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (
            "does muse spark have open weights",
            "and when does it reach WhatsApp?",
            "When does Muse Spark reach WhatsApp?",
        ),
        ("Does Muse Spark have open weights?", "why?", "Why does Muse Spark have open weights?"),
        (
            "When does Muse Spark reach WhatsApp?",
            "what about Instagram?",
            "When does Muse Spark reach Instagram?",
        ),
        (
            "Is Muse Spark available on WhatsApp?",
            "and on Instagram?",
            "Is Muse Spark available on Instagram?",
        ),
        ("Did Meta launch Muse Spark?", "when?", "When did Meta launch Muse Spark?"),
        (
            "Did Meta buy a part of Scale AI?",
            "how much did they pay for it?",
            "How much did Meta pay for Scale AI?",
        ),
        ("What does the Kestrel 2 weigh?", "and when does it ship?", "When does Kestrel 2 ship?"),
        ("Did Kestrel 2 days ago change its price?", "why did it?", "Why did Kestrel?"),
        ("What does Nimbrel cost?", "and in yen?", "What does Nimbrel cost in yen?"),
        ("How much does the ring weigh?", "and the box?", "How much does the box weigh?"),
    ],
)
def test_follow_ups_stand_alone(before: str, question: str, expected: str) -> None:
    assert standalone(question, turns(before), LAUNCH) == expected


@pytest.mark.parametrize(
    "question",
    [
        "How much did Meta pay for its share of Scale AI?",
        "What is Avocado?",
        "Does Muse Spark have open weights?",
        "Who leads OpenAI?",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert standalone(question, turns("When does Muse Spark reach WhatsApp?"), LAUNCH) == question
    assert standalone(question, [], LAUNCH) == question


def test_a_person_may_come_from_the_answer() -> None:
    history = [
        Turn("user", "Who runs Tavisk?"),
        Turn("assistant", "“Tavisk is run by Benedita Calvarro.” [1]"),
    ]
    rewritten = standalone("since when has she had the job?", history, Launch(""))
    assert rewritten == "Since when has Benedita Calvarro had the job?"


def test_follow_ups_chain() -> None:
    history = turns("When does Muse Spark reach WhatsApp?", "what about Instagram?")
    assert standalone("why?", history, LAUNCH) == "Why does Muse Spark reach Instagram?"


def test_chat_style_messages_are_taken() -> None:
    history = [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": [{"type": "text", "text": "two"}]},
    ]
    assert as_turns(history, limit=6) == (Turn("user", "one"), Turn("assistant", "two"))
    assert as_turns(history, limit=1) == (Turn("assistant", "two"),)
    assert as_turns(history, limit=0) == ()
    with pytest.raises(QuestionError, match="role"):
        as_turns([{"content": "no role"}], limit=6)


def test_a_rewrite_may_not_bring_in_names() -> None:
    history = turns("Does Muse Spark have open weights?")
    assert introduced_names("Why did Google keep it closed?", "why?", history, LAUNCH) == ("Google",)
    assert introduced_names("Why does Muse Spark lack open weights?", "why?", history, LAUNCH) == ()
