"""Another embedding model, or another passage length: the old index serves until the new one is whole."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from index import IndexConfig, Retriever, rebuild
from index.embedding import Embedder, make_embedder, packaged_folder
from index.errors import EmbeddingError, IndexStaleError
from index.manifest import read_manifest
from tests.index.test_rebuild import article, articles

ROOT = Path(__file__).parents[2]


def tiny_model(folder: Path, seed: int = 1) -> Path:
    """A model of one small layer that was never trained; its vectors have another length than the packaged one's."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel

    torch.manual_seed(seed)
    plain = folder.parent / f"{folder.name} plain"
    shape = {"hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=30522, **shape)).save_pretrained(plain)
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        shutil.copy(packaged_folder() / name, plain)
    modules = [Transformer(str(plain), max_seq_length=64), Pooling(24)]
    SentenceTransformer(modules=modules, device="cpu").save(str(folder))
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("models") / "tiny")


READING = """
import sys
from pathlib import Path
from index import IndexConfig, Retriever
retriever = Retriever.open(Path(sys.argv[1]), config=IndexConfig(embedder=sys.argv[2]))
for line in sys.stdin:
    hits = retriever.search("Where does the zebra live?")
    seen = all(h.similarity is not None for h in hits)
    print(retriever.generation, bool(retriever.stale), seen, hits[0].passage.text.split("region ")[1][0], flush=True)
"""


class Reader:
    """Another process that asks when it is told to."""

    def __init__(self, home: Path, embedder: str) -> None:
        command = [sys.executable, "-c", READING, str(home), embedder]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def ask(self) -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self) -> str:
        return self.process.communicate(timeout=60)[1]


class Asked:
    """An embedder that lets somebody ask in the middle of its work."""

    def __init__(self, inner: Embedder, ask: Callable[[], object]) -> None:
        self._inner, self._ask = inner, ask
        self.name, self.dimension = inner.name, inner.dimension

    def embed_documents(
        self, texts: Sequence[str], *, on_progress: Callable[[int, int], None] | None = None
    ) -> np.ndarray:
        self._ask()
        return self._inner.embed_documents(texts, on_progress=on_progress)

    def embed_query(self, text: str) -> np.ndarray:
        return self._inner.embed_query(text)


def test_readers_answer_before_during_and_after_a_change_of_the_model(
    tmp_home: Path, tiny: Path, embedder: Embedder
) -> None:
    rebuild(articles(0), home=tmp_home, embedder=embedder)
    packaged, other = IndexConfig(), IndexConfig(embedder=str(tiny))
    running, new = Reader(tmp_home, packaged.embedder), Reader(tmp_home, other.embedder)
    # A new process with the new settings asks the old index as it was built, and says so.
    assert running.ask() == "1 False True 0"
    assert new.ask() == "1 True True 0"
    during: list[str] = []
    asking = Asked(make_embedder(str(tiny)), lambda: during.extend((running.ask(), new.ask())))
    rebuild(articles(1), home=tmp_home, config=other, embedder=asking)
    assert during == ["1 False True 0", "1 True True 0"]
    # The index is the new one now: a process with the old settings asks it as it was built.
    assert running.ask() == "2 True True 1"
    assert new.ask() == "2 False True 1"
    assert "launch-assistant rebuild" in running.end()
    assert "all-MiniLM-L6-v2, passages of up to 900" in new.end()
    made = read_manifest(tmp_home).made
    assert made
    assert (made.embedder, made.passage_chars, made.overlap_sentences) == (str(tiny), 900, 1)
    # And back, in one process and with no new article.
    report = rebuild(articles(1), home=tmp_home, embedder=embedder)
    assert (report.embedded, report.generation) == (6, 3)


def test_a_model_whose_weights_changed_is_another_model(
    tmp_home: Path, tmp_path: Path, embedder: Embedder
) -> None:
    folder = tiny_model(tmp_path / "model")
    config = IndexConfig(embedder=str(folder))
    assert rebuild(articles(), home=tmp_home, config=config).embedded == 6
    assert rebuild(articles(), home=tmp_home, config=config).embedded == 0
    shutil.rmtree(folder)
    tiny_model(folder, seed=2)
    # With the packaged model set, the one that is gone is needed; with its folder set, its weights are others.
    for now in (IndexConfig(), config):
        with pytest.raises(IndexStaleError, match=r"cannot be had as it was.*launch-assistant rebuild"):
            Retriever.open(tmp_home, config=now)
    assert rebuild(articles(), home=tmp_home, config=config).embedded == 6
    assert Retriever.open(tmp_home, config=config).stale == ""


def test_a_model_that_cannot_be_had_costs_nothing(tmp_home: Path, embedder: Embedder) -> None:
    rebuild(articles(), home=tmp_home, embedder=embedder)
    missing = IndexConfig(embedder="no such folder")
    with pytest.raises(EmbeddingError):
        rebuild(articles(1), home=tmp_home, config=missing)
    assert Retriever.open(tmp_home, config=missing).search("Where does the zebra live?")


def test_another_passage_length_serves_until_it_is_built(tmp_home: Path, embedder: Embedder) -> None:
    long = [article("zebra", " ".join(f"Sentence {n} is about the zebra." for n in range(40)))]
    rebuild(long, home=tmp_home, embedder=embedder)
    shorter = IndexConfig(passage_chars=300)
    reader = Retriever.open(tmp_home, config=shorter, embedder=embedder)
    assert max(len(h.passage.text) for h in reader.search("the zebra")) > 300
    assert "passages of up to 900" in reader.stale
    rebuild(long, home=tmp_home, config=shorter, embedder=embedder)
    assert max(len(h.passage.text) for h in reader.search("the zebra")) <= 300
    assert reader.stale == ""


def test_an_index_of_nothing_takes_the_new_settings_too(tmp_home: Path, embedder: Embedder) -> None:
    rebuild([], home=tmp_home, embedder=embedder)
    shorter = IndexConfig(passage_chars=300)
    assert rebuild([], home=tmp_home, config=shorter, embedder=embedder).generation == 2
    assert Retriever.open(tmp_home, config=shorter, embedder=embedder).stale == ""
