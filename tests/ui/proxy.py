"""A small reverse proxy in front of the page, which takes the path prefix off or leaves it on."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@contextmanager
def proxied(inner: str, prefix: str, *, strip: bool, client: str = "192.0.2.7") -> Iterator[str]:
    """Forward what comes below the prefix to `inner`, as from `client`; gives the address with the prefix."""
    there = urlsplit(inner)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            if self.path.partition("?")[0] != prefix and not self.path.startswith(f"{prefix}/"):
                self.send_error(404, "not below the prefix")
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {
                k: v for k, v in self.headers.items() if k.lower() not in ("connection", "content-length")
            }
            headers |= {"X-Forwarded-For": client, "X-Forwarded-Proto": "http"}
            path = (self.path[len(prefix) :] or "/") if strip else self.path
            upstream = http.client.HTTPConnection(there.hostname or "", there.port, timeout=60)
            try:
                upstream.request(self.command, path, body or None, headers)
                reply = upstream.getresponse()
                self.send_response(reply.status)
                for name, value in reply.getheaders():
                    if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                        self.send_header(name, value)
                # Handed on as it comes, to the end of the connection: server-sent events must not wait.
                self.send_header("Connection", "close")
                self.end_headers()
                while piece := reply.read1(65536):
                    self.wfile.write(piece)
                    self.wfile.flush()
            except OSError:
                pass
            finally:
                upstream.close()
                self.close_connection = True

        do_GET = do_POST = do_HEAD = forward  # noqa: N815

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{prefix}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
