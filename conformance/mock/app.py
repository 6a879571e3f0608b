"""The mock as an ASGI application: it reads a whole request, responds to it, and logs it."""

import json
import re
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response as StarletteResponse
from starlette.types import Receive, Scope, Send

from .behaviour import Behaviour, Call, Response
from .page import Page, cors_headers, preflight

MAX_BODY = 1024 * 1024
"""How many bytes of a body the mock keeps."""
MAX_DRAINED = 64 * MAX_BODY
"""How many bytes of a body the mock reads. If more are sent, the connection ends with the response."""
ORIGIN = re.compile("https?://[^/]*", re.IGNORECASE)
"""The scheme and host that HTTP allows in front of the path of a request."""


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A request that got a response."""

    method: str
    path: str
    body: bytes
    status: int


@dataclass(frozen=True)
class App:
    """Responds to HTTP requests as the behaviour decides."""

    behaviour: Behaviour
    log: list[LoggedRequest] = field(default_factory=list)
    keeps_log: bool = True
    page: Page | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        try:
            call, drained = await _read(Request(scope, receive))
        except ClientDisconnect:
            return
        shown = preflight(call) or (self.page.response(call) if self.page is not None else None)
        if shown is not None:
            await shown(scope, receive, send)
            return
        response = self.response(call)
        if self.page is not None:
            self.page.note(call, response)
        if self.keeps_log:
            self.log.append(LoggedRequest(call.method, call.path, call.body, response.status))
        headers = {**response.headers, **cors_headers(call), **({} if drained else {"connection": "close"})}
        sent = StarletteResponse(encode(response), response.status, headers, response.media_type)
        spelled = {name.lower().encode(): name.encode() for name in headers}  # Starlette sends lower case
        sent.raw_headers = [(spelled.get(name, name), value) for name, value in sent.raw_headers]
        await sent(scope, receive, send)

    def reject_broken(self) -> bytes:
        """The body of the documented 400, for bytes that are not HTTP."""
        status, body = self.behaviour.api.error(None, 400)
        return encode(Response(status, body))

    def response(self, call: Call) -> Response:
        """The response of the behaviour, or a 500 if the behaviour fails."""
        try:
            return self.behaviour.response(call)
        except Exception:  # noqa: BLE001 - a fault that raises is a server that fails, not one that hangs
            return self.behaviour.reject(call, 500)


async def _read(request: Request) -> tuple[Call, bool]:
    """The request, and whether its whole body was read."""
    body = bytearray()
    size = 0
    drained = True
    async for chunk in request.stream():
        size += len(chunk)
        body += chunk[: MAX_BODY - len(body)]
        if size > MAX_DRAINED:
            drained = False
            break
    call = Call(
        method=request.method,
        # Starlette decodes its own path. A decoded slash or line end would make it another path.
        path=_path(request.scope["raw_path"].decode("ascii")),
        query=request.scope["query_string"].decode("latin-1"),
        headers=request.headers,
        body=bytes(body),
        too_large=size > MAX_BODY,
    )
    return call, drained


def _path(target: str) -> str:
    origin = ORIGIN.match(target)
    return target if origin is None else target[origin.end() :] or "/"


def encode(response: Response) -> bytes:
    """The bytes of the body of a response."""
    if isinstance(response.body, bytes):
        return response.body
    return b"" if response.body is None else json.dumps(response.body, allow_nan=False).encode()
