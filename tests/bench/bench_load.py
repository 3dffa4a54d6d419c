"""Many users at once on a real server: times to an answer, the queue, errors, and whether memory grows.

    python -m tests.bench load -- --users 50 --minutes 10

Starts `launch-assistant chat` on a free loopback port with an index of its own. Each user asks questions of the shipped
launch over plain HTTP, reads the answer for a while, and asks the next one.
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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

QUESTIONS = Path(__file__).parents[1] / "evals" / "muse_spark_dev.jsonl"


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


async def user(
    client: httpx.AsyncClient, seed: int, until: float, think: float, questions: Sequence[str], seen: Seen
) -> None:
    """One reader: asks, reads, asks again."""
    rng = random.Random(seed)
    await asyncio.sleep(rng.uniform(0, think))
    while time.monotonic() < until:
        begun = time.perf_counter()
        try:
            reply = await client.post("/api/answer", json={"question": rng.choice(questions)})
            if reply.status_code == 200:
                seen.outcomes[reply.json()["outcome"]] += 1
                seen.seconds.append(time.perf_counter() - begun)
            else:
                seen.errors[f"status {reply.status_code}"] += 1
        except httpx.HTTPError as exc:
            seen.errors[type(exc).__name__] += 1
        await asyncio.sleep(rng.uniform(0.5, 1.5) * think)


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
    limits = httpx.Limits(max_connections=users + 5)
    async with httpx.AsyncClient(base_url=address, timeout=300, limits=limits) as client:
        await asyncio.gather(
            watch(client, until, seen),
            *(user(client, n, until, think, questions, seen) for n in range(users)),
        )
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
        raise SystemExit(f"No question was answered: {dict(seen.errors)}")
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


if __name__ == "__main__":
    main(sys.argv[1:])
