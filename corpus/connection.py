"""Connections that go to checked addresses only, and end when their time or bytes are spent."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpcore

from corpus.addresses import NOT_AN_IP, why_refused

Resolver = Callable[[str, int], Sequence[str]]

_CONNECT_SECONDS = 10.0
_ADDRESSES_TRIED = 4


class RefusedError(Exception):
    """A connection that must not be made or go on; raised below httpcore, which lets it through."""


class ClosedAddressError(RefusedError):
    """The host has an address that is not fetched from."""


@dataclass(slots=True)
class Budget:
    """What is left of a fetch's time and bytes, whoever spends them: handshake, headers or body."""

    deadline: float
    bytes_left: int

    def seconds_left(self) -> float:
        """Return the seconds that are left, more than 0."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise RefusedError("the site took too long to answer")
        return left

    def spend(self, count: int) -> None:
        """Book bytes that came in."""
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise RefusedError("the page is too large")


class CheckedBackend(httpcore.NetworkBackend):
    """Opens connections to checked addresses only."""

    def __init__(self, resolver: Resolver, budget: Budget, *, allow_private: bool) -> None:
        self._resolver = resolver
        self._budget = budget
        self._allow_private = allow_private
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check and connect; httpcore calls this with the name from the address."""
        last: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for ip in self._checked(host, port)[:_ADDRESSES_TRIED]:
            try:
                seconds = min(self._budget.seconds_left(), _CONNECT_SECONDS)
                # An IP address, never the name: nothing below this line resolves anything.
                return _BudgetedStream(self._plain.connect_tcp(ip, port, timeout=seconds), self._budget)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                last = exc
        raise last or httpcore.ConnectError("the name has no address")

    def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Any = None) -> Any:
        """Refuse: no web site is behind a socket file."""
        raise RefusedError("only web sites can be fetched")

    def _checked(self, host: str, port: int) -> list[str]:
        found = self._resolve(host, port) if why_refused(host) == NOT_AN_IP else [host]
        for ip in found:
            # One closed address among open ones is enough: whoever runs the name chose to point it there.
            reason = why_refused(ip, allow_private=self._allow_private)
            if reason is not None:
                raise ClosedAddressError(f"the host leads to {reason}, which is not fetched")
        return found

    def _resolve(self, host: str, port: int) -> list[str]:
        # The system's resolver knows no time limit, so it runs beside and is left behind when it takes too long.
        found: list[str] = []
        failed: list[Exception] = []

        def ask() -> None:
            try:
                found.extend(dict.fromkeys(self._resolver(host, port)))
            except (OSError, UnicodeError) as exc:
                failed.append(exc)

        asking = threading.Thread(target=ask, name="resolve", daemon=True)
        asking.start()
        asking.join(min(self._budget.seconds_left(), _CONNECT_SECONDS))
        if asking.is_alive():
            raise httpcore.ConnectTimeout("the name server did not answer")
        if failed or not found:
            raise httpcore.ConnectError("the name is not known; check the address and the network")
        return list(found)


class _BudgetedStream(httpcore.NetworkStream):
    """A connection that stops when the budget is spent, so neither slow drops nor endless headers hold us."""

    def __init__(self, inner: httpcore.NetworkStream, budget: Budget) -> None:
        self._inner = inner
        self._budget = budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, timeout=self._budget.seconds_left())
        self._budget.spend(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout=self._budget.seconds_left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = self._budget.seconds_left()
        return _BudgetedStream(self._inner.start_tls(ssl_context, server_hostname, seconds), self._budget)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def system_resolver(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host as the operating system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]
