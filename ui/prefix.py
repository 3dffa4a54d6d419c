"""The path prefix behind a proxy: the same addresses inside, whether the proxy takes the prefix off or leaves it on."""

from __future__ import annotations

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class Prefix:
    """ASGI middleware: takes the prefix off; without it in front, a path is left as it is."""

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if self._prefix and scope["type"] == "http":
            path: str = scope["path"]
            if path == self._prefix:
                # The page names its parts relative to a folder.
                query = scope["query_string"].decode("latin-1")
                there = f"{self._prefix}/{'?' if query else ''}{query}"
                await RedirectResponse(there, status_code=308)(scope, receive, send)
                return
            if path.startswith(f"{self._prefix}/"):
                # The prefix has only characters that stand for themselves, so it is as long in the raw path.
                raw = scope.get("raw_path") or path.encode()
                cut = len(self._prefix)
                scope = {**scope, "path": path[cut:], "raw_path": raw[cut:]}
        await self._app(scope, receive, send)
