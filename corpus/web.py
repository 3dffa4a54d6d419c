"""Fetch one web page on a user's request, without being led into the user's own network.

Every host is resolved here, every address it has is checked, and the connection goes to a checked address and to
nothing else: the check sits in the function that opens the connection (corpus/connection.py), so a name that answers differently the
second time (DNS rebinding) has no second time. TLS still proves the name. Redirects are followed by hand, each hop
through the same gate. No proxy is used, even if the environment names one: it would do the resolving.
"""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urljoin

import httpcore
from protego import Protego

from corpus.addresses import Address, parse_address
from corpus.connection import (
    Budget,
    CheckedBackend,
    ClosedAddressError,
    RefusedError,
    Resolver,
    system_resolver,
)
from corpus.errors import FetchError
from corpus.inflate import Inflater
from corpus.media import Media, media_of

_ROBOT = "launch-assistant"
_ROBOTS_BYTES = 512_000
"""Of a longer robots.txt only this much counts (RFC 9309 asks for 500 KiB at the least)."""

_ROBOTS_SECONDS = 10.0
_HEADER_BYTES = 256_000
_LONGEST_PAUSE = 10.0
_REDIRECTS = frozenset([301, 302, 303, 307, 308])
_SAVE_IT = "save the page from a browser and add the file"
_REFUSALS = {
    401: f"the page needs a login (401); {_SAVE_IT}",
    402: f"the page has to be paid for (402); {_SAVE_IT}",
    403: f"the site refuses programs (403); {_SAVE_IT}",
    404: "there is no such page (404); check the address",
    410: "the page was taken down (410)",
    429: "the site asks to slow down (429); try again later",
    451: "the page is withheld for legal reasons (451)",
}


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """What a fetch may do.

    Attributes:
        allow_private: take addresses of this machine and of private networks too.
        max_bytes: most bytes of a page, both as sent and unpacked.
        timeout: seconds for one page with all its redirects.
        max_redirects: hops after the first address.
        honour_robots: fetch nothing that the site's robots.txt closes to programs.
        pause: seconds between two pages of one host.
    """

    allow_private: bool = False
    max_bytes: int = 10_000_000
    timeout: float = 30.0
    max_redirects: int = 5
    honour_robots: bool = True
    pause: float = 1.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came.

    Attributes:
        url: the address that was asked for.
        final_url: where the redirects led.
        content: the body, unpacked.
        content_type: what the bytes are, whatever the server called them.
        charset: the encoding that the server named, or None.
        fetched_at: when, in UTC.
    """

    url: str
    final_url: str
    content: bytes
    content_type: Media
    charset: str | None
    fetched_at: datetime


def fetch(url: str, *, policy: FetchPolicy = FetchPolicy(), resolver: Resolver | None = None) -> Fetched:
    """Fetch one page; see `Fetcher` for several.

    Raises:
        FetchError: the address must not be fetched, or could not be.
    """
    return Fetcher(policy=policy, resolver=resolver).fetch(url)


def user_agent() -> str:
    """Name this program and what it does, truthfully."""
    try:
        number = version("launch-assistant")
    except PackageNotFoundError:
        number = "0"
    return f"{_ROBOT}/{number} (+reading one article on a user's request)"


class Fetcher:
    """Fetches pages one after the other; remembers each site's robots.txt and pauses between its pages.

    Args:
        policy: the limits.
        resolver: gives the IP addresses of a (host, port); by default the system's.
        ssl_context: checks certificates; by default against the usual authorities.
    """

    def __init__(
        self,
        *,
        policy: FetchPolicy = FetchPolicy(),
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy
        self._resolver = resolver or system_resolver
        self._ssl_context = ssl_context
        self._robots: dict[str, Protego | str] = {}
        self._last: dict[str, float] = {}

    def fetch(self, url: str) -> Fetched:
        """Fetch one page.

        Raises:
            FetchError: the address must not be fetched, or could not be.
        """
        address = self._parsed(url)
        self._wait_for(address)
        try:
            deadline = time.monotonic() + self._policy.timeout
            address, page = self._follow(
                address, deadline, self._policy.max_bytes, robots=self._policy.honour_robots
            )
        except FetchError as exc:
            # The reason is told with the address the user knows, wherever the redirects had led.
            raise FetchError(url, exc.reason) from exc.__cause__
        finally:
            self._last[address.host] = time.monotonic()
        if page.status != 200:
            raise FetchError(url, _refusal(page.status))
        if not page.content.strip():
            raise FetchError(url, "the page is empty")
        return Fetched(
            url, str(address), page.content, media_of(page.content), page.charset, datetime.now(UTC)
        )

    def _parsed(self, url: str) -> Address:
        return parse_address(url, allow_private=self._policy.allow_private)

    def _follow(
        self, address: Address, deadline: float, max_bytes: int, *, robots: bool, cut: bool = False
    ) -> tuple[Address, _Page]:
        seen = {str(address)}
        for _ in range(self._policy.max_redirects + 1):
            if robots:
                self._check_robots(address)
            page = self._get(address, deadline, max_bytes, cut=cut)
            if page.status not in _REDIRECTS:
                return address, page
            if not page.location:
                raise FetchError(str(address), f"the site redirects without saying where to ({page.status})")
            target = self._parsed(urljoin(str(address), page.location))
            if address.scheme == "https" and target.scheme == "http":
                raise FetchError(str(address), "a redirect leads from https to plain http")
            if str(target) in seen:
                raise FetchError(str(address), "the redirects go in a circle")
            seen.add(str(target))
            address = target
        raise FetchError(str(address), f"more than {self._policy.max_redirects} redirects")

    def _get(self, address: Address, deadline: float, max_bytes: int, *, cut: bool) -> _Page:
        """Ask once, at one address, and read the answer within the limits; `cut` keeps the start of a larger one."""
        budget = Budget(deadline, max_bytes + _HEADER_BYTES)
        headers: dict[bytes | str, bytes | str] = {
            "Host": address.authority,
            "User-Agent": user_agent(),
            "Accept": "text/html, application/xhtml+xml, application/pdf, application/xml;q=0.9, */*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
            "Connection": "close",
        }
        place = httpcore.URL(
            scheme=address.scheme, host=address.host, port=address.port, target=address.target.encode("ascii")
        )
        backend = CheckedBackend(self._resolver, budget, allow_private=self._policy.allow_private)
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self._ssl_context, network_backend=backend) as pool,
                pool.stream("GET", place, headers=headers) as response,
            ):
                return _read(response, max_bytes, cut=cut)
        except RefusedError as exc:
            raise FetchError(str(address), str(exc)) from exc
        except httpcore.TimeoutException as exc:
            raise FetchError(str(address), "the site took too long to answer") from exc
        except httpcore.ConnectError as exc:
            reason = "its certificate is not valid for this name" if "CERTIFICATE" in str(exc) else str(exc)
            raise FetchError(str(address), f"cannot connect: {reason}") from exc
        except (httpcore.ProtocolError, httpcore.NetworkError) as exc:
            raise FetchError(str(address), f"the site's answer was broken off or malformed: {exc}") from exc

    def _check_robots(self, address: Address) -> None:
        rules = self._robots.get(address.origin)
        if rules is None:
            rules = self._robots[address.origin] = self._read_robots(address)
        if isinstance(rules, str):
            raise FetchError(str(address), rules)
        if not rules.can_fetch(str(address), _ROBOT):
            raise FetchError(
                str(address), f"the site's robots.txt asks programs not to read this page; {_SAVE_IT}"
            )

    def _read_robots(self, address: Address) -> Protego | str:
        """Return the site's rules, or why nothing may be fetched; absent rules close nothing (RFC 9309)."""
        place = Address(address.scheme, address.host, address.port, "/robots.txt")
        deadline = time.monotonic() + min(self._policy.timeout, _ROBOTS_SECONDS)
        try:
            _, page = self._follow(place, deadline, _ROBOTS_BYTES, robots=False, cut=True)
        except FetchError as exc:
            if isinstance(exc.__cause__, ClosedAddressError | httpcore.ConnectError):
                return exc.reason  # true of all that is there
            return f"its robots.txt could not be read: {exc.reason}"
        if page.status >= 500:
            return f"its robots.txt could not be read ({page.status}); try again later"
        text = page.content.decode("utf-8", "replace") if page.status == 200 else ""
        return Protego.parse(text)

    def _wait_for(self, address: Address) -> None:
        """Let the host rest since its last page: our pause, or its own wish if that is longer."""
        last = self._last.get(address.host)
        if last is None:
            return
        rules = self._robots.get(address.origin)
        wish = rules.crawl_delay(_ROBOT) if isinstance(rules, Protego) else None
        pause = max(self._policy.pause, min(wish or 0.0, _LONGEST_PAUSE))
        time.sleep(max(0.0, last + pause - time.monotonic()))


@dataclass(frozen=True, slots=True)
class _Page:
    status: int
    location: str | None
    charset: str | None
    content: bytes


def _read(response: httpcore.Response, max_bytes: int, *, cut: bool) -> _Page:
    headers = {name.lower(): value.decode("latin-1") for name, value in response.headers}
    location = headers.get(b"location")
    charset = None
    for part in headers.get(b"content-type", "").split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip(" \"'") or None
    if response.status != 200:
        return _Page(response.status, location, charset, b"")
    length = headers.get(b"content-length", "")
    if length.isdigit() and int(length) > max_bytes and not cut:
        raise RefusedError("the page is too large")
    try:
        inflater = Inflater(headers.get(b"content-encoding", ""), max_bytes, cut=cut)
        for chunk in response.iter_stream():
            inflater.feed(chunk)
            if inflater.full:
                break
        return _Page(response.status, location, charset, inflater.finish())
    except ValueError as exc:
        raise RefusedError(str(exc)) from exc


def _refusal(status: int) -> str:
    if status in _REFUSALS:
        return _REFUSALS[status]
    return (
        f"the site has a fault ({status}); try again later"
        if status >= 500
        else f"the site answered {status}"
    )
