"""`launch-assistant eval`: ask every question of a set, and lay out how the answers did."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from assistant.evaluation import Case, Evaluation, Result, coverage_plot, judge, load_cases
from corpus.errors import LaunchError


def run_evaluation(
    file: Path,
    *,
    launches: Path | None,
    compare: Sequence[str],
    plot: Path | None,
    as_json: bool,
    wrong: bool,
) -> str:
    """Measure, and return the table (or JSON) to print.

    Raises:
        LaunchError: the set or a setting cannot be used.
    """
    cases = load_cases(file)
    if launches is None and any(case.launch for case in cases):
        raise LaunchError(
            "These questions name their launch: add --launches FOLDER, the folder of their folders."
        )
    evaluations = [Evaluation("as set", _ask_all(cases, launches))]
    if compare:
        with _environment(compare):
            evaluations.append(Evaluation(", ".join(compare), _ask_all(cases, launches)))
    if wrong:
        for result in evaluations[0].results:
            if not result.correct:
                wanted = "/".join(result.case.patterns) if result.case.answerable else "a refusal"
                typer.echo(
                    f"- {result.case.question}\n    wanted: {wanted}\n    got:    {result.text}", err=True
                )
    if plot:
        try:
            plot.write_text(coverage_plot(evaluations), "utf-8")
        except OSError as exc:
            raise LaunchError(f"{plot} cannot be written ({exc.strerror}). Name another file.") from exc
    return json.dumps([_as_json(e) for e in evaluations], indent=2) if as_json else _table(evaluations)


def _ask_all(cases: Sequence[Case], launches: Path | None) -> list[Result]:
    """Ask each launch's questions of its own folder; cases without a launch are asked of the set corpus."""
    from assistant.chain import Assistant
    from assistant.settings import load_settings, quiet_libraries

    quiet_libraries()
    base = load_settings()
    results: list[Result] = []
    for launch in dict.fromkeys(case.launch for case in cases):
        settings = base
        if launch:
            assert launches is not None
            folder = (launches / launch).absolute()
            if not folder.is_relative_to(launches.absolute()):
                raise LaunchError(f"{launch!r} is no folder below {launches}.")
            settings = base.model_copy(update={"corpus": folder})
        assistant = Assistant.from_settings(settings)
        for case in cases:
            if case.launch == launch:
                answer = assistant.answer(case.question, history=case.history, as_of=case.as_of)
                results.append(judge(case, answer))
    return results


@contextmanager
def _environment(pairs: Sequence[str]) -> Iterator[None]:
    """The environment with some LAUNCH_ variables set otherwise."""
    changes = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if len(changes) != len(pairs) or any(not name.startswith("LAUNCH_") for name in changes):
        raise LaunchError("--compare takes LAUNCH_NAME=VALUE, for example LAUNCH_EVIDENCE__MODEL=heuristic.")
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _as_json(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "name": evaluation.name,
        "questions": len(evaluation.results),
        "metrics": {n: {"value": v, "low": low, "high": high} for n, v, low, high in evaluation.table()},
        "kinds": {kind: {"right": right, "asked": asked} for kind, right, asked in evaluation.by_kind()},
    }


def _table(evaluations: Sequence[Evaluation]) -> str:
    lines = []
    for evaluation in evaluations:
        lines.append(f"{evaluation.name}: {len(evaluation.results)} questions")
        lines.append(f"  {'':<30} value   95 % interval")
        for name, value, low, high in evaluation.table():
            lines.append(f"  {name:<30} {value:.3f}   {low:.3f} to {high:.3f}")
        kinds = ", ".join(f"{kind} {right}/{asked}" for kind, right, asked in evaluation.by_kind())
        lines.append(f"  right by kind: {kinds}")
    return "\n".join(lines)
