"""The data: public question sets, and launch passages written for this project in a plain text format."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.question import as_claim
from corpus.errors import LaunchError

#: Public sets that shipped weights may be trained on. Every other set is for measuring alone.
TRAIN_SETS = ("squad2half-train", "xquad-en", "selqa", "qed-dev", "covidqa", "policyqa", "qamr")
#: Public sets that are never trained on.
TEST_SETS = ("squad2half-held", "wikiqa-dev", "wikiqa-test", "trecqa-dev", "trecqa-test")
#: One launch file in so many is kept for calibration and measuring. Whole files are kept back, since the
#: passages of one file often speak of the same launch.
HELD_ONE_IN = 10

_MEANT = re.compile(r"^(?P<text>.*\S)\s*=>\s*(?P<where>-|\d+(?:\s*,\s*\d+)*)\s*$")


_CLAIMS = ("C+:", "C-:")
_SIDES = ("Y:", "N:", "U:")
#: What kind of claim a line of a launch file makes.
_CLAIMED = dict.fromkeys(_CLAIMS, "written") | dict.fromkeys(_SIDES, "side")


class TrainingDataError(LaunchError):
    """A file of training data does not follow its format."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question beside a passage; `positives` are the indexes of the sentences that answer it, or none."""

    question: str
    title: str
    sentences: tuple[str, ...]
    positives: frozenset[int]
    source: str
    passage: str
    group: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim beside evidence, and whether the evidence supports it; `kind` says how the claim came about.

    `others` are the sentences of the passage that are not in the evidence, for those that were written.
    """

    text: str
    evidence: str
    supported: bool
    kind: str
    source: str
    passage: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LaunchSet:
    """What one launch file, or several, hold."""

    examples: tuple[Example, ...]
    claims: tuple[Claim, ...]


def load_public(folder: Path, name: str) -> list[Example]:
    """The questions of one public set.

    Raises:
        TrainingDataError: the set is not in the folder, or a line of it is not as described.
    """
    path = folder / f"{name}.jsonl.gz"
    if not path.is_file():
        raise TrainingDataError(f"{path} is missing. Name the folder of the question sets with --data.")
    found: list[Example] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                sentences = tuple(str(s) for s in row["cands"])
                positives = frozenset(int(p) for p in row["pos"])
                document = str(row["doc"])
                passage = str(row.get("par", document))  # some sets have no passages, only documents
                example = Example(row["q"], row["title"], sentences, positives, name, passage, document)
            except (ValueError, KeyError, TypeError) as exc:
                raise TrainingDataError(f"{path}, line {number}: not a labelled question ({exc}).") from exc
            if sentences and all(0 <= p < len(sentences) for p in positives):
                found.append(example)
    return found


def parse_launches(text: str, *, name: str) -> LaunchSet:
    """The passages of a launch file.

    A passage starts with `## title | publisher | YYYY-MM-DD`, has `S:` sentences, and then `Q:`, `C+:` and `C-:`
    lines that end in `=> 1,2` (sentences counted from 1) or, for questions, `=> -`. `Y:`, `N:` and `U:` lines are
    questions to which the sentences say yes, or no, or neither. Lines that start with a single `#` are comments.

    Raises:
        TrainingDataError: with the name, the line number and what is expected there.
    """
    examples: list[Example] = []
    claims: list[Claim] = []
    title, sentences, key = "", [], ""

    def where(number: int, value: str) -> tuple[int, ...]:
        found = () if value == "-" else tuple(int(v) - 1 for v in value.split(","))
        if any(not 0 <= f < len(sentences) for f in found):
            raise TrainingDataError(
                f"{name}, line {number}: points at a sentence that the passage lacks; it has {len(sentences)}."
            )
        return found

    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or (line.startswith("#") and not line.startswith("## ")):
            continue
        tag, _, rest = line.partition(" ")
        if tag == "##":
            parts = [p.strip() for p in rest.rsplit("|", 2)]
            if len(parts) != 3 or not re.fullmatch(r"\d{4}-\d\d-\d\d", parts[2]):
                raise TrainingDataError(f"{name}, line {number}: write '## title | publisher | YYYY-MM-DD'.")
            title, sentences, key = parts[0], [], f"{name}:{number}"
        elif tag == "S:" and key:
            sentences.append(rest.strip())
        elif tag in ("Q:", *_CLAIMS, *_SIDES) and sentences:
            match = _MEANT.match(rest)
            if match is None or (tag != "Q:" and match["where"] == "-"):
                raise TrainingDataError(f"{name}, line {number}: end the line with '=> 2' or '=> 2,3'.")
            at, said = where(number, match["where"]), match["text"]
            if tag in ("Q:", "Y:", "N:"):
                # The sentence that settles a question comes last; those before it name what it speaks of.
                meant = frozenset(at if tag == "Q:" else at[-1:])
                examples.append(Example(said, title, tuple(sentences), meant, "launches", key, name))
            evidence = " ".join(sentences[i] for i in at)
            others = tuple(s for i, s in enumerate(sentences) if i not in at)
            for text, supported in _claimed(tag, said):
                claims.append(Claim(text, evidence, supported, _CLAIMED[tag], "launches", key, others))
        else:
            raise TrainingDataError(
                f"{name}, line {number}: expected '##', 'S:', 'Q:', 'C+:', 'C-:', 'Y:', 'N:' or 'U:' in this order, "
                f"not {tag!r}."
            )
    return LaunchSet(tuple(examples), tuple(claims))


def _claimed(tag: str, text: str) -> list[tuple[str, bool]]:
    """The claims that a line makes, and whether each is supported."""
    if tag in _CLAIMS:
        return [(text, tag == "C+:")]
    if tag == "U:":  # one of the two, so that neither word goes with being unsupported
        return [(as_claim(text, "Yes" if len(text) % 2 == 0 else "No"), False)]
    return [(as_claim(text, said), tag == said[0] + ":") for said in ("Yes", "No")] if tag in _SIDES else []


def is_held(name: str) -> bool:
    """Whether a launch file of that name is kept for calibration and measuring; it never changes for a name."""
    number = re.search(r"(\d+)\D*$", name)
    if number is None:
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % HELD_ONE_IN == 0
    return int(number[1]) % HELD_ONE_IN == 5


def launch_files(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every launch file of a folder, by name."""
    for path in sorted(folder.glob("*.txt")):
        yield path.stem, path.read_text("utf-8")


def load_launches(folder: Path, *, held: bool) -> LaunchSet:
    """The launch passages kept back (`held`), or all the others.

    Raises:
        TrainingDataError: a file does not follow the format.
    """
    sets = [parse_launches(text, name=name) for name, text in launch_files(folder) if is_held(name) == held]
    return LaunchSet(tuple(e for s in sets for e in s.examples), tuple(c for s in sets for c in s.claims))
