"""The development questions, asked of the whole assistant. The floors stand a little below what was measured (see
README.md here), so that a change for the worse fails and chance does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant.chain import Assistant
from assistant.evaluation import METRICS, Case, Result, judge, load_cases
from assistant.models import Outcome
from assistant.settings import Settings, load_settings

#: Dozens of questions a test: minutes on a machine that has other work, and no sign that one hangs.
pytestmark = pytest.mark.timeout(1200)
HERE = Path(__file__).parent
LAUNCHES = HERE / "launches"


def ask_all(cases: tuple[Case, ...], settings: Settings) -> list[Result]:
    """Every case's result; cases that name a launch are asked of its folder."""
    results = []
    for launch in dict.fromkeys(case.launch for case in cases):
        chosen = settings.model_copy(update={"corpus": LAUNCHES / launch}) if launch else settings
        assistant = Assistant.from_settings(chosen)
        for case in cases:
            if case.launch != launch:
                continue
            answer = assistant.answer(case.question, history=case.history, as_of=case.as_of)
            texts = {hit.article.id: hit.article.text for hit in answer.hits}
            for c in answer.citations:
                assert texts[c.article_id][c.start : c.end] == c.quote
            results.append(judge(case, answer))
    return results


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings().model_copy(update={"home": tmp_path_factory.mktemp("evals")})


@pytest.fixture(scope="module")
def of_launches(settings: Settings) -> list[Result]:
    """Every fifth question, and every follow-up that nothing answers: the whole set takes minutes."""
    cases = load_cases(HERE / "launches.jsonl")
    kept = [c for n, c in enumerate(cases) if n % 5 == 0 or (c.history and not c.answerable)]
    return ask_all(tuple(kept), settings)


def share(name: str, results: list[Result]) -> float:
    value = METRICS[name](results)
    assert value is not None
    return value


def test_launches_that_it_never_saw(of_launches: list[Result]) -> None:
    assert share("right of the answerable", of_launches) >= 0.48
    assert share("refused of the unanswerable", of_launches) >= 0.58
    assert share("AUC of the confidence", of_launches) >= 0.76


def test_the_shipped_launch(settings: Settings) -> None:
    results = ask_all(load_cases(HERE / "muse_spark_dev.jsonl")[::2], settings)
    assert share("right of the answerable", results) >= 0.74
    assert share("refused of the unanswerable", results) >= 0.8


def test_few_differences_are_told_where_there_is_none(settings: Settings, of_launches: list[Result]) -> None:
    """Of questions on which the articles do not differ, 8 of the whole two sets at the last count."""
    results = [*of_launches, *ask_all(load_cases(HERE / "muse_spark_dev.jsonl")[1::2], settings)]
    invented = [r.case.question for r in results if r.differs and r.case.kind != "conflict"]
    assert len(invented) <= 5, invented


def test_questions_that_nobody_looked_at(settings: Settings) -> None:
    """Every second of `muse_spark_blind.jsonl`, by which nothing was chosen."""
    results = ask_all(load_cases(HERE / "muse_spark_blind.jsonl")[::2], settings)
    assert share("right of the answerable", results) >= 0.4
    assert share("refused of the unanswerable", results) >= 0.85


def test_it_refuses_after_answering(of_launches: list[Result]) -> None:
    """Follow-ups that nothing answers, asked right after a question that was answered.

    About as many of these are answered as of first questions (README.md says how many), mostly where what a follow-up
    leaves out was filled in wrongly.
    """
    after = [r for r in of_launches if r.case.history and not r.case.answerable]
    assert len(after) >= 20
    assert share("refused of the unanswerable", after) >= 0.85


def test_a_refusal_gives_nothing_as_fact(settings: Settings) -> None:
    answer = Assistant.from_settings(settings).answer("How many parking spaces does the canteen have?")
    assert answer.outcome is Outcome.NO_EVIDENCE


def test_the_examples_on_the_page_are_answered(settings: Settings) -> None:
    assistant = Assistant.from_settings(settings)
    assert len(assistant.launch.example_questions) == 6
    outcomes = {q: assistant.answer(q).outcome for q in assistant.launch.example_questions}
    assert set(outcomes.values()) == {Outcome.ANSWERED}, outcomes


def test_the_readme_shows_what_comes_out(settings: Settings) -> None:
    readme = (HERE.parents[1] / "README.md").read_text("utf-8")
    shown = re.findall(r'^\$ launch-assistant ask "(.+)"\n(.+)$', readme, re.MULTILINE)
    assert len(shown) == 2
    assistant = Assistant.from_settings(settings)
    assert [assistant.answer(question).text for question, _ in shown] == [text for _, text in shown]


def test_a_sentence_that_names_nobody_is_no_other_side(settings: Settings) -> None:
    """ "Muse Spark does not give Meta a clear lead" is no other answer to who leads the lab."""
    answer = Assistant.from_settings(settings).answer("who leads the lab")
    assert "Alexandr Wang" in answer.text
    assert not answer.conflicts
