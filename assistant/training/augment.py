"""What is made from the labelled data while training: windows, unanswerable questions, awkward wording, claims."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from assistant.question import QuestionKind, as_claim, asks_which, parse_question
from assistant.terms import content_words, overlap
from assistant.training import perturb
from assistant.training.data import Claim, Example
from assistant.values import Value, offered, values

_SMALL_WORDS = frozenset(
    "a an the is are was were do does did of to in on at for by with and or be been has have had it its this that "
    "will would can could there s".split()
)
_HEADS = "Bel Cor Dax Ey Fen Gral Hal Ist Jor Kel Lum Mar Nov Or Pel Quin Ras Sol Tam Ul Ver Wex Xan Yar Zeph".split()
_TAILS = "adon ara axis bit entis era etra ia ion ista ium ix om ora os ovo une ura us yne".split()
_KINDS = ("", "", "", " 2", " 3", " Pro", " Mini", " Spark", " X", " One", " 4.5", " Max")


def invented(rng: random.Random) -> str:
    """A name that nothing has."""
    return rng.choice(_HEADS) + rng.choice(_TAILS) + rng.choice(_KINDS)


def window(example: Example, rng: random.Random, *, longest: int = 7) -> Example:
    """A run of neighbouring sentences, which more often than not holds an answer where there is one."""
    count = len(example.sentences)
    size = min(count, rng.choice([s for s in (2, 3, 3, 4, 4, 5, 6, 7) if s <= longest]))
    if example.positives and rng.random() < 0.88:
        anchor = rng.choice(sorted(example.positives))
    else:
        anchor = rng.randrange(count)
    start = max(0, min(anchor - rng.randrange(size), count - size))
    inside = frozenset(p - start for p in example.positives if start <= p < start + size)
    return replace(example, sentences=example.sentences[start : start + size], positives=inside)


def gathered(example: Example, pool: Sequence[Example], rng: random.Random) -> Example:
    """Sentences of the passage in any order, at times a few of another among them.

    So that neither the order nor one subject throughout is taken for a sign of an answer.
    """
    count = len(example.sentences)
    kept = set(rng.sample(range(count), min(count, rng.randint(3, 7))))
    if example.positives and rng.random() < 0.88:
        kept.add(rng.choice(sorted(example.positives)))
    told = [(example.sentences[i], i in example.positives) for i in kept]
    if rng.random() < 0.3:
        other = other_passage(example, pool, rng).sentences
        told += [(s, False) for s in rng.sample(other, min(len(other), rng.randint(1, 3)))]
    rng.shuffle(told)
    positives = frozenset(i for i, (_, answers) in enumerate(told) if answers)
    return replace(example, sentences=tuple(s for s, _ in told), positives=positives)


def without_answer(example: Example) -> Example | None:
    """The passage with what answers taken out, so that the question has none."""
    left = tuple(s for i, s in enumerate(example.sentences) if i not in example.positives)
    return replace(example, sentences=left, positives=frozenset()) if left and example.positives else None


def other_passage(example: Example, pool: Sequence[Example], rng: random.Random) -> Example:
    """The question beside a passage about something else."""
    other = rng.choice(pool)
    for _ in range(8):
        if other.passage != example.passage and other.group != example.group:
            break
        other = rng.choice(pool)
    return replace(example, title=other.title, sentences=other.sentences, positives=frozenset())


def main_name(example: Example) -> str | None:
    """The longest name that the question shares with its passage or title, whatever the letters' case."""
    text = example.title + " " + " ".join(example.sentences)
    asked = example.question.lower()
    found = [n for n in perturb.names(". " + text) if re.search(rf"\b{re.escape(n.lower())}\b", asked)]
    return max(found, key=len, default=None)


def renamed(example: Example, rng: random.Random, *, asked_only: bool = False) -> Example | None:
    """Another name for what the question is about: everywhere, or in the question alone, which then has no answer."""
    name = main_name(example)
    if name is None:
        return None
    new, seek = invented(rng), re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE)
    question = seek.sub(new, example.question)
    if asked_only:
        return replace(example, question=question, positives=frozenset())
    return replace(
        example,
        question=question,
        title=seek.sub(new, example.title),
        sentences=tuple(seek.sub(new, s) for s in example.sentences),
    )


def worded(question: str, rng: random.Random) -> str:
    """The question as people type it: lower case, without its mark, or in keywords."""
    if rng.random() < 0.2:
        question = question.lower()
    if rng.random() < 0.25:
        question = question.rstrip(" ?")
    if rng.random() < 0.06:
        words = [w for w in question.split() if w.lower().strip("?,'") not in _SMALL_WORDS]
        question = " ".join(words) if len(words) > 2 else question
    return question


def augmented(example: Example, pool: Sequence[Example], rng: random.Random) -> Example:
    """One example as the model is to see it this time; `pool` gives other passages."""
    made: Example | None = None
    roll = rng.random()
    if example.positives and roll < 0.10:
        made = without_answer(example)
    elif roll < 0.16:
        made = other_passage(example, pool, rng)
    elif roll < 0.21 and example.positives:
        made = renamed(example, rng, asked_only=True)
    elif roll < 0.45:
        made = renamed(example, rng)
    seen = made or example
    made = gathered(seen, pool, rng) if rng.random() < 0.15 else window(seen, rng)
    if rng.random() < 0.1:
        made = replace(made, title="")
    return replace(made, question=worded(made.question, rng))


#: How often a written claim is put beside other sentences of its passage than those it was written to, and how often
#: another sentence joins these.
_ELSEWHERE, _JOINED = 0.3, 0.25


def beside(claim: Claim, rng: random.Random) -> Claim:
    """A written claim as it is to be seen this time: now and then beside sentences that do not speak of it.

    What people write as supported says things in words of its own, and what they write as unsupported stays near the
    sentence. Seen only so, few words in common would pass for support.
    """
    roll = rng.random()
    if not claim.others or roll >= _ELSEWHERE + _JOINED:
        return claim
    if roll < _ELSEWHERE:
        return elsewhere(claim, rng)
    both = [claim.evidence, rng.choice(claim.others)]
    return replace(claim, evidence=" ".join(rng.sample(both, 2)))


def elsewhere(claim: Claim, rng: random.Random) -> Claim:
    """A written claim beside another sentence of its passage, which does not support it."""
    return replace(claim, evidence=rng.choice(claim.others), supported=False, kind="elsewhere")


#: How often each kind of change is tried. The guard checks figures, dates and names by rule, so the model's
#: practice goes to what rules cannot see.
_TRIES = (
    "negation",
    "negation",
    "negation",
    "swapped",
    "swapped",
    "swapped",
    "opposite",
    "opposite",
    "modality",
)
_TRIES += ("quantity", "quantity", "number", "date", "name", "neighbour")


def made_claim(example: Example, rng: random.Random, kind: str | None = None) -> Claim | None:
    """A claim made from a random sentence of the passage, or None where the drawn change does not apply."""
    at = rng.randrange(len(example.sentences))
    sentence = example.sentences[at]
    if not 6 <= len(sentence.split()) <= 45:
        return None
    evidence = sentence
    if rng.random() < 0.25 and len(example.sentences) > 1:
        evidence = " ".join(example.sentences[max(0, at - 1) : at + 2])
    if kind is None:
        kind = rng.choice(tuple(perturb.SUPPORTED)) if rng.random() < 0.45 else rng.choice(_TRIES)
    text: str | None
    if kind == "neighbour":
        others = [s for s in example.sentences if s != sentence and len(s.split()) > 5]
        text, evidence = (sentence, rng.choice(others)) if others else (None, "")
    elif kind == "name":
        text = perturb.rename(sentence, rng, others=perturb.names(". " + " ".join(example.sentences)))
    else:
        text = (perturb.SUPPORTED | perturb.UNSUPPORTED)[kind](sentence, rng)
    supported = kind in perturb.SUPPORTED
    if text is None or (text == sentence and kind not in ("same", "neighbour")) or len(text.split()) < 4:
        return None
    if kind in perturb.UNSUPPORTED and evidence == sentence and rng.random() < 0.25:
        text, evidence = evidence, text  # the change may as well stand in the evidence
    return Claim(text, evidence, supported, kind, example.source, example.passage)


_SHORT = frozenset({QuestionKind.QUANTITY, QuestionKind.WHEN, QuestionKind.WHO, QuestionKind.WHERE})


def short_answer(example: Example, rng: random.Random) -> Claim | None:
    """The question with a figure, date or name as its answer, beside a sentence that gives it or that gives another thing.

    None where the question asks for none of these, or where it cannot be told which of several values is the answer.
    """
    asked = example.question
    if not asks_for_a_value(asked):
        return None
    told = {i: found for i, s in enumerate(example.sentences) if (found := values(asked, s))}
    # Of several values it cannot be told which is meant.
    right = [(i, told[i][0]) for i in example.positives if len(told.get(i, ())) == 1]
    others = sorted(set(told) - example.positives)
    if right and rng.random() < 0.7:
        at, value = rng.choice(right)
        return _short(example, at, value, True, rng)
    roll = rng.random()
    if right and roll < 0.35:
        # Another value of the sentence that answers, or the value of another sentence.
        at, value = rng.choice(right)
        wrong = [v for v in offered(asked, example.sentences[at]) if v.what != value.what]
        wrong = wrong or [v for i in others for v in told[i] if v.what != value.what]
        return _short(example, at, rng.choice(wrong), False, rng) if wrong else None
    if not others:
        return None
    words = content_words(asked)
    others.sort(key=lambda i: -overlap(words, content_words(example.sentences[i])))
    at = others[0] if rng.random() < 0.6 else rng.choice(others)
    # The answer beside a sentence that does not give it, or what such a sentence does give.
    value = rng.choice(right)[1] if right and roll > 0.85 else rng.choice(told[at])
    return _short(example, at, value, False, rng)


@lru_cache(maxsize=1 << 18)
def asks_for_a_value(question: str) -> bool:
    """Whether a question asks for a figure, a date or a name."""
    return parse_question(question).kind in _SHORT or asks_which(question)


def _short(example: Example, at: int, value: Value, supported: bool, rng: random.Random) -> Claim:
    evidence = example.sentences[at]
    if at and rng.random() < 0.3:
        evidence = f"{example.sentences[at - 1]} {evidence}"
    text = as_claim(worded(example.question, rng), value.phrase)
    return Claim(text, evidence, supported, "short", example.source, example.passage)
