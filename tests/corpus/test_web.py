"""Fetching: what must never be connected to, and the limits on what is read."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corpus.addresses import parse_address, why_refused
from corpus.errors import FetchError
from corpus.media import Media
from corpus.web import Fetcher, FetchPolicy, fetch, user_agent

PUBLIC = "93.184.216.34"
PAGE = b"<!doctype html><html><head><title>A launch</title></head><body><p>Text.</p></body></html>"


class Site:
    """A server on 127.0.0.1 that answers each path with given bytes or a given function, and notes what came."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.routes: dict[str, bytes | Callable[[socket.socket], None]] = {}
        self.requests: list[bytes] = []
        self.names: list[str | None] = []
        self.tls = tls
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.closing = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                request = b""
                while b"\r\n\r\n" not in request:
                    piece = connection.recv(65_536)
                    if not piece:
                        return
                    request += piece
                self.requests.append(request)
                route = self.routes.get(request.split(b" ")[1].decode(), answer(404, b"no"))
                if isinstance(route, bytes):
                    connection.sendall(route)
                else:
                    route(connection)
        except OSError:
            pass

    def paths(self) -> list[str]:
        return [request.split(b" ")[1].decode() for request in self.requests]

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def close(self) -> None:
        self.closing.set()
        self.socket.close()


def answer(status: int, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", *headers]
    if not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def redirect(to: str, status: int = 302) -> bytes:
    return answer(status, b"", f"Location: {to}")


@pytest.fixture
def site() -> Iterator[Site]:
    served = Site()
    served.routes["/page"] = answer(200, PAGE, "Content-Type: text/html; charset=utf-8")
    yield served
    served.close()


OPEN = FetchPolicy(allow_private=True, pause=0.0, timeout=5.0)


def to_local(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def never(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host} was looked up")


# --- addresses that are refused before any name is looked up -------------------------------------------------

TRICKS = {
    "file": "file:///etc/passwd",
    "gopher": "gopher://example.com/1",
    "ftp": "ftp://example.com/a",
    "data": "data:text/html,<p>hi</p>",
    "javascript": "javascript:alert(1)",
    "dict": "dict://127.0.0.1:11211/stat",
    "jar": "jar:http://example.com/a!/b",
    "no scheme": "example.com/a",
    "scheme-relative": "//example.com/a",
    "no host": "http:///a",
    "scheme without slashes": "http:example.com",
    "decimal": "http://2130706433/",
    "decimal metadata": "http://2852039166/latest/meta-data/",
    "hex": "http://0x7f000001/",
    "hex parts": "http://0x7f.0x0.0x0.0x1/",
    "octal": "http://0177.0.0.1/",
    "octal long": "http://00000000177.0.0.1/",
    "short": "http://127.1/",
    "short three": "http://127.0.1/",
    "zero": "http://0/",
    "overflow": "http://4294967297/",
    "part too large": "http://256.0.0.1/",
    "five parts": "http://127.0.0.1.1/",
    "userinfo": "http://example.com@127.0.0.1/",
    "userinfo and port": "http://example.com:80@127.0.0.1:8080/",
    "userinfo encoded": "http://example.com%40127.0.0.1/",
    "empty userinfo": "http://@127.0.0.1/",
    "backslash host": "http://example.com\\@127.0.0.1/",
    "backslash for slash": "http:\\\\127.0.0.1\\a",
    "new line": "http://127.0.0.1\r\nHost: example.com/",
    "tab inside": "http://exa\tmple.com/",
    "null": "http://127.0.0.1\x00.example.com/",
    "space in host": "http://127.0.0.1 .example.com/",
    "percent in host": "http://%31%32%37.0.0.1/",
    "zone id": "http://[fe80::1%25eth0]/",
    "zone id bare": "http://[fe80::1%eth0]/",
    "bracketed v4": "http://[127.0.0.1]/",
    "bracketed name": "http://[localhost]/",
    "half bracket": "http://[::1/",
    "fragment host": "http://#@127.0.0.1/",
    "hash in authority, full width": "http://example.com\uff03@127.0.0.1/",
    "slash in authority, full width": "http://example.com\uff0f@evil.example/",
    "right-to-left override": "http://\u202eexample.com/",
    "soft hyphen": "http://local\u00adhost/",
    "zero width": "http://local\u200bhost/",
    "localhost": "http://localhost/",
    "localhost capital": "http://LOCALHOST/",
    "localhost dot": "http://localhost./",
    "localhost full width": "http://ｌｏｃａｌｈｏｓｔ/",
    "sub of localhost": "http://a.localhost/",
    "mdns": "http://printer.local/",
    "cloud name": "http://metadata.google.internal/",
    "single label": "http://intranet/",
    "onion": "http://abcdefghijklmnop.onion/",
    "double dot": "http://example..com/",
    "leading dot": "http://.example.com/",
    "two trailing dots": "http://example.com../",
    "label too long": f"http://{'a' * 64}.com/",
    "name too long": f"http://{'a.' * 130}com/",
    "ssh port": "http://example.com:22/",
    "mail port": "http://example.com:25/",
    "redis port": "http://example.com:6379/",
    "docker port": "http://example.com:2375/",
    "port zero": "http://example.com:0/",
    "port too large": "http://example.com:65616/",
    "port in full width": "http://example.com:８０/",
    "port not a number": "http://example.com:0x50/",
    "signed port": "http://example.com:+80/",
    "far too long": "http://example.com/" + "a" * 5000,
}

# Parse well; refused when the connection is opened.
CLOSED = {
    "loopback": "http://127.0.0.1/",
    "loopback other": "http://127.8.9.10/",
    "loopback trailing dot": "http://127.0.0.1./",
    "circled digits": "http://①②⑦.⓪.⓪.①/",
    "full-width digits": "http://１２７.０.０.１/",
    "ideographic dots": "http://127。0。0。1/",
    "unspecified": "http://0.0.0.0/",
    "private ten": "http://10.1.2.3/",
    "private 172": "http://172.31.255.254/",
    "private 192": "http://192.168.0.1/",
    "carrier": "http://100.64.0.1/",
    "link-local": "http://169.254.1.1/",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "metadata other cloud": "http://100.100.100.200/",
    "metadata wire server": "http://168.63.129.16/",
    "metadata oracle": "http://192.0.0.192/",
    "benchmarking": "http://198.18.0.1/",
    "documentation": "http://203.0.113.9/",
    "multicast": "http://224.0.0.1/",
    "reserved": "http://240.0.0.1/",
    "broadcast": "http://255.255.255.255/",
    "v6 loopback": "http://[::1]/",
    "v6 loopback long": "http://[0:0:0:0:0:0:0:1]/",
    "v6 unspecified": "http://[::]/",
    "v6 mapped": "http://[::ffff:127.0.0.1]/",
    "v6 mapped hex": "http://[::ffff:7f00:1]/",
    "v6 mapped metadata": "http://[::ffff:a9fe:a9fe]/",
    "v6 compatible": "http://[::127.0.0.1]/",
    "v6 translated": "http://[::ffff:0:127.0.0.1]/",
    "v6 unique local": "http://[fd12:3456::1]/",
    "v6 link-local": "http://[fe80::1]/",
    "v6 site-local": "http://[fec0::1]/",
    "v6 multicast": "http://[ff02::1]/",
    "v6 metadata": "http://[fd00:ec2::254]/",
    "v6 documentation": "http://[2001:db8::1]/",
    "nat64": "http://[64:ff9b::7f00:1]/",
    "nat64 metadata": "http://[64:ff9b::169.254.169.254]/",
    "nat64 local use": "http://[64:ff9b:1::a00:1]/",
    "6to4": "http://[2002:7f00:1::]/",
    "6to4 private": "http://[2002:c0a8:1::1]/",
    "teredo": "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "isatap": "http://[2a00:1450::5efe:a00:1]/",
    "discard": "http://[100::1]/",
}


@pytest.mark.parametrize("url", TRICKS.values(), ids=TRICKS.keys())
def test_misleading_addresses_are_refused_without_a_look_up(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(url, resolver=never)
    assert caught.value.reason


@pytest.mark.parametrize("url", CLOSED.values(), ids=CLOSED.keys())
def test_closed_addresses_are_refused_without_a_connection(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_connection", never)
    with pytest.raises(FetchError, match="which is not fetched"):
        fetch(url, resolver=never)


@pytest.mark.parametrize("url", CLOSED.values(), ids=CLOSED.keys())
def test_names_that_lead_to_closed_addresses_are_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_connection", never)
    host = parse_address(url).host
    with pytest.raises(FetchError, match="which is not fetched"):
        fetch("http://news.example/a", resolver=lambda name, port: [host])


def test_there_are_more_than_forty_tricks() -> None:
    assert len(TRICKS) >= 40
    assert len(CLOSED) >= 40


@pytest.mark.parametrize(
    "address", [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822", "2002:5db8:d822::1"]
)
def test_public_addresses_are_open(address: str) -> None:
    assert why_refused(address) is None


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fd12::1", "::ffff:10.0.0.1"]
)
def test_the_setting_opens_private_networks(address: str) -> None:
    assert why_refused(address) is not None
    assert why_refused(address, allow_private=True) is None


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "100.100.100.200",
        "fd00:ec2::254",
        "0.0.0.0",
        "224.0.0.1",
        "64:ff9b::a00:1",
        "fe80::1%eth0",
        "fe80::1",
    ],
)
def test_the_setting_never_opens_metadata_and_the_like(address: str) -> None:
    assert why_refused(address, allow_private=True) is not None


def test_ordinary_addresses_keep_their_meaning() -> None:
    assert (
        str(parse_address("  HTTPS://News.Example:443/a b/ü?q=1&r=%20#part "))
        == "https://news.example/a%20b/%C3%BC?q=1&r=%20"
    )
    assert parse_address("https://bücher.example/").host == "xn--bcher-kva.example"
    assert parse_address("http://example.com.").host == "example.com"
    assert str(parse_address("http://example.com?x=1")) == "http://example.com/?x=1"
    assert parse_address("http://[2606:2800:220:1::1]:8080/").authority == "[2606:2800:220:1::1]:8080"


# --- the connection --------------------------------------------------------------------------------------------


def test_a_page_is_fetched(site: Site) -> None:
    got = fetch(site.url("/page"), policy=OPEN)
    assert got.content == PAGE
    assert got.content_type is Media.HTML
    assert got.charset == "utf-8"
    assert got.fetched_at.tzinfo is not None
    assert site.paths() == ["/robots.txt", "/page"]
    assert f"User-Agent: {user_agent()}".encode() in site.requests[1]
    assert b"Cookie" not in site.requests[1]


def test_without_the_setting_the_same_page_is_refused(site: Site) -> None:
    with pytest.raises(FetchError, match="loopback"):
        fetch(site.url("/page"))
    assert site.requests == []


def test_the_host_header_is_the_name_and_the_connection_goes_to_the_checked_address(site: Site) -> None:
    got = fetch(site.url("/page", "news.example"), policy=OPEN, resolver=to_local)
    assert got.content == PAGE
    assert f"Host: news.example:{site.port}\r\n".encode() in site.requests[-1]


def test_rebinding_gets_no_second_answer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is public when first asked and loopback ever after; each connection is checked on its own answer."""
    asked: list[str] = []
    connected: list[str] = []

    def flipping(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

    def note(address: tuple[str, int], *rest: object, **more: object) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", note)
    fetcher = Fetcher(policy=FetchPolicy(honour_robots=False, pause=0.0), resolver=flipping)
    with pytest.raises(FetchError, match="cannot connect"):
        fetcher.fetch(site.url("/page", "news.example"))
    with pytest.raises(FetchError, match="loopback"):
        fetcher.fetch(site.url("/page", "news.example"))
    assert connected == [PUBLIC]
    assert asked == ["news.example", "news.example"]


def test_rebinding_between_robots_and_page(site: Site) -> None:
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    with pytest.raises(FetchError, match="link-local"):
        fetch(site.url("/page", "news.example"), policy=OPEN, resolver=lambda *_: next(answers))
    assert site.paths() == ["/robots.txt"]


def test_one_closed_address_among_open_ones_closes_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_connection", never)
    with pytest.raises(FetchError, match="private"):
        fetch("http://news.example/", resolver=lambda *_: [PUBLIC, "10.0.0.1"])


def test_a_silent_name_server_does_not_hold_us() -> None:
    def silent(host: str, port: int) -> list[str]:
        time.sleep(5)
        return [PUBLIC]

    begun = time.monotonic()
    with pytest.raises(FetchError, match="too long"):
        fetch("http://news.example/", policy=FetchPolicy(timeout=0.3, honour_robots=False), resolver=silent)
    assert time.monotonic() - begun < 2


def test_an_unknown_name_is_told() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such name")

    with pytest.raises(FetchError, match="name is not known"):
        fetch("http://news.example/", policy=FetchPolicy(honour_robots=False), resolver=unknown)


# --- redirects -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(site: Site, status: int) -> None:
    site.routes["/old"] = redirect("/page?x=1#there", status)
    site.routes["/page?x=1"] = answer(200, PAGE)
    got = fetch(site.url("/old"), policy=OPEN)
    assert got.final_url == site.url("/page?x=1")
    assert got.url == site.url("/old")


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data/", "link-local"),
        ("http://[fd00:ec2::254]/", "metadata"),
        ("http://[::ffff:169.254.169.254]/", "link-local"),
        ("http://2852039166/", "unusual spelling"),
        ("//169.254.169.254/", "link-local"),
        ("file:///etc/passwd", "only http"),
        ("gopher://127.0.0.1:6379/_x", "only http"),
        ("http://user@news.example/", "user name"),
        ("http://news.example:22/", "port 22"),
        ("http://0.0.0.0/", "unspecified"),
        ("http:\\\\127.0.0.1/", "characters"),
    ],
)
def test_redirects_are_checked_like_the_first_address(site: Site, to: str, reason: str) -> None:
    site.routes["/go"] = redirect(to)
    with pytest.raises(FetchError, match=reason) as caught:
        fetch(site.url("/go"), policy=OPEN)
    assert caught.value.url == site.url("/go")


def test_a_redirect_into_the_private_network_is_refused(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    site.routes["/go"] = redirect("http://inside.example/admin")
    real = socket.create_connection

    def as_public(address: tuple[str, int], *rest: object, **more: object) -> socket.socket:
        # The machine of the test plays the public address.
        assert address[0] == PUBLIC
        return real(("127.0.0.1", site.port), *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "create_connection", as_public)
    names = {"news.example": [PUBLIC], "inside.example": ["192.168.1.1"]}
    with pytest.raises(FetchError, match="private"):
        fetch("http://news.example/go", resolver=lambda host, port: names[host])


def test_redirects_end(site: Site) -> None:
    site.routes["/loop"] = redirect("/loop2")
    site.routes["/loop2"] = redirect("/loop")
    with pytest.raises(FetchError, match="circle"):
        fetch(site.url("/loop"), policy=OPEN)
    for number in range(9):
        site.routes[f"/{number}"] = redirect(f"/{number + 1}")
    with pytest.raises(FetchError, match="more than 5"):
        fetch(site.url("/0"), policy=OPEN)
    assert "/6" not in site.paths()
    site.routes["/nowhere"] = answer(302, b"")
    with pytest.raises(FetchError, match="without saying where"):
        fetch(site.url("/nowhere"), policy=OPEN)


# --- limits ----------------------------------------------------------------------------------------------------


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65_536)


def endless_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: " + b"y" * 1000 + b"\r\n")


def endless_continues(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"x")
        time.sleep(0.05)


def drip_headers(connection: socket.socket) -> None:
    for char in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 1000:
        connection.sendall(bytes([char]))
        time.sleep(0.05)


def silence(connection: socket.socket) -> None:
    time.sleep(5)


def huge_chunk(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"FFFFFFFFFF\r\n")
    while True:
        connection.sendall(b"x" * 65_536)


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        (endless, "too large"),
        (endless_headers, "malformed|too large"),
        (endless_continues, "too large|too long"),
        (huge_chunk, "too large"),
        (drip, "too long"),
        (drip_headers, "too long"),
        (silence, "too long"),
    ],
)
def test_a_server_that_does_not_end_is_left(
    site: Site, route: Callable[[socket.socket], None], reason: str
) -> None:
    site.routes["/x"] = route
    begun = time.monotonic()
    policy = FetchPolicy(allow_private=True, timeout=0.6, max_bytes=200_000, honour_robots=False)
    with pytest.raises(FetchError, match=reason):
        fetch(site.url("/x"), policy=policy)
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("bomb", ["gzip", "deflate", "raw deflate"])
def test_bombs_are_refused_and_small_bodies_unpacked(site: Site, bomb: str) -> None:
    def pack(data: bytes) -> bytes:
        if bomb == "gzip":
            return gzip.compress(data)
        return zlib.compress(data) if bomb == "deflate" else zlib.compress(data, wbits=-15)

    name = bomb.split()[-1]
    site.routes["/bomb"] = answer(200, pack(b"\0" * 50_000_000), f"Content-Encoding: {name}")
    site.routes["/small"] = answer(200, pack(PAGE), f"Content-Encoding: {name}")
    with pytest.raises(FetchError, match="too large"):
        fetch(site.url("/bomb"), policy=OPEN)
    assert fetch(site.url("/small"), policy=OPEN).content == PAGE


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (answer(200, gzip.compress(PAGE)[:-20], "Content-Encoding: gzip"), "cut short"),
        (answer(200, b"not packed at all", "Content-Encoding: gzip"), "damaged"),
        (answer(200, gzip.compress(gzip.compress(PAGE)), "Content-Encoding: gzip, gzip"), "not asked for"),
        (answer(200, PAGE, "Content-Encoding: br"), "not asked for"),
        (answer(200, PAGE, "Content-Length: 5000"), "broken off"),
        (answer(200, PAGE, "Content-Length: 99999999999"), "too large"),
        (answer(200, PAGE, "Content-Length: -5"), "malformed"),
        (answer(200, PAGE, "Content-Length: 5", "Content-Length: 6"), "malformed"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "malformed"),
        (b"", "broken off"),
        (answer(200, b"  \n"), "empty"),
        (answer(204, b""), "204"),
        (answer(401, b""), "login"),
        (answer(403, b"no"), "save the page"),
        (answer(404, b"no"), "404"),
        (answer(429, b"no"), "slow down"),
        (answer(503, b"no"), "503"),
    ],
)
def test_bad_answers_are_told(site: Site, response: bytes, reason: str) -> None:
    site.routes["/x"] = response
    with pytest.raises(FetchError, match=reason):
        fetch(site.url("/x"), policy=OPEN)


def test_more_bytes_than_announced_are_not_read(site: Site) -> None:
    site.routes["/x"] = answer(200, PAGE + b"<script>more</script>", f"Content-Length: {len(PAGE)}")
    assert fetch(site.url("/x"), policy=OPEN).content == PAGE


def test_the_type_is_what_the_bytes_say(site: Site) -> None:
    site.routes["/a.html"] = answer(200, b"%PDF-1.7\n...", "Content-Type: text/html")
    site.routes["/a.pdf"] = answer(200, PAGE, "Content-Type: application/pdf")
    site.routes["/b"] = answer(200, b"\x89PNG\r\n\x1a\n\0\0\0", "Content-Type: text/html")
    site.routes["/c"] = answer(
        200, b"<?xml version='1.0'?><rss version='2.0'></rss>", "Content-Type: text/html"
    )
    got = [fetch(site.url(path), policy=OPEN).content_type for path in ("/a.html", "/a.pdf", "/b", "/c")]
    assert got == [Media.PDF, Media.HTML, Media.BINARY, Media.FEED]


# --- manners ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        (b"User-agent: *\nDisallow: /", False),
        (b"User-agent: launch-assistant\nDisallow: /page", False),
        (b"User-agent: otherbot\nDisallow: /", True),
        (b"User-agent: *\nAllow: /\nDisallow: /pa", False),
        (b"User-agent: *\nDisallow: /p*e$", False),
        (b"User-agent: *\nDisallow: /\n\nUser-agent: Launch-Assistant\nAllow: /", True),
        (b"\xff\xfe\x00garbage", True),
    ],
)
def test_robots_rules_are_kept(site: Site, rules: bytes, allowed: bool) -> None:
    site.routes["/robots.txt"] = answer(200, rules)
    if allowed:
        assert fetch(site.url("/page"), policy=OPEN).content == PAGE
    else:
        with pytest.raises(FetchError, match=r"robots\.txt"):
            fetch(site.url("/page"), policy=OPEN)
        assert "/page" not in site.paths()


def test_robots_of_the_site_redirected_to_count_too(site: Site) -> None:
    other = Site()
    try:
        other.routes["/robots.txt"] = answer(200, b"User-agent: *\nDisallow: /closed")
        other.routes["/closed"] = answer(200, PAGE)
        site.routes["/go"] = redirect(other.url("/closed"))
        with pytest.raises(FetchError, match=r"robots\.txt"):
            fetch(site.url("/go"), policy=OPEN)
        assert other.paths() == ["/robots.txt"]
    finally:
        other.close()


def test_a_broken_robots_file_closes_the_site_and_the_setting_opens_it(site: Site) -> None:
    site.routes["/robots.txt"] = answer(500, b"")
    with pytest.raises(FetchError, match="try again later"):
        fetch(site.url("/page"), policy=OPEN)
    assert (
        fetch(site.url("/page"), policy=FetchPolicy(allow_private=True, honour_robots=False)).content == PAGE
    )


def test_of_a_very_long_robots_file_the_start_counts(site: Site) -> None:
    rules = (
        b"User-agent: *\nDisallow: /closed\n"
        + b"# a remark on the harbour of the town\n" * 20_000
        + b"Disallow: /"
    )
    site.routes["/closed"] = answer(200, PAGE)
    for body in (answer(200, rules), answer(200, gzip.compress(rules), "Content-Encoding: gzip")):
        site.routes["/robots.txt"] = body
        assert fetch(site.url("/page"), policy=OPEN).content == PAGE
        with pytest.raises(FetchError, match=r"robots\.txt asks"):
            fetch(site.url("/closed"), policy=OPEN)


@pytest.mark.parametrize("ip", ["169.254.169.254", "127.0.0.1"])
def test_a_closed_address_is_not_hidden_behind_robots(ip: str) -> None:
    with pytest.raises(FetchError) as failed:
        fetch("http://news.example/page", resolver=lambda host, port: [ip])
    assert failed.value.reason.startswith("the host leads to")


def test_robots_is_read_once_and_the_host_gets_its_pauses(site: Site) -> None:
    fetcher = Fetcher(policy=FetchPolicy(allow_private=True, pause=0.2))
    begun = time.monotonic()
    for _ in range(3):
        fetcher.fetch(site.url("/page"))
    assert site.paths() == ["/robots.txt", "/page", "/page", "/page"]
    assert time.monotonic() - begun >= 0.4


# --- TLS -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        (
            "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=news.example "
            "-addext subjectAltName=DNS:news.example -keyout key.pem -out cert.pem"
        ).split(),
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return cert, key


@pytest.fixture
def secure_site(certificate: tuple[Path, Path]) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    served = Site(context)
    context.sni_callback = lambda _socket, name, _context: served.names.append(name)
    served.routes["/page"] = answer(200, PAGE)
    served.routes["/down"] = redirect("http://news.example/page")
    yield served
    served.close()


def test_tls_proves_the_name_though_the_connection_is_pinned(
    secure_site: Site, certificate: tuple[Path, Path]
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    fetcher = Fetcher(policy=OPEN, resolver=to_local, ssl_context=trusting)
    assert fetcher.fetch(secure_site.url("/page", "news.example")).content == PAGE
    assert set(secure_site.names) == {"news.example"}
    with pytest.raises(FetchError, match="certificate"):
        fetcher.fetch(secure_site.url("/page", "other.example"))
    with pytest.raises(FetchError, match="certificate"):
        fetch(secure_site.url("/page", "news.example"), policy=OPEN, resolver=to_local)
    with pytest.raises(FetchError, match="plain http"):
        fetcher.fetch(secure_site.url("/down", "news.example"))
