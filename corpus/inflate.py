"""Unpack a response body piece by piece, so that a small bomb cannot become a large one in memory."""

from __future__ import annotations

import zlib


class Inflater:
    """Collects a body and unpacks it on the way.

    Args:
        encoding: the Content-Encoding header, "" for none.
        max_bytes: most bytes of the unpacked body.
        cut: keep the whole lines at the start of a larger body, and be `full`, instead of refusing it.

    Raises:
        ValueError: an encoding that was not asked for; from `feed` and `finish`: too large, damaged.
    """

    def __init__(self, encoding: str, max_bytes: int, *, cut: bool = False) -> None:
        names = [
            name.strip().lower()
            for name in encoding.split(",")
            if name.strip().lower() not in ("", "identity")
        ]
        if names and names not in (["gzip"], ["x-gzip"], ["deflate"]):
            # Layers of compression are how a bomb gets past a limit on one of them.
            raise ValueError("the page is packed in a way that was not asked for")
        self._name = names[0] if names else ""
        self._unpacker: zlib._Decompress | None = None
        self._max_bytes = max_bytes
        self._body = bytearray()
        self._cut = cut
        self.full = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes as sent."""
        if not self._name:
            self._keep(chunk)
            return
        if not chunk:
            return
        if self._unpacker is None:
            self._unpacker = zlib.decompressobj(self._window(chunk))
        try:
            while chunk and not self._unpacker.eof and not self.full:
                # One more than allowed is enough to know.
                self._keep(self._unpacker.decompress(chunk, self._max_bytes - len(self._body) + 1))
                chunk = self._unpacker.unconsumed_tail
        except zlib.error:
            raise ValueError("the page's compression is damaged") from None

    def finish(self) -> bytes:
        """Return the body."""
        if self.full:
            return bytes(self._body).rpartition(b"\n")[0]
        if self._unpacker is not None and not self._unpacker.eof:
            raise ValueError("the page was cut short")
        return bytes(self._body)

    def _keep(self, data: bytes) -> None:
        self._body += data
        if len(self._body) > self._max_bytes:
            if not self._cut:
                raise ValueError("the page is too large")
            del self._body[self._max_bytes :]
            self.full = True

    def _window(self, first: bytes) -> int:
        if self._name != "deflate":
            return 16 + zlib.MAX_WBITS
        # Half of the servers that say deflate leave out the zlib header.
        return zlib.MAX_WBITS if first[0] & 0x0F == 8 else -zlib.MAX_WBITS
