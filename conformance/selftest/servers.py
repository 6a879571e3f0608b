"""Servers that misbehave as no fault of the mock does: in how they talk, not in what they say."""

import contextlib
import http.client
import itertools
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from conformance.contract.document import JSON

Reply = tuple[int, str, bytes]
"""Status, media type and content."""
Respond = Callable[["Handler"], Reply | None]
"""What is answered to a request; None breaks the connection."""


class Handler(BaseHTTPRequestHandler):
    """Reads a request whole, and answers as its server has it."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer
    disable_nagle_algorithm = True
    respond: Respond
    content = b""
    more: dict[str, str]
    """Headers of the response beside those of its body."""

    def _answer(self) -> None:
        self.content = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.more = {}  # a connection carries several requests
        reply = type(self).respond(self)
        if reply is None:
            self.close_connection = True
            # Closed without lingering, a connection is reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        status, media_type, content = reply
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(content)))
        for name, value in self.more.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _answer  # noqa: N815 - http.server calls them so

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def listen(respond: Respond) -> Iterator[str]:
    """The address of a server that answers so."""
    handler = type("Responding", (Handler,), {"respond": staticmethod(respond)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def refuse_connections() -> Iterator[str]:
    """An address where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can have the port
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@contextlib.contextmanager
def hang() -> Iterator[str]:
    """An address where connections are taken and nothing is said."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def always(status: int, body: Any = None, media_type: str = JSON) -> Respond:  # noqa: ANN401 - a JSON value, or bytes
    """The same answer to everything."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: (status, media_type, content)


def forward(request: Handler, url: str) -> Reply:
    """The answer of another server to a request."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    with contextlib.closing(connection):
        headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
        connection.request(request.command, request.path, request.content, headers)
        response = connection.getresponse()
        request.more = {name: value for name, value in response.headers.items() if name == "allow"}
        return response.status, response.headers.get("content-type", ""), response.read()


def every(period: int, instead: Respond, url: str) -> Respond:
    """The answers of another server, but each time after `period` requests something else."""
    count = itertools.count(1)
    return lambda request: instead(request) if next(count) % period == 0 else forward(request, url)
