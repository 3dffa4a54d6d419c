"""The evidence models: the built-in one (ONNX), the heuristic, and any cross-encoder that the user names."""

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
from assistant.evidence import Context, EvidenceModel, Thresholds
from assistant.question import type_cue
from assistant.terms import content_words
from index.embedding import Embedder

WEIGHTS = Path(__file__).parent / "weights"
REINSTALL = "Install launch-assistant again: its evidence model is not as it was shipped"


def make_evidence_model(name: str, *, embedder: Embedder) -> EvidenceModel:
    """The model of that name; it loads at first use.

    Raises:
        EvidenceModelError: no such model can be had here.
    """
    if name == "built-in":
        return BuiltInEvidence()
    if name == "heuristic":
        return HeuristicEvidence(embedder)
    return CrossEncoderEvidence(name)


class BuiltInEvidence:
    """The shipped cross-encoder: reads a question with a whole passage and scores every sentence of it at once.

    Runs on ONNX Runtime; torch is not imported. The weights and the tokenizer are checked against the digests in
    `weights/evidence.json` before they are used.
    """

    name = "built-in"

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
            **{k: float(self.card["thresholds"][k]) for k in ("answered", "partial", "support")}
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
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # Threads that wait by spinning take the cores from whatever else runs, other questions included.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        data = self._checked("evidence.onnx", self.card["onnx_sha256"])
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])

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
        logits = self._run(rows, "answer_logits")
        scale, shift = card["calibration"]["answer"]
        priors = self._priors(question, contexts)
        for row_logits, places in zip(logits, marks, strict=True):
            for place, number, index in places:
                raw = scale * float(row_logits[place]) + shift + priors[number][index]
                results[number][index] = max(results[number][index], _sigmoid(raw))
        return results

    def _priors(self, question: str, contexts: Sequence[Context]) -> list[list[float]]:
        """What the words alone say for each sentence, in log-odds, weighed as stored with the model.

        The model is small and sees one passage at a time; which of the question's words are rare in all that was
        found, and whether a sentence holds a date where one is asked for, it cannot know as surely.
        """
        weights = self.card["prior"]
        words = [[content_words(sentence) for sentence in c.sentences] for c in contexts]
        rarity = _rarity(content_words(question), [w for ws in words for w in ws])
        total = sum(rarity.values()) or 1.0
        return [
            [
                weights["coverage"] * sum(rarity[w] for w in rarity.keys() & held) / total
                + weights["cue"] * type_cue(question, sentence)
                + weights["shift"]
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
        return np.array([_sigmoid(scale * float(x) + shift) for x in self._run(rows, "support_logits")])

    def _run(self, rows: Sequence[Sequence[int]], output: str) -> list[Any]:
        """The output for each row of token ids; rows of like length share a batch, which saves the padding."""
        session, _ = self._model()
        results: list[Any] = [None] * len(rows)
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


def _rarity(asked: frozenset[str], sentences: Sequence[frozenset[str]]) -> dict[str, float]:
    """Weight of each asked word: one that most sentences carry (the launch's own name) says nothing about any."""
    return {
        w: max(0.0, math.log((len(sentences) + 1) / (sum(w in s for s in sentences) + 0.5))) for w in asked
    }


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


class HeuristicEvidence:
    """No trained model: shared words, similarity beyond what all sentences share, and the kind of answer asked for.

    The weights were set by hand on the development questions; the figures are ranks turned into numbers in [0, 1],
    not calibrated probabilities. It serves for comparison and where the weights cannot run.
    """

    name = "heuristic"
    thresholds = Thresholds(answered=0.5, partial=0.44, support=0.72)

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def answers(self, question: str, contexts: Sequence[Context]) -> list[np.ndarray]:
        """See EvidenceModel."""
        flat = [sentence for c in contexts for sentence in c.sentences]
        if not flat:
            return [np.zeros(0) for _ in contexts]
        words = [content_words(sentence) for sentence in flat]
        weight = _rarity(content_words(question), words)
        total = sum(weight.values()) or 1.0
        similarity = self._embedder.embed_documents(flat) @ self._embedder.embed_query(question)
        beyond = similarity - float(np.mean(similarity))
        scores = []
        for sentence, ws, distinct in zip(flat, words, beyond, strict=True):
            coverage = sum(weight[w] for w in weight.keys() & ws) / total
            raw = 3.2 * coverage + 4.5 * float(distinct) + 0.9 * type_cue(question, sentence) - 2.9
            scores.append(_sigmoid(raw))
        results, at = [], 0
        for context in contexts:
            results.append(np.array(scores[at : at + len(context.sentences)]))
            at += len(context.sentences)
        return results

    def supports(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        """Share of the claim's words that the evidence has, in [0, 1]."""
        shares = []
        for claim, evidence in pairs:
            words = content_words(claim)
            shares.append(len(words & content_words(evidence)) / len(words) if words else 1.0)
        return np.array(shares)


class CrossEncoderEvidence:
    """Any sentence-transformers cross-encoder (a reranker, or an NLI model for the claims), by folder or hub name."""

    thresholds = Thresholds(answered=0.5, partial=0.35, support=0.6)

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._loaded: Any = None

    def _model(self) -> Any:
        with self._lock:
            if self._loaded is None:
                from sentence_transformers import CrossEncoder

                try:
                    self._loaded = CrossEncoder(self.name, device="cpu")
                except Exception as exc:  # whatever the hub or the folder raises means the same to the user
                    raise EvidenceModelError(
                        f"The evidence model {self.name!r} cannot be had: {type(exc).__name__}. Name a folder that "
                        "holds a cross-encoder, set HF_HUB_OFFLINE=0 where a model hub can be reached, or unset "
                        "LAUNCH_EVIDENCE__MODEL for the built-in one."
                    ) from exc
        return self._loaded

    def _probabilities(self, pairs: list[tuple[str, str]]) -> np.ndarray:
        logits = np.asarray(
            self._model().predict(pairs, activation_fn=_identity(), convert_to_numpy=True), dtype=float
        )
        if logits.ndim == 1:
            return np.array([_sigmoid(float(x)) for x in logits])
        shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
        labels = {str(v).lower(): int(k) for k, v in (self._model().model.config.id2label or {}).items()}
        return np.asarray((shifted / shifted.sum(axis=1, keepdims=True))[:, labels.get("entailment", -1)])

    def answers(self, question: str, contexts: Sequence[Context]) -> list[np.ndarray]:
        """See EvidenceModel; each sentence is read with the one before it."""
        pairs = [
            (question, " ".join(c.sentences[max(0, i - 1) : i + 1]))
            for c in contexts
            for i in range(len(c.sentences))
        ]
        flat = self._probabilities(pairs) if pairs else np.zeros(0)
        results, at = [], 0
        for context in contexts:
            results.append(flat[at : at + len(context.sentences)])
            at += len(context.sentences)
        return results

    def supports(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        """See EvidenceModel; NLI models read the evidence first and the claim second."""
        return self._probabilities([(evidence, claim) for claim, evidence in pairs]) if pairs else np.zeros(0)


def _identity() -> Any:
    import torch

    return torch.nn.Identity()
