"""Further questions over HTTP: real ones where there is time, and none as soon as anybody waits."""

from __future__ import annotations

import threading

from assistant.chain import Assistant
from assistant.models import Outcome
from ui.api_feedback import Suggesting
from ui.metrics import Measured, Metrics


def test_suggestions_are_answered_and_give_way(page_assistant: Assistant) -> None:
    answer = page_assistant.answer("Who leads the lab that built Muse Spark?")
    metrics = Metrics()
    measured = Measured(page_assistant, metrics)
    suggesting = Suggesting(measured, wanted=1)

    metrics.started()
    assert suggesting.questions(answer, ()) is None
    metrics.ended()
    gone = threading.Event()
    gone.set()
    assert suggesting.questions(answer, (), gone=gone) == ()
    assert Suggesting(measured, wanted=0).questions(answer, ()) == ()

    (offered,) = suggesting.questions(answer, ())
    found = page_assistant.answer(offered)
    assert found.outcome is Outcome.ANSWERED
    told = {(c.article_id, c.quote) for c in answer.citations}
    assert {(c.article_id, c.quote) for c in found.citations} - told
    assert offered not in suggesting.questions(answer, (offered,))
    # Nobody asked these: they are not counted as questions.
    assert 'launch_questions_total{outcome="answered"} 0.0' in metrics.text().decode()


def test_a_second_reader_is_told_to_come_again(page_assistant: Assistant) -> None:
    answer = page_assistant.answer("Who leads the lab that built Muse Spark?")
    suggesting = Suggesting(Measured(page_assistant, Metrics()), wanted=1)
    begun, go_on = threading.Event(), threading.Event()

    class Waiting(threading.Event):
        def is_set(self) -> bool:
            begun.set()
            return go_on.wait(30)

    first = threading.Thread(target=suggesting.questions, args=(answer, ()), kwargs={"gone": Waiting()})
    first.start()
    assert begun.wait(30)
    assert suggesting.questions(answer, ()) is None
    go_on.set()
    first.join()
    assert suggesting.questions(answer, ())
