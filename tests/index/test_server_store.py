"""Vectors on a real Chroma server: found as beside the index, seen by others, and taken away when nothing names them."""

from __future__ import annotations

import http.client
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import ValidationError

from corpus.models import Article
from index import IndexConfig, Retriever, rebuild
from index.errors import EmbeddingError, StoreUnreachableError
from index.recipe import fingerprint
from index.snapshots import restore_snapshot, take_snapshot
from tests.faults.corpus import HashEmbedder
from tests.index.test_lexical import article, corpus

CHROMA = shutil.which("chroma", path=str(Path(sys.executable).parent))
OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(CHROMA is None, reason="the chroma command is not installed")
ASKED = ("barak kelek", "mondilt", "zulup tirand barak")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def chroma(folder: Path, port: int) -> Iterator[str]:
    assert CHROMA
    command = [CHROMA, "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(300):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma(tmp_path_factory.mktemp("chroma server"), free_port()) as url:
        yield url


def built(home: Path, articles: list[Article], config: IndexConfig) -> Retriever:
    rebuild(articles, home=home, config=config, embedder=HashEmbedder())
    return Retriever.open(home, config=config, embedder=HashEmbedder())


def found(retriever: Retriever, query: str) -> list[tuple[str, float]]:
    hits = retriever.search(query, limit=20)
    return [(h.passage.id, round(h.similarity or 0.0, 4)) for h in hits]


def collections(url: str) -> set[str]:
    import chromadb

    host, port = url.removeprefix("http://").split(":")
    return {c.name for c in chromadb.HttpClient(host=host, port=int(port)).list_collections()}


def folders(home: Path) -> set[str]:
    return {f.name for f in (home / "chroma").iterdir()}


def test_a_server_finds_what_a_folder_finds(server: str, tmp_path: Path) -> None:
    articles = corpus(20)
    local = built(tmp_path / "local", articles, IndexConfig())
    config = IndexConfig(chroma_url=server)
    remote = built(tmp_path / "remote", articles, config)
    for query in ASKED:
        assert found(remote, query) == found(local, query) != []
    assert not list((tmp_path / "remote").rglob("chroma.sqlite3"))
    again = rebuild(articles, home=tmp_path / "remote", config=config, embedder=HashEmbedder())
    assert (again.embedded, again.generation) == (0, 1)


def test_a_rebuild_in_one_is_seen_by_the_other_and_leaves_nothing_behind(server: str, tmp_path: Path) -> None:
    config, home, other = IndexConfig(chroma_url=server), tmp_path / "home", tmp_path / "other"
    before = collections(server)
    neighbour = built(other, corpus(5, seed=9), config)
    kept = found(neighbour, ASKED[0])
    reader = built(home, corpus(6), config)
    take_snapshot(home, "first")
    new = article("zz", "A quokka was seen near the barak.")
    # Another process would do no more than this: it opens the index and rebuilds it.
    report = rebuild([*corpus(5), new], home=home, config=config, embedder=HashEmbedder())
    assert report.added == ("zz",)
    assert report.removed == ("a005",)
    hits = reader.search("quokka")
    assert hits[0].article.id == "zz"
    assert hits[0].similarity is not None
    restore_snapshot(home, "first", fingerprint=fingerprint(config), config=config)
    assert "zz" not in {a.id for a in reader.articles()}
    assert found(reader, ASKED[0])
    for _ in range(3):
        rebuild([], home=home, config=config, embedder=HashEmbedder())
    (home / "snapshots" / "first.json").unlink()
    rebuild([], home=home, config=config, embedder=HashEmbedder())
    assert collections(server) - before == folders(other)
    assert found(neighbour, ASKED[0]) == kept


APP = """
import sys
from pathlib import Path
from index import IndexConfig, Retriever, rebuild
from tests.faults.corpus import HashEmbedder
from tests.index.test_lexical import article, corpus
home, config, embedder = Path(sys.argv[1]), IndexConfig(chroma_url=sys.argv[2]), HashEmbedder()
retriever = Retriever.open(home, config=config, embedder=embedder)
for line in sys.stdin:
    if name := line.strip():
        new = article(name, f"A {name} was seen near the barak.")
        done = rebuild([*corpus(6), new], home=home, config=config, embedder=embedder)
        print("rebuilt", *done.added, flush=True)
    else:
        hits = retriever.search("which one was seen near the barak", limit=30)
        found = sorted(h.article.id for h in hits if h.article.id.startswith("z"))
        print(retriever.generation, all(h.similarity is not None for h in hits), *found, flush=True)
"""


def test_two_processes_share_a_server_and_see_each_other_s_rebuilds(server: str, tmp_home: Path) -> None:
    built(tmp_home, corpus(6), IndexConfig(chroma_url=server))
    command = [sys.executable, "-c", APP, str(tmp_home), server]
    apps = [
        subprocess.Popen(
            command, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]

    def say(app: subprocess.Popen[str], line: str = "") -> str:
        assert app.stdin
        assert app.stdout
        app.stdin.write(f"{line}\n")
        app.stdin.flush()
        return app.stdout.readline().strip()

    one, two = apps
    try:
        assert [say(app) for app in apps] == ["1 True"] * 2
        assert say(one, "zebra") == "rebuilt zebra"
        assert [say(app) for app in apps] == ["2 True zebra"] * 2
        assert say(two, "zorse") == "rebuilt zorse"
        assert [say(app) for app in apps] == ["3 True zorse"] * 2
    finally:
        for app in apps:
            app.communicate(timeout=60)
    assert [app.returncode for app in apps] == [0, 0]


def test_what_a_killed_rebuild_left_is_taken_away(server: str, tmp_home: Path) -> None:
    config = IndexConfig(chroma_url=server)
    built(tmp_home, corpus(3), config)
    before = collections(server)

    class Dying(HashEmbedder):
        def embed_documents(self, *args: object, **options: object) -> object:  # type: ignore[override]
            assert len(collections(server)) == len(before) + 1
            raise MemoryError

    with pytest.raises(EmbeddingError):
        rebuild(corpus(4), home=tmp_home, config=config, embedder=Dying())
    assert collections(server) == before
    # A process that is killed clears up nothing.
    import chromadb

    left = f"launch-{fingerprint(config)}-0badcafe"
    shutil.copytree(next((tmp_home / "chroma").iterdir()), tmp_home / "chroma" / left)
    (tmp_home / "chroma" / left / "seal.json").unlink()
    host, port = server.removeprefix("http://").split(":")
    chromadb.HttpClient(host=host, port=int(port)).create_collection(left, embedding_function=None)
    rebuild(corpus(3), home=tmp_home, config=config, embedder=HashEmbedder())
    assert collections(server) == before


def test_a_server_that_is_gone_is_named_and_comes_back(tmp_path: Path) -> None:
    port = free_port()
    config, home = IndexConfig(chroma_url=f"http://127.0.0.1:{port}"), tmp_path / "home"
    with chroma(tmp_path / "data", port):
        reader = built(home, corpus(4), config)
        expected = found(reader, ASKED[0])
    for broken in (
        lambda: reader.search(ASKED[0]),
        lambda: Retriever.open(home, config=config, embedder=HashEmbedder()),
        lambda: rebuild(corpus(5), home=home, config=config, embedder=HashEmbedder()),
    ):
        begun = time.monotonic()
        with pytest.raises(StoreUnreachableError, match=f"127.0.0.1:{port}.*LAUNCH_INDEX__CHROMA_URL"):
            broken()
        assert time.monotonic() - begun < 20
    with chroma(tmp_path / "data", port):
        assert found(reader, ASKED[0]) == expected
        report = rebuild(corpus(5), home=home, config=config, embedder=HashEmbedder())
        assert report.added == ("a004",)
        assert "a004" in {a.id for a in reader.articles()}
        rebuild(corpus(5), home=home, config=config, embedder=HashEmbedder())
        assert collections(config.chroma_url) == folders(home)


@contextmanager
def guarded_by(token: str, url: str, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A proxy that lets nobody through who does not show the token, as one in front of a server would."""
    target = url.removeprefix("http://")

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Authorization") != f"Bearer {token}":
                status, answer = 401, b'{"error":"Unauthorized"}'
            else:
                link = http.client.HTTPConnection(target, timeout=30)
                link.request(self.command, self.path, body, {"Content-Type": "application/json"})
                reply = link.getresponse()
                status, answer = reply.status, reply.read()
                link.close()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_DELETE = do_PUT = pass_on  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    if tls:
        proxy.socket = tls.wrap_socket(proxy.socket, server_side=True)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    yield f"http{'s' if tls else ''}://127.0.0.1:{proxy.server_address[1]}"
    proxy.shutdown()
    proxy.server_close()


def test_the_token_lets_in_and_is_never_told(server: str, tmp_path: Path) -> None:
    with guarded_by("let-me-in-7", server) as url:
        right = IndexConfig(chroma_url=url, chroma_token="let-me-in-7")
        assert found(built(tmp_path / "home", corpus(3), right), ASKED[0])
        assert "let-me-in-7" not in repr(right) + right.model_dump_json() + fingerprint(right)
        kept = b"".join(p.read_bytes() for p in (tmp_path / "home").rglob("*") if p.is_file())
        assert b"let-me-in-7" not in kept
        for wrong in ("", "let-me-in-8"):
            config = IndexConfig(chroma_url=url, chroma_token=wrong)
            with pytest.raises(StoreUnreachableError, match="LAUNCH_INDEX__CHROMA_TOKEN") as caught:
                Retriever.open(tmp_path / "home", config=config, embedder=HashEmbedder())
            assert "let-me-in" not in str(caught.value)


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_a_server_behind_tls_must_be_vouched_for(server: str, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *(
                str(OPENSSL),
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=store",
            ),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with guarded_by("let-me-in-7", server, tls) as url:
        config = IndexConfig(chroma_url=url, chroma_token="let-me-in-7", chroma_ca=str(certificate))
        assert found(built(tmp_path / "home", corpus(3), config), ASKED[0])
        unknown = config.model_copy(update={"chroma_ca": ""})
        with pytest.raises(StoreUnreachableError, match="LAUNCH_INDEX__CHROMA_URL"):
            Retriever.open(tmp_path / "home", config=unknown, embedder=HashEmbedder())


def test_going_back_to_a_folder_is_a_rebuild(server: str, tmp_home: Path) -> None:
    before = collections(server)
    built(tmp_home, corpus(3), IndexConfig(chroma_url=server))
    before_that = Retriever.open(tmp_home, embedder=HashEmbedder())
    assert before_that.stale
    assert found(before_that, ASKED[0])
    local = built(tmp_home, corpus(3), IndexConfig())
    assert found(local, ASKED[0])
    rebuild(corpus(3), home=tmp_home, embedder=HashEmbedder())
    assert collections(server) == before


def test_where_the_vectors_lie_decides_the_fingerprint() -> None:
    plain = IndexConfig()
    assert fingerprint(plain) == fingerprint(IndexConfig(chroma_token="x", chroma_timeout=3))
    servers = [
        IndexConfig(chroma_url="http://a:8000"),
        IndexConfig(chroma_url="http://b:8000"),
        IndexConfig(chroma_url="http://a:8000", chroma_tenant="news"),
    ]
    assert len({fingerprint(c) for c in (plain, *servers)}) == 4


@pytest.mark.parametrize(
    "address",
    [
        "chroma:8000",
        "ftp://chroma",
        "http://",
        "http://me:secret@chroma",
        "http://chroma/api",
        "http://c:99999",
    ],
)
def test_an_address_that_cannot_be_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        IndexConfig(chroma_url=address)
