"""Chroma Cloud's hybrid search, asked as documented: what is found, by which day, within the quotas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from corpus.models import Article
from index import IndexConfig, Retriever, rebuild
from index.errors import StoreUnreachableError
from index.recipe import fingerprint
from tests.faults.corpus import HashEmbedder
from tests.index.cloud import QUOTA, Cloud, cloud_server
from tests.index.test_lexical import article, corpus


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with cloud_server() as running:
        yield running


def config_for(cloud: Cloud) -> IndexConfig:
    return IndexConfig(chroma_url=cloud.url, chroma_token=cloud.token, chroma_hybrid=True)


def built(home: Path, articles: list[Article], config: IndexConfig) -> Retriever:
    rebuild(articles, home=home, config=config, embedder=HashEmbedder())
    return Retriever.open(home, config=config, embedder=HashEmbedder())


def test_words_and_vectors_are_fused_by_the_server(cloud: Cloud, tmp_path: Path) -> None:
    articles = [
        *corpus(30),
        article("zz", "A quokka was seen near the barak."),
        article("signs", "*** --- ***"),
    ]
    remote = built(tmp_path / "remote", articles, config_for(cloud))
    local = built(tmp_path / "local", articles, IndexConfig())
    for query in ("quokka", "barak kelek", "mondilt", "zulup tirand barak"):
        ours, theirs = remote.search(query), local.search(query)
        assert ours[0].passage.id == theirs[0].passage.id
        assert [h.score for h in ours] == sorted((h.score for h in ours), reverse=True)
        # Both see the same vectors and much the same words: most of what is found is the same.
        assert len({h.passage.id for h in ours} & {h.passage.id for h in theirs}) >= len(theirs) * 2 // 3
        assert all(h.similarity is h.dense_rank is h.lexical_rank is None for h in ours)
    assert remote.search("?!") != ()
    assert all(s["select"] == {"keys": ["#score"]} for s in cloud.searches)


def test_what_changed_is_found_and_what_is_gone_is_not(cloud: Cloud, tmp_home: Path) -> None:
    config = config_for(cloud)
    reader = built(tmp_home, corpus(20), config)
    report = rebuild(
        [*corpus(18), article("zz", "A quokka was seen.")],
        home=tmp_home,
        config=config,
        embedder=HashEmbedder(),
    )
    assert set(report.removed) == {"a018", "a019"}
    assert reader.search("quokka")[0].article.id == "zz"
    assert {h.article.id for h in reader.search("barak kelek", limit=100)} <= {
        a.id for a in reader.articles()
    }
    rebuild([], home=tmp_home, config=config, embedder=HashEmbedder())
    assert {f.name for f in (tmp_home / "chroma").iterdir()} == set(cloud.collections)


def test_only_what_was_published_by_then(cloud: Cloud, tmp_home: Path) -> None:
    dated = [replace(a, published=date(2026, 4, 1 + n) if n else None) for n, a in enumerate(corpus(12))]
    reader = built(tmp_home, dated, config_for(cloud))
    hits = reader.search("barak kelek tirand", as_of=date(2026, 4, 5), limit=50)
    assert {h.article.id for h in hits} == {"a001", "a002", "a003", "a004"}


def test_more_than_a_request_may_hold(cloud: Cloud, tmp_home: Path) -> None:
    articles = [article(f"n{n:04}", f"Number {n} stands by the barak.") for n in range(QUOTA + 150)]
    reader = built(tmp_home, articles, config_for(cloud))
    assert sum(len(c["records"]) for c in cloud.collections.values()) == len(articles)
    assert "n0411" in {h.article.id for h in reader.search("number 411")}
    (store,) = reader.snapshot()._segments.values()
    assert len(store.ids()) == len(articles)
    assert store.vectors(sorted(store.ids())).shape[0] == len(articles)


def test_without_its_key_nothing_is_told(cloud: Cloud, tmp_home: Path) -> None:
    with pytest.raises(StoreUnreachableError, match="LAUNCH_INDEX__CHROMA_TOKEN"):
        built(tmp_home, corpus(2), config_for(cloud).model_copy(
            update={"chroma_token": IndexConfig().chroma_token}
        ))  # fmt: skip


@pytest.mark.parametrize(
    ("url", "said", "hybrid"),
    [
        ("https://api.trychroma.com", None, True),
        ("https://europe-west1.gcp.trychroma.com", None, True),
        ("https://api.trychroma.com", False, False),
        ("https://nottrychroma.com", None, False),
        ("http://store:8000", None, False),
        ("http://store:8000", True, True),
        ("", True, False),
    ],
)
def test_which_servers_search_words(url: str, said: bool | None, hybrid: bool) -> None:
    config = IndexConfig(chroma_url=url, chroma_hybrid=said)
    assert config.hybrid is hybrid
    if url and said is None:
        assert fingerprint(config) == fingerprint(config.model_copy(update={"chroma_hybrid": hybrid}))
        assert fingerprint(config) != fingerprint(config.model_copy(update={"chroma_hybrid": not hybrid}))
