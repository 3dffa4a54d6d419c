"""The writing answerer against a real server that writes well, invents, breaks off, refuses and dies."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.chain import Assistant
from assistant.evidence import EvidenceModel
from assistant.extractive import DIFFER
from assistant.generative import IN_THEIR_WORDS, UNVERIFIED, WritingAnswerer
from assistant.model_stream import make_chat_model
from assistant.models import MARKER, Answer, Delta, Outcome
from assistant.settings import ChatConfig
from corpus.models import Kind, Launch
from index import IndexConfig, Retriever, rebuild
from index.embedding import Embedder
from tests.assistant.conftest import article
from tests.assistant.scripted_server import Asked, Reply, Script, ScriptedServer, scripted

KEY = "sk-scripted-7f3a9c2e51"
PRICE = "How much does the Kestrel 2 cost?"
GOOD = "The Kestrel 2 costs 1,290 euros and weighs 4.2 kilograms"
ARTICLES = [
    article(
        "kestrel-launch",
        "Brightwell unveiled the Kestrel 2 telescope on 3 February 2025 in Leeds. The Kestrel 2 costs 1,290 euros "
        "and weighs 4.2 kilograms.\n\nBrightwell kept the mount of the Kestrel 2 closed because it wants to control "
        "repairs. Odile Marchetti heads the design office of Brightwell.",
        published=date(2025, 2, 4),
    ),
    article(
        "sales-early",
        "The Kestrel 2 goes on sale in May 2025, Brightwell said.",
        publisher="Ledger",
        published=date(2025, 2, 1),
    ),
    article(
        "sales-late",
        "The Kestrel 2 goes on sale in August 2025, Brightwell said.",
        publisher="Courier",
        published=date(2025, 4, 1),
    ),
]

Write = Callable[..., Assistant]


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Retriever:
    home = tmp_path_factory.mktemp("telescope") / "home"
    rebuild(ARTICLES, home=home, config=IndexConfig(), embedder=embedder)
    return Retriever.open(home, config=IndexConfig(), embedder=embedder)


@pytest.fixture
def writer(retriever: Retriever, evidence: EvidenceModel) -> Write:
    def make(server: ScriptedServer, **options: Any) -> Assistant:
        given = {"model": "openai:scripted", "base_url": server.url, "api_key": KEY, "timeout": 20.0}
        config = ChatConfig(**(given | options))
        launch = Launch("Kestrel 2")
        answerer = WritingAnswerer(make_chat_model(config), evidence, launch, config, name=config.model)
        return Assistant(retriever, evidence, launch=launch, answerer=answerer)

    return make


def cited(asked: Asked, sentence: str = GOOD, words: str = "1,290") -> str:
    return f"{sentence} [{asked.number(words)}]."


def ask(writer: Write, script: Script, question: str = PRICE, **options: Any) -> Answer:
    with scripted(script) as server:
        answer = writer(server, **options).answer(question)
    check(answer)
    return answer


def check(answer: Answer) -> None:
    """What holds for every answer, whatever the model did."""
    texts = {hit.article.id: hit.article.text for hit in answer.hits}
    for c in answer.citations:
        assert texts[c.article_id][c.start : c.end] == c.quote
    assert {int(m) for m in MARKER.findall(answer.text)} == {c.marker for c in answer.citations}
    assert answer.text == " ".join(s.text for s in answer.sentences)
    assert KEY not in repr(answer)
    assert "  " not in answer.text


def is_quoted(answer: Answer) -> None:
    assert answer.outcome is Outcome.ANSWERED
    assert "“The Kestrel 2 costs 1,290 euros and weighs 4.2 kilograms.”" in answer.text
    assert len(answer.notes) == 1


def test_a_borne_out_sentence_is_shown_with_its_quote(writer: Write) -> None:
    answer = ask(writer, [Reply(cited)])
    assert answer.text == f"{GOOD}. [1]"
    assert "1,290 euros" in answer.citations[0].quote
    assert not answer.notes


@pytest.mark.parametrize(
    "invented",
    [
        "The Kestrel 2 costs 990 euros",
        "The Kestrel 2 costs 1,290 dollars",
        "Grandville Optics sells the Kestrel 2 for 1,290 euros",
        "The Kestrel 2 has cost 1,290 euros since 9 June 2025",
        "The Kestrel 2 costs 1,290 euros and has won a design prize",
        "The Kestrel 2 does not cost 1,290 euros",
        "how much does the Kestrel 2 cost 1,290 euros",
        "The Kestrel 2 costs “a mere 1,290 euros”",
        "The Kestrel 2 costs 1,290 euros ![x](https://leak.example/p.png)",
        "The Kestrel 2 costs 1,290 euros, see [the shop](https://leak.example)",
        "The Kestrel 2 costs 1,290 euros <img src=x onerror=alert(1)>",
        "The Kestrel 2 costs 1,290 euros at leak.example",
    ],
)
def test_what_no_quote_says_is_not_shown(writer: Write, invented: str) -> None:
    answer = ask(writer, [Reply(lambda asked: cited(asked, invented))])
    is_quoted(answer)
    assert answer.notes == (UNVERIFIED,)
    assert invented not in answer.text
    assert "leak" not in answer.text


@pytest.mark.parametrize("marker", [" [9]", "", " [0]", " [1][77]"])
def test_wrong_or_missing_markers_are_not_shown(writer: Write, marker: str) -> None:
    answer = ask(writer, [Reply(f"{GOOD}{marker}.")])
    is_quoted(answer)


def test_a_sentence_cut_off_in_its_middle_is_not_shown(writer: Write) -> None:
    def reply(asked: Asked) -> Reply:
        number = asked.number("1,290")
        return Reply(f"{cited(asked)} [{number}] The Kestrel 2 weighs")

    assert ask(writer, reply).text == f"{GOOD}. [1]"


def test_a_dropped_sentence_leaves_no_gap(writer: Write) -> None:
    def reply(asked: Asked) -> Reply:
        if asked.is_repair:
            return Reply("NOTHING")
        return Reply(
            cited(asked)
            + " "
            + cited(asked, "It comes with a Zorvex lens")
            + " "
            + cited(asked, "However, Odile Marchetti heads the design office of Brightwell", "Marchetti")
        )

    with scripted(reply) as server:
        assistant = writer(server)
        answer = assistant.answer(
            "How much does the Kestrel 2 cost, and who heads the design office of Brightwell?"
        )
        tally = assistant.answerer.last_tally  # type: ignore[attr-defined]
    check(answer)
    assert "Zorvex" not in answer.text
    assert "However" not in answer.text
    assert "Odile Marchetti heads the design office" in answer.text
    assert (tally.kept, tally.repaired, tally.dropped) == (2, 0, 1)


def test_a_repaired_sentence_is_shown(writer: Write) -> None:
    def reply(asked: Asked) -> Reply:
        return Reply(cited if asked.is_repair else lambda a: cited(a, "The Kestrel 2 costs 700 euros"))

    with scripted(reply) as server:
        assistant = writer(server)
        answer = assistant.answer(PRICE)
        assert len(server.asked) == 2
        tally = assistant.answerer.last_tally  # type: ignore[attr-defined]
    check(answer)
    assert answer.text == f"{GOOD}. [1]"
    assert (tally.kept, tally.repaired, tally.dropped) == (0, 1, 0)


@pytest.mark.parametrize(
    "script",
    [
        [Reply("broken", status=500)],
        [Reply("overloaded", status=503)],
        [Reply("slow down", status=429)],
        [Reply("maximum context length exceeded", status=400)],
        [Reply(raw=b"data: {not json\n\n")],
        [Reply(raw=b"<html>proxy error</html>")],
        [Reply(raw=b"")],
        [Reply("")],
        [Reply("NOTHING")],
        [Reply("   \n \n")],
        [Reply(GOOD, break_after=3)],
        [Reply("word ", endless=True)],
        [Reply("The Kestrel 2 is nice. ", endless=True)],
    ],
    ids="500 503 429 context malformed html nothing-sent empty word-nothing blank broken endless-word endless".split(),
)
def test_whatever_goes_wrong_the_quotes_are_shown_with_a_note(writer: Write, script: list[Reply]) -> None:
    is_quoted(ask(writer, script, retries=1, max_tokens=100))


def test_a_hanging_server_is_not_waited_for_beyond_the_limit(writer: Write) -> None:
    begun = time.monotonic()
    answer = ask(writer, [Reply(hang=True)], timeout=1.0)
    assert time.monotonic() - begun < 6
    is_quoted(answer)
    assert "too long" in answer.notes[0]


def test_a_rate_limit_is_waited_out(writer: Write) -> None:
    answer = ask(writer, [Reply("slow down", status=429), Reply("again", status=500), Reply(cited)])
    assert answer.text == f"{GOOD}. [1]"
    assert not answer.notes


def test_a_refused_key_is_tried_once_and_shown_nowhere(
    writer: Write, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with scripted([Reply(f"Incorrect API key provided: {KEY}", status=401)]) as server:
        answer = writer(server).answer(PRICE)
        assert len(server.asked) == 1
        assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    is_quoted(answer)
    assert "401" in answer.notes[0]
    shown = capfd.readouterr()
    assert KEY not in repr(answer) + caplog.text + shown.out + shown.err


def test_no_evidence_no_question_to_the_server(writer: Write) -> None:
    with scripted([Reply(cited)]) as server:
        answer = writer(server).answer("Does the Kestrel 2 work with Grandville mounts?")
        assert not server.asked
    assert answer.outcome is Outcome.NO_EVIDENCE


def test_a_rewrite_with_a_foreign_name_is_not_used(writer: Write) -> None:
    history = [{"role": "user", "content": PRICE}, {"role": "assistant", "content": GOOD}]

    def reply(rewritten: str) -> Callable[[Asked], Reply]:
        return lambda asked: Reply(rewritten if asked.is_rewrite else "NOTHING")

    with scripted(reply("Who heads the design office of Grandville?")) as server:
        answer = writer(server).answer("And who heads its design office?", history=history)
        assert server.asked[0].is_rewrite
    assert "Grandville" not in answer.standalone_question
    kept = "Who heads the design office of the Kestrel 2?"
    with scripted(reply(kept)) as server:
        assert (
            writer(server).answer("And who heads its design office?", history=history).standalone_question
            == kept
        )


def test_the_first_sentence_comes_before_the_stream_ends(writer: Write) -> None:
    gate = threading.Event()

    def reply(asked: Asked) -> Reply:
        text = cited(asked) + " The Kestrel 2 is here."
        return Reply(text, wait=gate, wait_after=len(re.findall(r"\s*\S{1,7}", text)) - 2)

    with scripted(reply) as server:
        events = writer(server).stream(PRICE)
        first = next(event for event in events if isinstance(event, Delta))
        assert first.text == f"{GOOD}. [1]"
        assert not gate.is_set()
        gate.set()
        *_, last = events
    assert isinstance(last, Answer)
    assert last.text.startswith(first.text)


def test_every_way_of_asking_gives_the_same_answer(writer: Write) -> None:
    def reply(asked: Asked) -> Reply:
        return Reply("NOTHING" if asked.is_repair else cited(asked) + " " + cited(asked, "It costs 5 euros"))

    async def events() -> tuple[Answer, Answer]:
        last = [e async for e in assistant.as_runnable().astream_events(PRICE, version="v2")][-1]
        return await assistant.aanswer(PRICE), last["data"]["output"]

    with scripted(reply) as server:
        assistant = writer(server)
        answers = [assistant.answer(PRICE), *asyncio.run(events())]
        answers += assistant.as_runnable().batch([PRICE, {"question": PRICE}])
        deltas = "".join(e.text for e in assistant.stream(PRICE) if isinstance(e, Delta))
    assert {a.text for a in answers} | {deltas} == {f"{GOOD}. [1]"}
    assert len({a.citations for a in answers}) == 1


def test_killing_the_server_leaves_a_whole_quoted_answer(writer: Write) -> None:
    question = "How much does the Kestrel 2 cost, and who heads the design office of Brightwell?"
    gate = threading.Event()

    def reply(asked: Asked) -> Reply:
        text = cited(asked) + " And then Odile Marchetti heads the design office of Brightwell"
        return Reply(text, wait=gate, wait_after=len(re.findall(r"\s*\S{1,7}", text)) - 2)

    server = ScriptedServer(reply)
    events = writer(server, retries=0).stream(question)
    seen = [next(event for event in events if isinstance(event, Delta))]
    server.close()
    rest = list(events)
    last = rest[-1]
    assert isinstance(last, Answer)
    check(last)
    assert "".join(e.text for e in [*seen, *rest] if isinstance(e, Delta)) == last.text
    assert last.text.startswith(f"{GOOD}. [1]")
    assert IN_THEIR_WORDS in last.text
    assert "“Odile Marchetti heads the design office of Brightwell.”" in last.text
    assert last.notes


def test_both_sides_are_told_where_the_model_tells_one(writer: Write) -> None:
    def reply(asked: Asked) -> Reply:
        return Reply(cited(asked, "The Kestrel 2 goes on sale in May 2025, Brightwell said", "May 2025"))

    answer = ask(writer, reply, "When does the Kestrel 2 go on sale?")
    assert DIFFER in answer.text
    assert "May 2025" in answer.text
    assert "August 2025" in answer.text
    assert {c.article_id for c in answer.citations} == {"sales-early", "sales-late"}


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        (
            "The mirror of the Kestrel 2 is polished for nine days",
            "Brightwell says: The mirror of the Kestrel 2",
        ),
        (
            "Brightwell says that the mirror of the Kestrel 2 is polished for nine days",
            "Brightwell says that the mirror",
        ),
    ],
)
def test_what_only_the_company_says_is_told_as_its_word(
    make_assistant: Any, sentence: str, shown: str
) -> None:
    statement = article(
        "statement",
        "The mirror of the Kestrel 2 is polished for nine days. Every one is tested at night.",
        publisher="Brightwell",
        kind=Kind.STATEMENT,
    )
    launch = Launch("Kestrel 2", company="Brightwell")
    quoting = make_assistant([statement], launch=launch)
    with scripted([Reply(lambda asked: cited(asked, sentence, "nine days"))]) as server:
        config = ChatConfig(model="openai:scripted", base_url=server.url, timeout=20)
        answerer = WritingAnswerer(make_chat_model(config), quoting.evidence, launch, config, name="scripted")
        answer = Assistant(quoting.retriever, quoting.evidence, launch=launch, answerer=answerer).answer(
            "How long is the mirror of the Kestrel 2 polished?"
        )
    assert answer.text.startswith(shown)
    assert answer.text.count("says") == 1


def test_the_model_sees_only_what_was_published_by_the_day(writer: Write) -> None:
    question = "When does the Kestrel 2 go on sale?"
    with scripted([Reply("NOTHING")]) as server:
        assistant = writer(server)
        answer = assistant.answer(question, as_of=date(2025, 3, 1))
        assert "May 2025" in server.asked[0].prompt
        assert "August 2025" not in server.asked[0].prompt
        assert "August 2025" not in answer.text
        assistant.answer(question)
        prompt = server.asked[-1].prompt
        # Newest first, each with who published it and when, and today's date is told.
        assert prompt.index("Courier, 2025-04-01") < prompt.index("Ledger, 2025-02-01")
        assert f"Today is {date.today().isoformat()}" in prompt


def test_without_verification_inventions_are_shown(writer: Write) -> None:
    invented = "The Kestrel 2 costs 12 euros [9]."
    with scripted([Reply(invented)]) as server:
        assert writer(server, verify=False).answer(PRICE).text == invented


def test_the_settings_alone_make_it_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "kestrel.txt").write_text(ARTICLES[0].text, encoding="utf-8")
    with scripted([Reply(cited)]) as server:
        monkeypatch.setenv("LAUNCH_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("LAUNCH_CORPUS", str(folder))
        monkeypatch.setenv("LAUNCH_CHAT__BASE_URL", server.url)
        monkeypatch.setenv("LAUNCH_CHAT__MODEL", "scripted")
        answer = Assistant.from_settings().answer(PRICE)
        assert len(server.asked) == 1
        assert server.asked[0].body["model"] == "scripted"
    assert answer.text == f"{GOOD}. [1]"
