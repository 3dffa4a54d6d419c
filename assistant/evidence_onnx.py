"""The built-in evidence model: an ONNX cross-encoder that reads a question with a whole passage."""

from __future__ import annotations

import hashlib
import json
import math
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import EvidenceModelError
from assistant.evidence import Context, Thresholds, sigmoid
from assistant.question import type_cue
from assistant.synonyms import meanings
from index.sessions import open_session

WEIGHTS = Path(__file__).parent / "weights"
REINSTALL = "Install launch-assistant again: its evidence model is not as it was shipped"


class BuiltInEvidence:
    """The shipped cross-encoder: reads a question with a whole passage and scores every sentence of it at once.

    Runs on ONNX Runtime; torch is not imported. The weights and the tokenizer are checked against the digests in
    `weights/evidence.json` before they are used.
    """

    name = "built-in"
    joint = True
    replies = True

    def __init__(self, folder: Path = WEIGHTS) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    @cached_property
    def card(self) -> dict[str, Any]:
        """What was stored with the weights: digests, token ids, calibration, thresholds."""
        try:
            card: dict[str, Any] = json.loads((self._folder / "evidence.json").read_text("utf-8"))
        except (OSError, ValueError) as exc:
            raise EvidenceModelError(
                f"{self._folder / 'evidence.json'} cannot be read. {REINSTALL}."
            ) from exc
        return card

    @property
    def thresholds(self) -> Thresholds:
        """As chosen on the development set when the model was calibrated."""
        return Thresholds(
            **{k: float(self.card["thresholds"][k]) for k in ("answered", "partial", "support", "doubted")}
        )

    def check(self) -> None:
        """Raise EvidenceModelError unless the model is as it was shipped and loads."""
        self._model()

    def _model(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = (self._session(), self._tokenizer())
        return self._loaded

    def _checked(self, name: str, digest: str) -> bytes:
        try:
            data = (self._folder / name).read_bytes()
        except OSError as exc:
            raise EvidenceModelError(f"{self._folder / name} cannot be read. {REINSTALL}.") from exc
        if hashlib.sha256(data).hexdigest() != digest:
            raise EvidenceModelError(f"{self._folder / name} has been altered. {REINSTALL}.")
        return data

    def _session(self) -> Any:
        return open_session(self._checked("evidence.onnx", self.card["onnx_sha256"]))

    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(
            self._checked("tokenizer.json", self.card["tokenizer_sha256"]).decode("utf-8")
        )
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    def _ids(self, texts: Sequence[str], limit: int) -> list[list[int]]:
        _, tokenizer = self._model()
        return [e.ids[:limit] for e in tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def answers(self, question: str, contexts: Sequence[Context]) -> list[np.ndarray]:
        """See EvidenceModel; a passage longer than the model reads is scored in overlapping windows."""
        card = self.card
        cls, sep, mark = (card["tokens"][name] for name in ("cls", "sep", "answer"))
        limit = int(card["max_tokens"])
        asked = self._ids([question], 64)[0]
        results = [np.zeros(len(c.sentences), dtype=np.float64) for c in contexts]
        rows: list[list[int]] = []
        marks: list[list[tuple[int, int, int]]] = []
        for number, context in enumerate(contexts):
            head = [cls, *asked, sep, *self._ids([context.title], 32)[0]]
            sentences = self._ids(context.sentences, limit - len(head) - 2)
            for first, last in _windows([len(s) + 1 for s in sentences], limit - len(head) - 1):
                row, places = list(head), []
                for index in range(first, last):
                    places.append((len(row), number, index))
                    row += [mark, *sentences[index]]
                rows.append([*row, sep])
                marks.append(places)
        logits = run_rows(self._model()[0], rows, "answer_logits")
        scale, shift = card["calibration"]["answer"]
        priors = self._priors(question, contexts)
        for row_logits, places in zip(logits, marks, strict=True):
            for place, number, index in places:
                raw = scale * float(row_logits[place]) + shift + priors[number][index]
                results[number][index] = max(results[number][index], sigmoid(raw))
        return results

    def _priors(self, question: str, contexts: Sequence[Context]) -> list[list[float]]:
        """What the words alone say for each sentence, in log-odds, weighed as stored with the model.

        The model is small and sees one passage at a time; which of the question's words are rare in all that was
        found, and whether a sentence holds a date where one is asked for, it cannot know as surely.
        """
        weights = self.card["prior"]
        words = [[meanings(sentence) for sentence in c.sentences] for c in contexts]
        # The more articles were found, the surer one of them has a sentence that only looks like an answer.
        crowd = weights["crowd"] * math.log(max(1, len({c.title for c in contexts})))
        weight = rarity(meanings(question), [w for ws in words for w in ws])
        total = sum(weight.values()) or 1.0
        return [
            [
                weights["coverage"] * sum(weight[w] for w in weight.keys() & held) / total
                + weights["cue"] * type_cue(question, sentence)
                + weights["shift"]
                - crowd
                for sentence, held in zip(c.sentences, ws, strict=True)
            ]
            for c, ws in zip(contexts, words, strict=True)
        ]

    def supports(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        """See EvidenceModel."""
        card = self.card
        cls, sep, mark = (card["tokens"][name] for name in ("cls", "sep", "support"))
        limit = int(card["max_tokens"])
        claims = self._ids([claim for claim, _ in pairs], limit // 2)
        evidence = self._ids([text for _, text in pairs], limit)
        rows = [[*[cls, *c, sep, mark, *e][: limit - 1], sep] for c, e in zip(claims, evidence, strict=True)]
        scale, shift = card["calibration"]["support"]
        logits = run_rows(self._model()[0], rows, "support_logits")
        return np.array([sigmoid(scale * float(x) + shift) for x in logits])


def run_rows(session: Any, rows: Sequence[Sequence[int]], output: str) -> list[np.ndarray]:
    """The output for each row of token ids; rows of like length share a batch, which saves the padding."""
    results: list[np.ndarray] = [np.zeros(0)] * len(rows)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    for begin in range(0, len(order), 16):
        batch = order[begin : begin + 16]
        width = max(len(rows[i]) for i in batch)
        ids = np.zeros((len(batch), width), dtype=np.int64)
        mask = np.zeros_like(ids)
        for line, i in enumerate(batch):
            ids[line, : len(rows[i])] = rows[i]
            mask[line, : len(rows[i])] = 1
        (values,) = session.run([output], {"input_ids": ids, "attention_mask": mask})
        for line, i in enumerate(batch):
            results[i] = values[line]
    return results


def _windows(lengths: Sequence[int], room: int) -> list[tuple[int, int]]:
    """Runs [first, last) of sentences that fit into `room` tokens; neighbouring runs share one sentence."""
    found: list[tuple[int, int]] = []
    first = 0
    while first < len(lengths):
        last, used = first, 0
        while last < len(lengths) and (last == first or used + lengths[last] <= room):
            used += lengths[last]
            last += 1
        found.append((first, last))
        if last == len(lengths):
            break
        first = last - 1 if last - first > 1 and lengths[last - 1] + lengths[last] <= room else last
    return found


def rarity(asked: frozenset[str], sentences: Sequence[frozenset[str]]) -> dict[str, float]:
    """Weight of each asked word: one that most sentences carry (the launch's own name) says nothing about any."""
    return {
        w: max(0.0, math.log((len(sentences) + 1) / (sum(w in s for s in sentences) + 0.5))) for w in asked
    }
