"""Asking a server over plain HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request


def call(url: str, body: object = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """The status and the text of a reply, also of a refusal; with a body it is a POST of JSON."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as exc:
        return exc.code, exc.read().decode()
