"""Sends single requests with http.client, each on a new connection. `connect` is for what is not HTTP."""

import contextlib
import http.client
import json
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from conformance.contract import document
from conformance.contract.document import JSON
from conformance.mock.server import Mock
from conformance.selftest.waiting import LONGEST

CONTRACT = document.load()
UPDATE = CONTRACT.operations["updateCustomerCampaignStatus"]


@dataclass(frozen=True)
class HTTPReply:
    """A response that was received."""

    status: int
    header_lines: tuple[tuple[str, str], ...]
    """The names and values of the headers as they were sent."""
    content: bytes

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers by their names in lower case."""
        return {name.lower(): value for name, value in self.header_lines}

    @property
    def body(self) -> Any:  # noqa: ANN401 - a JSON value
        """The JSON value of the content."""
        return json.loads(self.content)


def exchange(
    url: str,
    method: str,
    path: str,
    headers: Mapping[str, str],
    content: bytes | Iterable[bytes] | None = None,
) -> HTTPReply:
    """Send a request to a server. Content that is an iterable is sent in chunks."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=LONGEST)
    with contextlib.closing(connection):
        chunked = content is not None and not isinstance(content, bytes)
        connection.request(method, path, content, dict(headers), encode_chunked=chunked)
        return _received(connection.getresponse())


def exchange_exactly(
    url: str, method: str, target: str, headers: Iterable[tuple[str, bytes]], content: bytes | None = None
) -> HTTPReply:
    """Send a request with exactly these headers, and with `host` and `content-length`."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=LONGEST)
    with contextlib.closing(connection):
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if content is not None:
            connection.putheader("content-length", str(len(content)))
        connection.endheaders(content)
        return _received(connection.getresponse())


def connect(url: str) -> socket.socket:
    """A connection to a server, on which nothing was sent."""
    place = urlsplit(url)
    return socket.create_connection((place.hostname, place.port), timeout=LONGEST)


def receive(connection: socket.socket) -> HTTPReply:
    """The one response on a connection."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return _received(response)


def _received(response: http.client.HTTPResponse) -> HTTPReply:
    """A response, read to its end."""
    return HTTPReply(response.status, tuple(response.getheaders()), response.read())


def send(
    mock: Mock,
    body: object = None,
    *,
    method: str = UPDATE.method,
    path: str = UPDATE.path,
    headers: Mapping[str, str | None] | None = None,
) -> HTTPReply:
    """Send a request to a mock, with its key. A header that is None is left out."""
    content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    sent = {CONTRACT.key_header: mock.settings.key, "content-type": JSON, **(headers or {})}
    return exchange(
        mock.url, method, path, {name: value for name, value in sent.items() if value is not None}, content
    )


def update(mock: Mock, status: str = "completed", enrollment: int = 0) -> dict[str, Any]:
    """A body that updates one of the enrollments of the mock."""
    customer_id, campaign_id = mock.settings.enrollments[enrollment]
    return {"customerId": customer_id, "campaignId": campaign_id, "status": status}
