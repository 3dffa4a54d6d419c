"""What stands beside an answer, or beside what was told, is the likelier to be one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from assistant.models import Evidence
from assistant.neighbours import after_telling, near_to, read_on, told_in
from corpus.models import Article, Kind
from index.models import Hit
from index.passages import passages

CHAIRS = "The chair is made of beech. It costs eighty euros.\n\nTwo people can sit on it."
LAMPS = "The lamp is made of tin. It costs nine euros."


def found(id: str, text: str, chances: Mapping[str, float]) -> tuple[Evidence, ...]:  # noqa: A002
    """Every sentence of an article with the chance that it is given, or one in a hundred; best first."""
    article = Article(id, f"About {id}", "The Daily", None, date(2026, 5, 1), None, Kind.REPORTING, text)
    (passage,) = passages(article, max_chars=4000, overlap_sentences=0)
    hit = Hit(passage, article, 1.0, 1, 1, 0.5)
    every = [(s, e, text[s:e]) for s, e in passage.sentences if e > s]
    evidence = [Evidence(hit, s, e, t, chances.get(t, 0.01), chances.get(t, 0.01)) for s, e, t in every]
    return tuple(sorted(evidence, key=lambda e: -e.score))


def chances(evidence: Sequence[Evidence]) -> dict[tuple[str, str], float]:
    return {(e.hit.article.id, e.quote): e.score for e in evidence}


def test_what_stands_beside_the_answer_to_one_part_is_likelier_to_answer_the_other() -> None:
    one = found("chairs", CHAIRS, {"The chair is made of beech.": 0.8}) + found("lamps", LAMPS, {})
    other = found("chairs", CHAIRS, {}) + found("lamps", LAMPS, {})
    (_, first), (_, second) = read_on([("one", one), ("other", other)], partial=0.3)

    assert chances(first) == chances(one)  # nothing answers the other part, so nothing leans on it
    assert second[0].quote == "It costs eighty euros."
    assert second[0].hit.article.id == "chairs"
    changed = [key for key, chance in chances(second).items() if chance != chances(other)[key]]
    assert changed == [("chairs", "It costs eighty euros.")]
    assert 0.03 < second[0].score < 0.1  # likelier, and far from sure


def test_nothing_is_likelier_beside_what_does_not_answer() -> None:
    scored = [(q, found("chairs", CHAIRS, {"The chair is made of beech.": 0.2})) for q in ("one", "other")]
    assert read_on(scored, partial=0.3) == scored


def test_what_was_told_makes_its_neighbours_likelier_and_itself_less() -> None:
    evidence = found("chairs", CHAIRS, {})
    answer = "The Daily says: “It costs eighty\neuros.” [1]"
    told = told_in(answer, evidence)
    assert [e.quote for e in told] == ["It costs eighty euros."]
    after = chances(after_telling(told, evidence))
    assert 0.003 < after["chairs", "It costs eighty euros."] < 0.01
    assert after["chairs", "The chair is made of beech."] > 0.02
    assert after["chairs", "Two people can sit on it."] > 0.02
    assert after_telling([], evidence) == evidence


def test_a_heading_parts_what_stands_beside_it() -> None:
    text = "The chair is made of beech.\n\n## Prices\n\nIt costs eighty euros."
    evidence = found("chairs", text, {"The chair is made of beech.": 0.8})
    assert chances(near_to(evidence[:1], evidence)) == chances(evidence)


def test_an_answer_in_other_words_is_found_in_what_it_says_over() -> None:
    evidence = found("chairs", CHAIRS, {})
    assert [e.quote for e in told_in("Two people can sit on the chair.", evidence)] == [
        "Two people can sit on it."
    ]
    assert told_in("The sources do not say.", evidence) == []
