"""Building, changing and searching the index at 1k, 10k and 100k passages (1M with --full).

The articles are made up (see generated.py) and lie in a folder, as a user's do. Up to 10k passages the packaged model
embeds them; above, vectors are seeded: a random projection of a passage's rarer words. Each size runs in a process of
its own, so that its peak memory is its own; so do the change and the reader that are said to be in a new process.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import index.vectors
from corpus.library import Library
from corpus.models import Article
from index import IndexConfig, Retriever, rebuild
from index.embedding import Embedder, make_embedder
from index.manifest import MANIFEST
from index.store import VectorStore
from tests.bench.generated import SeededEmbedder, articles

ROOT = Path(__file__).parents[2]
REAL_UP_TO = 10_000
QUERIES = 200
MB = 1 << 20


class Clock:
    """Counts the seconds spent in a function that a module calls by name."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def on(self, module: Any, name: str) -> Iterator[None]:
        """Count for this while."""
        inner = getattr(module, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            begun = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - begun

        setattr(module, name, timed)
        try:
            yield
        finally:
            setattr(module, name, inner)

    def take(self) -> float:
        """The seconds since the last time."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds


def folder_size(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def write_folder(folder: Path, made: Iterable[Article]) -> None:
    """Articles as files with front matter."""
    folder.mkdir(exist_ok=True)
    for article in made:
        head = {"title": article.title, "publisher": article.publisher, "kind": article.kind.value}
        head |= {"published": str(article.published)}
        lines = [f"{name}: {json.dumps(value)}" for name, value in head.items()]
        (folder / f"{article.id}.md").write_text("\n".join(["---", *lines, "---", article.text]), "utf-8")


def changed(article: Article, word: str) -> Article:
    """An article with one word more in its first sentence."""
    return replace(article, text=article.text.replace(". ", f" {word}. ", 1))


def measure(count: int, seed: int, home: Path, folder: Path, *, real: bool) -> dict[str, Any]:
    """What one process sees of one size: the build, the searches, a change; `real` where the packaged model embeds."""
    embedder: Embedder = make_embedder() if real else SeededEmbedder()
    embedder.embed_query("Load the model.")
    row: dict[str, Any] = {"vectors": "model" if real else "seeded"}
    lexical = Clock()
    with lexical.on(index.vectors, "write_lexical"):
        write_folder(folder, articles(count, seed))
        begun = time.perf_counter()
        corpus = list(Library(folder).read().articles)
        row["read"] = time.perf_counter() - begun

        row["before"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        report = rebuild(corpus, home=home, embedder=embedder)
        row |= {"passages": report.passages, "build": report.seconds, "build_lexical": lexical.take()}
        row["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        row["disk"] = folder_size(home)
        row["disk_lexical"] = sum(folder_size(p) for p in home.glob("chroma/*/lexical"))
        row["disk_vectors"] = folder_size(home / "chroma") - row["disk_lexical"]
        row["manifest"] = (home / MANIFEST).stat().st_size

        begun = time.perf_counter()
        retriever = Retriever.open(home, embedder=embedder)
        row["open"] = time.perf_counter() - begun
        row |= searched(retriever, corpus, home, embedder, seed)

        middle = len(corpus) // 2
        write_folder(folder, [changed(corpus[middle], "indeed")])
        begun = time.perf_counter()
        corpus = list(Library(folder).read().articles)
        row["read_again"] = time.perf_counter() - begun
        report = rebuild(corpus, home=home, embedder=embedder)
        row |= {"change": report.seconds, "change_lexical": lexical.take()}
        row["change_embedded"] = report.embedded
        begun = time.perf_counter()
        retriever.snapshot()
        row["seen"] = time.perf_counter() - begun
        row["nothing"] = rebuild(corpus, home=home, embedder=embedder).seconds

        # For the change that a new process sees.
        write_folder(folder, [changed(corpus[middle], "again")])
    return row


def in_new_process(*what: str) -> dict[str, Any]:
    """What a process that knows nothing yet says of one part: "--one", "--change" or "--reader", and what that takes."""
    command = [sys.executable, "-m", "tests.bench.bench_index", *what]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, env=os.environ)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def change_here(home: Path, folder: Path, embedder: Embedder) -> dict[str, Any]:
    """Read the folder and bring the index up to date, as the command does."""
    begun = time.perf_counter()
    read = Library(folder).read()
    seconds = time.perf_counter() - begun
    report = rebuild(read.articles, home=home, embedder=embedder)
    assert len(report.changed) == 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"read": seconds, "rebuild": report.seconds, "embedded": report.embedded, "peak": peak}


def read_here(home: Path, embedder: Embedder) -> dict[str, Any]:
    """Open the index and ask it once; what that holds in memory, in KB, before and after."""
    embedder.embed_query("Load the model.")
    before = _resident()
    begun = time.perf_counter()
    retriever = Retriever.open(home, embedder=embedder)
    retriever.search("the first question of all")
    return {"before": before, "after": _resident(), "first": time.perf_counter() - begun}


def _resident() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    except OSError:  # not Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * resource.getpagesize() >> 10


def searched(
    retriever: Retriever, corpus: Sequence[Article], home: Path, embedder: Embedder, seed: int
) -> dict[str, Any]:
    """Time of a search, and how much of the exact ten nearest the vector search finds."""
    rng = random.Random(seed + 1)
    queries = []
    for article in rng.choices(corpus, k=QUERIES):
        sentence = rng.choice(article.text.split(". ")).split()
        queries.append(" ".join(rng.sample(sentence, min(8, len(sentence)))))
    snapshot = retriever.snapshot()
    snapshot.search(queries[0])
    times = []
    for query in queries:
        begun = time.perf_counter()
        snapshot.search(query)
        times.append(time.perf_counter() - begun)
    asked = np.stack([embedder.embed_query(q) for q in queries])
    candidates = IndexConfig().candidates
    near: list[list[tuple[float, str]]] = [[] for _ in queries]
    best: list[list[tuple[float, str]]] = [[] for _ in queries]
    for folder in sorted((home / "chroma").iterdir()):
        store = VectorStore(folder)
        ids = sorted(store.ids())
        for begin in range(0, len(ids), 5000):
            part = ids[begin : begin + 5000]
            similarity = asked @ store.vectors(part).T
            for q, line in enumerate(similarity):
                top = np.argpartition(-line, min(10, len(part) - 1))[:10]
                best[q] = sorted([*best[q], *((-float(line[t]), part[t]) for t in top)])[:10]
        for q, vector in enumerate(asked):
            found = store.search(vector, limit=min(candidates, len(ids)))
            near[q] = sorted([*near[q], *((-s, i) for i, s in found)])[:10]
        store.close()
    same = sum(len({i for _, i in n} & {i for _, i in b}) for n, b in zip(near, best, strict=True))
    return {
        "p50": float(np.percentile(times, 50)),
        "p95": float(np.percentile(times, 95)),
        "recall": same / sum(len(b) for b in best),
    }


ROWS: tuple[tuple[str, Callable[[dict[str, Any]], str]], ...] = (
    ("passages", lambda r: f"{r['passages']:,}"),
    ("vectors", lambda r: str(r["vectors"])),
    ("reading the folder, s", lambda r: f"{r['read']:.1f}"),
    ("full build, s", lambda r: f"{r['build']:.1f}"),
    ("passages per s", lambda r: f"{r['passages'] / r['build']:,.0f}"),
    ("of it lexical, s", lambda r: f"{r['build_lexical']:.1f}"),
    ("peak memory, MB (before the build)", lambda r: f"{r['peak'] >> 10:,} ({r['before'] >> 10:,})"),
    ("on disk, MB", lambda r: f"{r['disk'] / MB:,.1f}"),
    ("of it vectors, lexical", lambda r: f"{r['disk_vectors'] / MB:,.1f}, {r['disk_lexical'] / MB:,.1f}"),
    ("of it the manifest itself", lambda r: f"{r['manifest'] / MB:,.2f}"),
    ("opening, s", lambda r: f"{r['open']:.2f}"),
    ("search p50, ms", lambda r: f"{1000 * r['p50']:.1f}"),
    ("search p95, ms", lambda r: f"{1000 * r['p95']:.1f}"),
    ("recall@10 against exact", lambda r: f"{r['recall']:.3f}"),
    ("one article changed, s", lambda r: f"{r['change']:.2f}"),
    ("of it lexical, s", lambda r: f"{r['change_lexical']:.2f} ({r['change_lexical'] / r['change']:.0%})"),
    ("passages embedded for it", lambda r: f"{r['change_embedded']}"),
    ("share of the full build", lambda r: f"{r['change'] / r['build']:.2%}"),
    ("reading the folder for it, s", lambda r: f"{r['read_again']:.2f}"),
    (
        "share of reading and building all",
        lambda r: f"{(r['read_again'] + r['change']) / (r['read'] + r['build']):.2%}",
    ),
    ("until an open reader has it, s", lambda r: f"{r['seen']:.2f}"),
    ("the same change in a new process, s", lambda r: f"{r['anew_rebuild']:.2f}"),
    ("share of the full build", lambda r: f"{r['anew_rebuild'] / r['build']:.2%}"),
    (
        "reading the folder for it, whole command, s",
        lambda r: f"{r['anew_read']:.2f}, {r['anew_command']:.2f}",
    ),
    ("rebuild with no change, s", lambda r: f"{r['nothing']:.2f}"),
    ("a reader in a new process: first answer, s", lambda r: f"{r['reader_first']:.2f}"),
    (
        "its memory, MB (before it opens the index)",
        lambda r: f"{r['reader_after'] >> 10:,} ({r['reader_before'] >> 10:,})",
    ),
)


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The figures as Markdown."""
    width = max(len(name) for name, _ in ROWS)
    head, *body = [f"| {name:{width}} | " + " | ".join(f(r) for r in rows) + " |" for name, f in ROWS]
    return "\n".join([head, f"| {'-' * width} |" + " ---: |" * len(rows), *body])


def main(argv: Sequence[str] = ()) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="tests.bench index")
    parser.add_argument("--sizes", default="1000,10000,100000", help="passages, with commas between")
    parser.add_argument("--full", action="store_true", help="a million too; some 10 GB of memory and of disk")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    parser.add_argument("--change", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--reader", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(list(argv))
    if options.one:
        size, seed, home, folder, real = options.one
        print(json.dumps(measure(int(size), int(seed), Path(home), Path(folder), real=real == "1")))
        return
    if given := options.change or options.reader:
        home, folder = Path(given[0]), Path(given[1])
        embedder: Embedder = make_embedder() if given[2] == "1" else SeededEmbedder()
        said = change_here(home, folder, embedder) if options.change else read_here(home, embedder)
        print(json.dumps(said))
        return
    sizes = [int(s) for s in options.sizes.split(",")] + ([1_000_000] if options.full else [])
    rows = []
    try:
        for size in sizes:
            rows.append(in_processes_of_their_own(size, options.seed))
            print(f"{size:,} passages done", file=sys.stderr, flush=True)
    finally:
        # The sizes that were done, even where the largest was too much for the machine.
        if rows:
            print(table(rows))


def in_processes_of_their_own(size: int, seed: int) -> dict[str, Any]:
    """All of one size, each part in a process whose memory is its own and gone before the next begins."""
    real = size <= REAL_UP_TO
    with tempfile.TemporaryDirectory(prefix="launch-bench-") as place:
        home, folder = Path(place, "home"), Path(place, "articles")
        row = in_new_process("--one", str(size), str(seed), str(home), str(folder), str(int(real)))
        begun = time.perf_counter()
        anew = in_new_process("--change", str(home), str(folder), str(int(real)))
        row |= {f"anew_{name}": value for name, value in anew.items()}
        row["anew_command"] = time.perf_counter() - begun
        reader = in_new_process("--reader", str(home), str(folder), str(int(real)))
        return row | {f"reader_{name}": value for name, value in reader.items()}


if __name__ == "__main__":
    main(sys.argv[1:])
