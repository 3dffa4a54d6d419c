"""The development sets are well formed, honest about their quotes, and apart from the training texts."""

import datetime
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
LAUNCHES = HERE / "launches"
TRAINING = HERE.parents[1] / "assistant" / "training" / "data"
KINDS = {"company statement", "reporting", "analysis", "rumour", "brief", "unknown"}
PAIRS = tuple(
    f"conflicts{which}.jsonl" for which in ("", "_other", "_blind", "_plain", "_wire", "_plain_blind")
)
SEED = tuple(f"seed_{which}.jsonl" for which in ("dev", "more", "blind", "unseen"))
ASKED = ("launches.jsonl", *PAIRS, "as_of.jsonl", "muse_spark_blind.jsonl", *SEED)
# Shorter sentences and questions ("price?", "It was late.") can occur anywhere by chance.
MIN_WORDS = 4
# What each launch is of and who makes it: a model must not have met the names either.
NAMES = [
    "Orla",
    "Tavisk",
    "Kestrane",
    "Dovaxil",
    "Perrimond",
    "Quillbarn",
    "Osterby",
    "Lark",
    "Brevanto",
    "Nimbrel",
    "Fuzewick",
    "Cardoon",
    "Sillaby",
    "Aurelle",
    "Norvane",
    "Pellicle",
    "Grandvue",
    "Skerry",
    "Wrenfield",
    "Thessaly",
    "Ombrine",
    "Marrow",
    "Inkwright",
    "Tallis",
    "Merrow",
    "Fenwick",
    "Halcyra",
]


def rows(name: str) -> list[dict[str, Any]]:
    """Return the objects of one JSONL file of this folder."""
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


def split_article(path: Path) -> tuple[dict[str, str], str]:
    """Return the front matter and the body of an article file."""
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in head.strip().splitlines())
    return fields, body


def bodies() -> dict[tuple[str, str], str]:
    """Return the body of every launch article by (launch, file stem)."""
    return {(path.parent.name, path.stem): split_article(path)[1] for path in LAUNCHES.glob("*/*.md")}


def found(pattern: str, text: str) -> bool:
    """Say whether the pattern occurs in the text, whatever the case."""
    return re.search(pattern, text, re.IGNORECASE) is not None


def plain(text: str) -> str:
    """Return the words of a text in lower case, one space between them."""
    return " ".join(re.findall(r"\w+", text.lower()))


@pytest.mark.parametrize("name", ["launches.jsonl", *PAIRS, "as_of.jsonl"])
def test_ids_are_unique(name: str) -> None:
    ids = [row["id"] for row in rows(name)]
    assert len(ids) == len(set(ids))


def test_articles_have_front_matter_and_the_stated_length() -> None:
    paths = sorted(LAUNCHES.glob("*/*.md"))
    assert len({path.parent for path in paths}) >= 13
    for path in paths:
        fields, body = split_article(path)
        assert {"title", "publisher", "published", "kind"} <= fields.keys(), path
        assert fields["kind"] in KINDS, path
        datetime.date.fromisoformat(fields["published"])
        assert 180 <= len(body.split()) <= 420, path


def test_every_gold_quote_stands_in_its_article_and_the_patterns_match_it() -> None:
    articles = bodies()
    for row in rows("launches.jsonl"):
        joined = " ".join(gold["quote"] for gold in row["gold"])
        for gold in row["gold"]:
            assert gold["quote"] in articles[row["launch"], gold["article"]], row["id"]
        for pattern in row["patterns"]:
            assert found(pattern, joined), (row["id"], pattern)
        assert bool(row["gold"]) == bool(row["patterns"]) == row["answerable"], row["id"]


def test_conflict_questions_quote_two_articles() -> None:
    # A clash inside one article is possible, but none of ours is of that sort.
    for row in rows("launches.jsonl"):
        if row["kind"] == "conflict":
            assert len({gold["article"] for gold in row["gold"]}) == 2, row["id"]


def test_question_counts_are_as_promised() -> None:
    questions = rows("launches.jsonl")
    answerable = Counter(row["answerable"] for row in questions)
    follow_ups = Counter(row["answerable"] for row in questions if row.get("history"))
    assert len(questions) >= 240
    assert 0.45 <= answerable[True] / len(questions) <= 0.55
    assert follow_ups.total() >= 20
    assert follow_ups[False] >= 8
    assert {row["launch"] for row in questions} == {launch for launch, _ in bodies()}
    assert all(bool(row.get("history")) == (row["kind"] == "follow-up") for row in questions)


@pytest.mark.parametrize("file", PAIRS)
def test_pairs_hold_the_values_they_name(file: str) -> None:
    pairs = rows(file)
    assert Counter(pair["conflict"] for pair in pairs) == {True: 40, False: 20 if "wire" in file else 40}
    for pair in pairs:
        texts = [article["text"] for article in pair["articles"]]
        first, second = pair["values"]
        assert found(first, texts[0]), pair["id"]
        assert found(second, texts[1]), pair["id"]
        if pair["conflict"]:
            assert not found(first, texts[1]), pair["id"]
            assert not found(second, texts[0]), pair["id"]


def test_reprints_are_near_copies_from_different_publishers() -> None:
    copies = rows("reprints.jsonl")
    words = [set(plain(copy["text"]).split()) for copy in copies]
    assert len({copy["publisher"] for copy in copies}) == len(copies) == 5
    assert len({copy["text"] for copy in copies}) == 5
    for other in words[1:]:
        assert len(words[0] & other) / len(words[0] | other) > 0.75


def test_as_of_patterns_hold_for_what_was_published_by_then() -> None:
    cases = rows("as_of.jsonl")
    assert len(cases) >= 10
    for case in cases:
        assert len(case["as_of"]) >= 2, case["id"]
        for moment in case["as_of"]:
            day = datetime.date.fromisoformat(moment["date"])
            seen = " ".join(
                article["text"]
                for article in case["articles"]
                if datetime.date.fromisoformat(article["published"]) <= day
            )
            assert found(moment["pattern"], seen), (case["id"], moment)
            assert "absent" not in moment or not found(moment["absent"], seen), (case["id"], moment)


def test_nothing_here_is_in_the_training_texts() -> None:
    files = sorted(TRAINING.glob("**/*.txt"))
    if not files:
        pytest.skip("no training texts in this checkout")
    trained = f" {plain(' '.join(path.read_text(encoding='utf-8') for path in files))} "
    texts = list(bodies().values())
    texts += [a["text"] for name in (*PAIRS, "as_of.jsonl") for r in rows(name) for a in r["articles"]]
    texts += [row["text"] for row in rows("reprints.jsonl")]
    texts += [row["text"] for row in rows("paraphrases.jsonl")]
    texts += [text for row in rows("retellings.jsonl") for text in (row["text"], *row["quotes"])]
    ours = {plain(s) for text in texts for s in re.split(r"(?<=[.!?])\s+|\n+", text)}
    ours |= {plain(r["question"]) for n in ASKED for r in rows(n)}
    shared = sorted(s for s in ours if len(s.split()) >= MIN_WORDS and f" {s} " in trained)
    assert shared == []


def test_no_name_of_a_launch_is_in_the_training_texts() -> None:
    files = sorted(TRAINING.glob("**/*.txt"))
    if not files:
        pytest.skip("no training texts in this checkout")
    trained = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert [name for name in NAMES if re.search(rf"\b{name}\b", trained)] == []
