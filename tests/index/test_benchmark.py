"""The benchmarks of the index run, and their tables show what they say."""

from __future__ import annotations

import json

import pytest

from tests.bench import bench_embedding, bench_index


def test_every_figure_is_measured_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_index, "REAL_UP_TO", 0)
    row = json.loads(json.dumps(bench_index.in_processes_of_their_own(200, 1)))
    assert row["vectors"] == "seeded"
    assert 200 <= row["passages"] < 300
    assert row["recall"] > 0.99  # so small a segment is searched exactly
    # The change is one article's in this process and in a new one, and no more is embedded for it.
    assert 0 < row["change_embedded"] <= 20
    assert 0 < row["anew_embedded"] <= 20
    assert row["anew_command"] > row["anew_rebuild"] > 0
    assert row["reader_after"] > row["reader_before"] > 0
    shown = bench_index.table([row, row])
    assert len(shown.splitlines()) == len(bench_index.ROWS) + 1
    assert f"| {row['passages']} | {row['passages']} |" in shown


def test_the_rate_of_embedding_is_shown_beside_the_bare_one() -> None:
    shown = bench_embedding.measure(24, 1)
    rows = [line for line in shown.splitlines() if line.startswith("| ")]
    assert len(rows) == 2 + len(bench_embedding.SIZES) + 2
    assert "a whole rebuild" in rows[-1]
