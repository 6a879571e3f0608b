"""The targets of the trials: each fails in some way."""

import itertools
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from conformance.mock.server import Settings, serve
from conformance.selftest.certificates import make_certificates
from conformance.selftest.scripted_server import (
    Received,
    Reply,
    Respond,
    ScriptedServer,
    always,
    forward,
    listen,
)

PAGE = b"<!doctype html><p>maintenance"
EXPIRED = {"message": "The key has expired", "code": "UNAUTHORIZED"}
DEEP = b'{"message": "m", "code": "VALIDATION_ERROR", "errors": ' + b"[" * 3000 + b"]" * 3000 + b"}"
MANY = {"message": "m", "code": "c", "errors": [{"path": ["x"], "message": "m", "code": "c"}] * 200_000}
HUGE = b'{"message": "m", "code": "RATE_LIMIT_EXCEEDED", "retryAfter": 1' + b"0" * 400 + b"}"

Target = Callable[[], AbstractContextManager[str]]


def responding(respond: Respond) -> Target:
    """A target that responds so."""
    return lambda: listen(respond)


def redirecting(request: Received) -> Reply:
    """Redirect to a host elsewhere."""
    request.more = {"location": "https://login.example.com/"}
    return 302, "text/html", b""


def changing(instead: Respond, after: int) -> Target:
    """A correct target that responds otherwise after so many requests."""

    @contextmanager
    def target() -> Iterator[str]:
        count = itertools.count(1)
        with serve(Settings(rate=None)) as mock:

            def respond(request: Received) -> Reply | None:
                return instead(request) if next(count) > after else forward(request, mock.url)

            with listen(respond) as url:
                yield url

    return target


def once(instead: Respond) -> Target:
    """A correct target that responds otherwise to the first request."""

    @contextmanager
    def target() -> Iterator[str]:
        count = itertools.count()
        with serve(Settings(rate=None)) as mock:

            def respond(request: Received) -> Reply | None:
                return forward(request, mock.url) if next(count) else instead(request)

            with listen(respond) as url:
                yield url

    return target


def waiting(status: int, seconds: Callable[[], str], **body: object) -> Respond:
    """A response that names a wait in `Retry-After` and in its body."""

    def respond(request: Received) -> Reply | None:
        request.more = {"retry-after": seconds()}
        return always(status, {"message": "wait", "code": "RATE_LIMIT_EXCEEDED"} | body)(request)

    return respond


def in_seconds(seconds: float) -> str:
    """An HTTP date."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def sending(content: bytes) -> Target:
    """A target that sends these bytes."""

    @contextmanager
    def target() -> Iterator[str]:
        with ScriptedServer(content) as server:
            yield server.url

    return target


@contextmanager
def with_unknown_certificate() -> Iterator[str]:
    """A target whose certificate no authority has signed."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        make_certificates(directory)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(directory / "server.pem", directory / "server.key")
        with ScriptedServer(respond=no_response, tls=context) as server:
            yield server.url.replace("127.0.0.1", "localhost")


def at_path(path: str) -> Target:
    """A correct target at a wrong path."""

    @contextmanager
    def target() -> Iterator[str]:
        with serve(Settings(rate=None)) as mock:
            yield mock.url + path

    return target


def no_response(_: Received) -> Reply | None:
    """Break the connection."""
    return None
