"""What a supervisor and Prometheus see of the real server."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from assistant.chain import Assistant
from assistant.rebuilding import rebuild_index
from assistant.settings import load_settings
from index.embedding import Embedder
from ui.health import Readiness, health_routes
from ui.metrics import Measured, Metrics


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=60) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as exc:
        return exc.code, exc.read().decode()


def figures(url: str) -> dict[tuple[str, str], float]:
    _, text = get(f"{url}/metrics")
    return {
        (sample.name, sample.labels.get("outcome", "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def ask(url: str, question: str) -> None:
    body = json.dumps({"question": question}).encode()
    request = urllib.request.Request(f"{url}/api/answer", body, {"Content-Type": "application/json"})
    with suppress(urllib.error.HTTPError):
        urllib.request.urlopen(request, timeout=60).close()


def test_it_lives_and_is_ready(page_url: str) -> None:
    assert get(f"{page_url}/healthz") == (200, "ok\n")
    status, text = get(f"{page_url}/readyz")
    assert status == 200
    ready = json.loads(text)
    assert ready["ready"] is True
    assert ready["generation"] >= 1
    assert ready["articles"] >= 1


def test_every_question_is_counted_with_its_outcome_and_time(page_url: str) -> None:
    before = figures(page_url)
    ask(page_url, "Does Muse Spark have open weights?")
    ask(page_url, "What is the price of fish in Ulan Bator?")
    ask(page_url, "  ")
    after = figures(page_url)
    grown = {key: value - before[key] for key, value in after.items() if key[0] == "launch_questions_total"}
    assert sum(grown.values()) == 3
    assert grown["launch_questions_total", "refused"] == 1
    assert grown["launch_questions_total", "no_evidence"] == 1
    times = ("launch_question_seconds_count", "")
    assert after[times] - before[times] == 2
    assert after["launch_questions_running", ""] == 0
    assert after["launch_questions_waiting", ""] == 0
    assert after["launch_index_generation", ""] >= 1


def test_a_lost_index_is_not_ready_and_names_no_folder(tmp_path: Path, embedder: Embedder) -> None:
    corpus = tmp_path / "articles"
    corpus.mkdir()
    (corpus / "a.txt").write_text(
        "Brightwell unveiled the Kestrel 2 telescope in Leeds on 3 February 2025.", "utf-8"
    )
    settings = load_settings().model_copy(update={"home": tmp_path / "home", "corpus": corpus})
    rebuild_index(settings, embedder=embedder)
    metrics = Metrics()
    assistant = Measured(Assistant.from_settings(settings), metrics)
    app = FastAPI()
    app.include_router(health_routes(Readiness(assistant, metrics), metrics))
    client = TestClient(app)
    assert client.get("/readyz").status_code == 200
    (manifest,) = settings.index_home.glob("manifest*")
    manifest.unlink()
    reply = client.get("/readyz")
    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "index"
    assert str(tmp_path) not in reply.text
    assert client.get("/healthz").status_code == 200
