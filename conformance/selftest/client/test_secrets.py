"""The API key is in nothing that the client shows, on any path: a canary is looked for everywhere."""

import asyncio
import json
import logging
import pickle
import socket
import traceback
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import httpx2
import pytest
from carecycle_client import AuthenticatedClient
from carecycle_client import errors as e
from carecycle_client._call import BODY_LIMIT
from carecycle_client._secret import LOGGERS, Secret
from carecycle_client.api.customers import update_customer_campaign_status as endpoint

from conformance.selftest.client.calls import KEY, OPERATION, SUCCESS, UPDATE, Call, both, reaching
from conformance.selftest.scripted_server import Script, ScriptedServer, refuse_connections, response
from conformance.selftest.waiting import LONGEST, wait_until

ECHO = json.dumps({"message": f"The key {KEY} is unknown", "code": KEY}).encode()


def reset(connection: socket.socket) -> None:
    """Break the connection in the middle of a response."""
    connection.sendall(response(200, b"x" * 100)[:-50])
    connection.shutdown(socket.SHUT_RDWR)


def stall(connection: socket.socket) -> None:
    """Wait until the client leaves."""
    connection.recv(1)


def as_json(status: int, body: object) -> bytes:
    """A response with a JSON body."""
    return response(status, json.dumps(body).encode())


PATHS: dict[str, bytes | Script] = {
    **{str(status): as_json(status, found.example) for status, found in OPERATION.responses.items()},
    **{
        f"{status} with the key": response(status, ECHO, f"X-Request-Id: {KEY}") for status in (401, 418, 429)
    },
    "200 with the key": as_json(200, {**SUCCESS, "previousStatus": KEY}),
    "200 that is none": response(200, ECHO),
    "not JSON": response(200, KEY.encode()),
    "not HTTP": KEY.encode(),
    "broken status": f"HTTP/1.1 {KEY}\r\n\r\n".encode(),
    "broken header": f"HTTP/1.1 401 No\r\nbad header {KEY}\r\n\r\n".encode(),
    "broken chunk": f"HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n{KEY}\r\n".encode(),
    "reason": f"HTTP/1.1 401 {KEY}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode(),
    "header name": response(401, b"{}", f"X-{KEY}: 1"),
    "bad encoding": response(200, b"junk", "Content-Encoding: gzip"),
    "too long": response(200, b" " * (BODY_LIMIT + 1)),
    "redirect": response(307, b"", f"Location: https://other.invalid/{KEY}"),
    "nothing": b"",
    "reset": reset,
    "stall": stall,
}


@pytest.fixture
def emitted() -> Iterator[Callable[[], str]]:
    """All that any logger emits, at the lowest level."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream.getvalue
    root.setLevel(before)
    root.removeHandler(handler)


def shown(value: object) -> str:
    """All that can be seen of an object without asking it for its secrets."""
    return f"{value!r} {value!s} {vars(value) if hasattr(value, '__dict__') else ''}"


def shown_error(error: BaseException) -> str:
    """All that an error report would have: the chain, each with its frames and their locals."""
    lines = [*traceback.TracebackException.from_exception(error, capture_locals=True).format(), shown(error)]
    seen: BaseException | None = error
    while seen is not None:
        lines.append(shown(seen))
        if isinstance(seen, httpx2.RequestError):
            lines += [str(seen.request.headers.raw), shown(seen.request)]
        seen = seen.__cause__ or seen.__context__
    return "\n".join([*lines, repr(pickle.dumps(error))])


@both
@pytest.mark.parametrize("path", PATHS)
def test_key_is_shown_on_no_path(call: Call, path: str, emitted: Callable[[], str]) -> None:
    """Results, errors, their causes, frames and pickles, and logs: the key is in none, even if sent back."""
    timeout = httpx2.Timeout(LONGEST, read=0.3 if path == "stall" else LONGEST)
    settings: dict[str, Any] = {"max_retry_wait": 0.01, "follow_redirects": True}
    with ScriptedServer(PATHS[path]) as server, reaching(server, **settings) as client:
        try:
            result: Any = call(client=client, body=UPDATE, timeout=timeout, max_retries=1)
            evidence = [shown(result)]
        except e.APIError as error:
            evidence = [shown_error(error)]
        assert KEY.encode() in server.requests[0]
        evidence.append(emitted())
        evidence += map(shown, [client, vars(client)["_pool"], client.get_httpx_client()])
        assert KEY not in "\n".join(evidence)


def test_key_is_in_no_header_dump() -> None:
    """The headers that a client would show do not hold the key, nor do those of a response or a request."""
    with ScriptedServer(response(401, ECHO, f"X-Key: {KEY}")) as server, reaching(server) as client:
        found = endpoint.sync_detailed(client=client, body=UPDATE)
        dumps = [found, found.headers.raw, found.content, client.headers, client.get_httpx_client().headers]
    assert KEY not in " ".join(map(repr, dumps))


@both
def test_key_is_not_shown_when_there_is_no_server(call: Call) -> None:
    """An error of the connection shows its cause, and not the frames that held the key."""
    with refuse_connections() as url, pytest.raises(e.APIConnectionError) as raised:
        call(client=AuthenticatedClient(url, KEY), body=UPDATE, max_retries=0)
    assert "ConnectError" in shown_error(raised.value)
    assert KEY not in shown_error(raised.value)


@both
def test_key_is_not_shown_when_another_header_is_wrong(call: Call) -> None:
    """The frames that refused a header held all of them, and none of these frames is kept."""
    with ScriptedServer(b"") as server, reaching(server) as client:
        client.headers["X-Wrong"] = "a\nb"  # past the checks
        with pytest.raises(e.APIConnectionError) as raised:
            call(client=client, body=UPDATE)
    assert "LocalProtocolError" in shown_error(raised.value)
    assert KEY not in shown_error(raised.value)


@pytest.mark.parametrize("key", ["cc_line\n", " cc_lead", "cc_é", "cc_\x00", "cc_\r\nX-Injected: 1"])
def test_key_that_no_header_can_carry_is_refused_unseen(key: str) -> None:
    """The HTTP library would put a bad header into its error; so it never gets one."""
    with pytest.raises(ValueError, match="has a character that a header cannot carry") as raised:
        AuthenticatedClient(token=key)
    assert key not in str(raised.value)


def test_password_in_the_url_is_refused_unseen() -> None:
    """Logs and errors would show the credentials of a base URL; so there are none."""
    with pytest.raises(ValueError, match="has a user name or a password") as raised:
        AuthenticatedClient("http://user:secret-word@127.0.0.1", KEY)
    assert "secret-word" not in str(raised.value)


def test_every_logger_of_the_http_library_is_masked() -> None:
    """No logger of the HTTP library is left without the filter, whatever it logs."""
    AuthenticatedClient(token=KEY, verify_ssl=False).get_httpx_client()
    found = {name for name in logging.root.manager.loggerDict if name.startswith(("httpx2", "httpcore2."))}
    assert found <= set(LOGGERS)
    assert all(logging.getLogger(name).filters for name in LOGGERS)


def test_client_cannot_be_pickled() -> None:
    """A client holds a key and connections, and neither travels."""
    for value in (AuthenticatedClient(token=KEY), Secret(KEY)):
        with pytest.raises(TypeError, match="copied or pickled"):
            pickle.dumps(value)


def test_cancelled_call_leaves_no_key_behind() -> None:
    """A call that is cancelled takes the key off its request as well."""

    async def work(client: AuthenticatedClient) -> str:
        task = asyncio.create_task(endpoint.asyncio(client=client, body=UPDATE))
        await asyncio.to_thread(wait_until, lambda: server.requests)
        task.cancel()
        (found,) = await asyncio.gather(task, return_exceptions=True)
        await client.aclose()
        assert isinstance(found, asyncio.CancelledError)
        return shown(found)

    with ScriptedServer(stall) as server, reaching(server) as client:
        assert KEY not in asyncio.run(work(client))
