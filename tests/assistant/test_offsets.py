"""Every citation of 200 generated questions stands in its article, character by character, however odd the article."""

from __future__ import annotations

import random
from pathlib import Path

from assistant.chain import Assistant
from assistant.evidence import EvidenceModel
from assistant.models import MARKER
from corpus import Library
from index import IndexConfig, Retriever, rebuild
from index.embedding import Embedder

WORDS = """launch rocket engine price model battery screen Nordlicht Zürich Łódź naïve café 東京 Привет مرحبا ﬁnal 😀 👩‍🚀 e\u0301tude
1,290 4.2 % €30 2025 April not open closed weights because therefore company team says plans rival faster slower
“quoted” ‘single’ U.S. Mr. Inc. No. 5 a\u00a0b tab\there x\u200bzero soft\u00adhyphen long-term and/or http://example.test/x [1] [23]""".split(
    " "
)
BREAKS = [
    "\n",
    "\n\n",
    "\r\n",
    "\r\n\r\n",
    "\r",
    "\n \t \n",
    "\u2028",
    "\n\n\n\n",
    "\n- ",
    "\n## ",
    "\n> ",
    "\n* ",
]


def odd_text(rng: random.Random) -> str:
    pieces = []
    for _ in range(rng.randint(4, 9)):
        for _ in range(rng.randint(1, 4)):
            length = rng.choice([3, 6, 9, 14, 20]) if rng.random() > 0.03 else 300
            sentence = rng.choice([" ", "  ", "\t", "\u00a0"]).join(rng.choices(WORDS, k=length))
            pieces.append(sentence + rng.choice([". ", "! ", "? ", "… ", ".” ", " ", "。", ".\t"]))
        pieces.append(rng.choice(BREAKS))
    return "".join(pieces)


def test_citations_are_exact(tmp_path: Path, embedder: Embedder, evidence: EvidenceModel) -> None:
    rng = random.Random(20260408)
    folder, home = tmp_path / "odd articles", tmp_path / "home"
    folder.mkdir()
    for number in range(12):
        (folder / f"article {number}.md").write_bytes(odd_text(rng).encode("utf-8"))
    articles = Library(folder).articles()
    texts = {a.id: a.text for a in articles}
    rebuild(articles, home=home, config=IndexConfig(), embedder=embedder)
    assistant = Assistant(Retriever.open(home, config=IndexConfig(top_k=1), embedder=embedder), evidence)
    seen = 0
    for _ in range(200):
        asked = " ".join(rng.choices(texts[rng.choice(articles).id].split(), k=rng.randint(2, 7)))
        opener = rng.choice(["What is", "Who said", "When did", "How many", "Why is", "Does"])
        answer = assistant.answer(f"{opener} {asked}?"[:500])
        for c in answer.citations:
            assert texts[c.article_id][c.start : c.end] == c.quote
            assert c.quote.strip() == c.quote
            seen += 1
        # Markers that stand inside a quote are the article's own words; ours follow the closing quotation mark.
        for sentence in answer.sentences:
            for marker in sentence.markers:
                assert sentence.text.endswith(f"[{marker}]")
        assert {m for s in answer.sentences for m in s.markers} == {c.marker for c in answer.citations}
        assert not MARKER.search(answer.text) or answer.citations
    assert seen >= 100
