"""Many users at once on a real server: times to an answer, the queue, errors, and whether memory grows.

    python -m tests.bench load -- --users 50 --minutes 10

Starts `launch-assistant chat` on a free loopback port with an index of its own. Each user asks questions of the shipped
launch, reads the answer for a while, and asks the next one: every other one over plain HTTP, the rest as a page does,
with its heartbeat, its place in Gradio's queue and the conversation that grows on the server. Ends with status 1 when
there was an error, when answers took too long, or when memory grew.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

MOST_SECONDS = 10.0
"""Within which 95 of 100 answers have to be there."""
MOST_GROWTH = 0.03
"""Of memory, from the second third of the time to the last."""
PAGE_LIFE = 5
"""Questions after which a reader opens the page anew."""
QUESTIONS = Path(__file__).parents[1] / "evals" / "muse_spark_dev.jsonl"


Ask = Callable[[str], Awaitable[str]]
"""Puts a question and waits for the whole answer; gives its outcome."""


@dataclass(slots=True)
class Seen:
    """What the users and the watch saw."""

    seconds: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    waiting: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


@contextmanager
def server(home: str) -> Iterator[str]:
    """The address of a server of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if not k.startswith("LAUNCH_")}
    env |= {"LAUNCH_HOME": home, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "ui", "chat", "--port", str(port), "--no-open"],
        env=env,
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                if httpx.get(f"{address}/readyz", timeout=5).status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            if process.poll() is not None:
                raise SystemExit("The server did not start.")
            time.sleep(0.5)
        else:
            raise SystemExit("The server was not ready within five minutes.")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


async def user(seed: int, until: float, think: float, questions: Sequence[str], ask: Ask, seen: Seen) -> None:
    """One reader: asks, reads, asks again."""
    rng = random.Random(seed)
    await asyncio.sleep(rng.uniform(0, think))
    while time.monotonic() < until:
        begun = time.perf_counter()
        try:
            outcome = await ask(rng.choice(questions))
            seen.outcomes[outcome] += 1
            seen.seconds.append(time.perf_counter() - begun)
        except RefusedError as exc:
            seen.errors[str(exc)] += 1
        except httpx.HTTPError as exc:
            seen.errors[type(exc).__name__] += 1
        await asyncio.sleep(rng.uniform(0.5, 1.5) * think)


class RefusedError(Exception):
    """The server answered with something else than an answer."""


def expect(reply: httpx.Response) -> httpx.Response:
    if reply.status_code != 200:
        raise RefusedError(f"{reply.request.url.path}: status {reply.status_code}")
    return reply


def by_http(client: httpx.AsyncClient) -> Ask:
    """Asking as a program."""

    async def ask(question: str) -> str:
        outcome: str = expect(await client.post("/api/answer", json={"question": question})).json()["outcome"]
        return outcome

    return ask


class Page:
    """Asking as an open page does, which is opened anew now and then."""

    def __init__(self, client: httpx.AsyncClient, reader: int) -> None:
        self._client = client
        self._reader = reader
        self._asked = 0
        self._session = ""
        self._beating: asyncio.Task[None] | None = None

    async def _open(self) -> None:
        await self.close()
        self._session = f"reader{self._reader}at{self._asked}"
        expect(await self._client.get("/", headers={"accept": "text/html"}))
        config = expect(await self._client.get("/config")).json()
        self._box = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "question")
        self._event = next(d["id"] for d in config["dependencies"] if [self._box, "submit"] in d["targets"])
        self._inputs = len(next(d["inputs"] for d in config["dependencies"] if d["id"] == self._event))
        self._beating = asyncio.create_task(self._beat())

    async def _beat(self) -> None:
        async with self._client.stream(
            "GET", f"/gradio_api/heartbeat/{self._session}", timeout=None
        ) as beats:
            async for _ in beats.aiter_bytes():
                pass

    async def close(self) -> None:
        """Leave the page."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)

    async def __call__(self, question: str) -> str:
        """Ask, and read along until the answer is whole."""
        if self._asked % PAGE_LIFE == 0:
            await self._open()
        self._asked += 1
        body = {
            "data": [question, *([""] if self._inputs > 1 else []), *[None] * (self._inputs - 2)],
            "fn_index": self._event, "session_hash": self._session, "trigger_id": self._box,
        }  # fmt: skip
        expect(await self._client.post("/gradio_api/queue/join", json=body))
        shown = ""
        where = {"session_hash": self._session}
        async with self._client.stream("GET", "/gradio_api/queue/data", params=where) as events:
            expect(events)
            async for line in events.aiter_lines():
                if not line.startswith("data: "):
                    continue
                event = json.loads(line[6:])
                shown += json.dumps(event.get("output") or "")
                if event["msg"] == "process_completed":
                    if not event["success"] or "is-failed" in shown or "is-done" not in shown:
                        raise RefusedError("the page showed no answer")
                    return "on the page"
        raise RefusedError("the page's events broke off")


async def watch(client: httpx.AsyncClient, until: float, seen: Seen) -> None:
    """What the server says of itself, every five seconds."""
    while time.monotonic() < until:
        try:
            text = (await client.get("/metrics")).text
        except httpx.HTTPError as exc:
            seen.errors[f"metrics: {type(exc).__name__}"] += 1
        else:
            for name, kept in (
                ("launch_questions_waiting", seen.waiting),
                ("process_resident_memory_bytes", seen.memory),
            ):
                if found := re.search(rf"^{name} (\S+)", text, re.M):
                    kept.append(float(found.group(1)))
        await asyncio.sleep(5)


async def load(address: str, users: int, minutes: float, think: float) -> Seen:
    """All users at once, for some minutes."""
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    questions = [row["question"] for row in rows if not row.get("history")]
    seen, until = Seen(), time.monotonic() + 60 * minutes
    limits = httpx.Limits(max_connections=2 * users + 5)
    async with httpx.AsyncClient(base_url=address, timeout=300, limits=limits) as client:
        pages = {n: Page(client, n) for n in range(users) if n % 2}
        await asyncio.gather(
            watch(client, until, seen),
            *(user(n, until, think, questions, pages.get(n) or by_http(client), seen) for n in range(users)),
        )
        for page in pages.values():
            await page.close()
    return seen


def main(argv: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench load", description=__doc__)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--think", type=float, default=45.0, help="seconds between answer and next question")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as home, server(home) as address:
        seen = asyncio.run(load(address, args.users, args.minutes, args.think))
    ordered = sorted(seen.seconds)
    if not ordered:
        raise SystemExit(
            f"No question was answered. Errors: {dict(seen.errors) or 'none'}; a longer run may help."
        )
    third = max(1, len(seen.memory) // 3)
    middle, last = statistics.mean(seen.memory[third : 2 * third]), statistics.mean(seen.memory[-third:])
    print(f"| {args.users} users, {args.minutes:g} minutes, {args.think:g} s between questions | |")
    print("| --- | --- |")
    print(f"| questions answered | {len(ordered)} ({len(ordered) / (60 * args.minutes):.2f} a second) |")
    print(f"| outcomes | {', '.join(f'{k} {v}' for k, v in sorted(seen.outcomes.items()))} |")
    print(f"| errors | {dict(seen.errors) or 'none'} |")
    print(f"| seconds to the answer, p50 | {ordered[len(ordered) // 2]:.2f} |")
    print(f"| seconds to the answer, p95 | {ordered[int(0.95 * (len(ordered) - 1))]:.2f} |")
    print(
        f"| questions waiting, mean and most | {statistics.mean(seen.waiting):.1f}, {max(seen.waiting):.0f} |"
    )
    print(f"| memory, second third and last third | {middle / 2**20:.0f} MiB, {last / 2**20:.0f} MiB |")
    late = ordered[int(0.95 * (len(ordered) - 1))]
    kept = (
        ("errors", sum(seen.errors.values()), 0),
        ("seconds to the answer, p95", late, MOST_SECONDS),
        ("growth of memory", last / middle - 1, MOST_GROWTH),
    )
    for name, value, most in kept:
        print(f"\n{name}: {value:.3f}, at most {most}: {'kept' if value <= most else 'NOT KEPT'}")
    if any(value > most for _, value, most in kept):
        raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
