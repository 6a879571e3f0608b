"""The mock as an ASGI application: reads a request whole, answers it, and keeps a record of it."""

import json
import re
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response as StarletteResponse
from starlette.types import Receive, Scope, Send

from .behaviour import Behaviour, Call, Response

MAX_BODY = 1024 * 1024
# What is sent beyond this is not read any more: the connection ends with the answer.
MAX_DRAINED = 64 * MAX_BODY
# HTTP lets a client name the server once more in front of the path.
ORIGIN = re.compile("https?://[^/]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A request that was answered."""

    method: str
    path: str
    body: bytes
    status: int


@dataclass(frozen=True)
class App:
    """Answers HTTP requests as the behaviour has it."""

    behaviour: Behaviour
    log: list[LoggedRequest] = field(default_factory=list)
    keeps_log: bool = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            call, drained = await _read(Request(scope, receive))
        except ClientDisconnect:
            return
        response = self.response(call)
        if self.keeps_log:
            self.log.append(LoggedRequest(call.method, call.path, call.body, response.status))
        headers = response.headers if drained else {**response.headers, "connection": "close"}
        sent = StarletteResponse(_encode(response), response.status, headers, response.media_type)
        spelled = {name.lower().encode(): name.encode() for name in headers}  # Starlette sends lower case
        sent.raw_headers = [(spelled.get(name, name), value) for name, value in sent.raw_headers]
        await sent(scope, receive, send)

    def refuse_broken(self) -> bytes:
        """The body of the documented 400, for what is not HTTP."""
        status, body = self.behaviour.api.error(None, 400)
        return _encode(Response(status, body))

    def response(self, call: Call) -> Response:
        """The answer of the behaviour, or that it has failed."""
        try:
            return self.behaviour.response(call)
        except Exception:  # noqa: BLE001 - a fault that goes wrong is a server that fails, not one that hangs
            return self.behaviour.reject(call, 500)


async def _read(request: Request) -> tuple[Call, bool]:
    """The request, and whether all of it was read."""
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
        # Starlette's own path is decoded: an encoded slash or line end would make it another one.
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


def _encode(response: Response) -> bytes:
    if isinstance(response.body, bytes):
        return response.body
    return b"" if response.body is None else json.dumps(response.body, allow_nan=False).encode()
