"""The evidence models: the built-in one (ONNX), the heuristic, and any cross-encoder that the user names."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from assistant.errors import EvidenceModelError
from assistant.evidence import Context, EvidenceModel, Thresholds, sigmoid
from assistant.evidence_onnx import BuiltInEvidence, rarity
from assistant.question import type_cue
from assistant.terms import content_words
from index.embedding import Embedder


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


class HeuristicEvidence:
    """No trained model: shared words, similarity beyond what all sentences share, and the kind of answer asked for.

    The weights were set by hand on the development questions; the figures are ranks turned into numbers in [0, 1],
    not calibrated probabilities. It serves for comparison and where the weights cannot run.
    """

    name = "heuristic"
    joint = False
    replies = False
    thresholds = Thresholds(answered=0.5, partial=0.44, support=0.72)

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def answers(self, question: str, contexts: Sequence[Context]) -> list[np.ndarray]:
        """See EvidenceModel."""
        flat = [sentence for c in contexts for sentence in c.sentences]
        if not flat:
            return [np.zeros(0) for _ in contexts]
        words = [content_words(sentence) for sentence in flat]
        weight = rarity(content_words(question), words)
        total = sum(weight.values()) or 1.0
        similarity = self._embedder.embed_documents(flat) @ self._embedder.embed_query(question)
        beyond = similarity - float(np.mean(similarity))
        scores = []
        for sentence, ws, distinct in zip(flat, words, beyond, strict=True):
            coverage = sum(weight[w] for w in weight.keys() & ws) / total
            raw = 3.2 * coverage + 4.5 * float(distinct) + 0.9 * type_cue(question, sentence) - 2.9
            scores.append(sigmoid(raw))
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

    joint = False
    replies = False
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
            return np.array([sigmoid(float(x)) for x in logits])
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
