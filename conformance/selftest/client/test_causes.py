"""An exception of the caller's own code comes through as it is; one of the network does not."""

import json
import traceback
from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest import mock

import httpx2
import pytest
from carecycle_client import AuthenticatedClient
from carecycle_client import errors as e
from carecycle_client.api.customers import update_customer_campaign_status as endpoint
from carecycle_client.testing import responds

from conformance.selftest.client.calls import (
    KEY,
    SUCCESS,
    UPDATE,
    Call,
    both,
    call_in_a_loop,
    reaching,
    responding,
)
from conformance.selftest.scripted_server import ScriptedServer, response

BUGS = [
    ValueError("a bug"),
    OSError("a bug"),
    TimeoutError("a bug"),
    ConnectionResetError("a bug"),
    OverflowError("a bug"),
    UnicodeError("a bug"),
    RuntimeError("a bug"),
    KeyError("a bug"),
    ExceptionGroup("both", [ValueError("a bug")]),
]


class Bug(BaseException):
    """A bug that is no `Exception`."""


def raise_it(error: Exception) -> None:
    """Raise an error from a frame that a traceback shows."""
    raise error


class Broken(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """A transport that raises: when it is called, or when the body is read."""

    def __init__(self, error: Exception, *, in_body: bool) -> None:
        self.error, self.in_body, self.calls = error, in_body, 0

    def handle_request(self, _request: httpx2.Request) -> httpx2.Response:
        """The response, or the error."""
        self.calls += 1
        if not self.in_body:
            raise_it(self.error)
        return httpx2.Response(200, stream=BrokenBody(self.error))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The same in an event loop."""
        return self.handle_request(request)


class BrokenBody(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body that breaks after its first part."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __iter__(self) -> Iterator[bytes]:  # noqa: D105 - the parts
        yield b" "
        raise_it(self.error)

    async def __aiter__(self) -> AsyncIterator[bytes]:  # noqa: D105 - the parts
        yield b" "
        raise_it(self.error)


def check_comes_through(call: Call, client: AuthenticatedClient, bug: Exception) -> None:
    """The call raises the very exception, with the frame that raised it, and without the key."""
    with pytest.raises(type(bug)) as raised:
        call(client=client, body=UPDATE)
    assert bug is raised.value
    shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    assert "in raise_it" in "".join(shown.format())
    assert KEY not in "".join(shown.format())


@both
@pytest.mark.parametrize("in_body", [False, True], ids=["call", "body"])
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: type(bug).__name__)
def test_mistake_of_a_transport_comes_through(call: Call, bug: Exception, in_body: Any) -> None:  # noqa: ANN401 - a parameter
    """A bug of a fake or of a transport is neither renamed nor tried again."""
    transport = Broken(bug, in_body=in_body)
    check_comes_through(call, AuthenticatedClient(token=KEY, httpx_args={"transport": transport}), bug)
    assert 1 == transport.calls


@pytest.mark.parametrize("event", ["request", "response"])
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: type(bug).__name__)
def test_mistake_of_a_hook_comes_through(bug: Exception, event: str) -> None:
    """A bug of a hook is neither renamed nor tried again, over a real connection."""
    hooks = {event: [lambda _: raise_it(bug)]}
    with (
        ScriptedServer(response(404, b"{}")) as server,
        reaching(server, httpx_args={"event_hooks": hooks}) as client,
    ):
        check_comes_through(endpoint.sync, client, bug)
        assert len(server.requests) == int(event == "response")


def test_mistake_of_an_asynchronous_hook_comes_through() -> None:
    """In an event loop a bug of a hook comes through as well."""

    async def hook(_request: httpx2.Request) -> None:
        raise_it(bug)

    bug = ValueError("a bug")
    with ScriptedServer(response(404, b"{}")) as server:
        client = reaching(server, httpx_args={"event_hooks": {"request": [hook]}})
        check_comes_through(call_in_a_loop, client, bug)


@both
@pytest.mark.parametrize("event", ["request", "response"])
@pytest.mark.parametrize("bug", [httpx2.ConnectError("other"), httpx2.ReadTimeout("other"), Bug("a bug")])
def test_error_of_httpx2_from_a_hook_comes_through(call: Call, bug: BaseException, event: str) -> None:
    """A hook that reports a failure of its own, as httpx2 does, is not taken for the call."""

    async def hook_in_a_loop(_: object) -> None:
        raise bug

    def hook(_: object) -> None:
        raise bug

    hooks = {event: [hook if call is endpoint.sync else hook_in_a_loop]}
    arguments = {"transport": httpx2.MockTransport(lambda _: httpx2.Response(404)), "event_hooks": hooks}
    with pytest.raises(type(bug)) as raised:
        call(client=AuthenticatedClient(token=KEY, httpx_args=arguments), body=UPDATE)
    assert bug is raised.value
    assert "hook" in "".join(traceback.format_tb(raised.value.__traceback__))


@pytest.mark.parametrize("event", ["request", "response"])
def test_error_of_a_hook_about_its_request_comes_through(event: str) -> None:
    """A hook that raises an error of httpx2 about the request of the call made it, and not the network."""

    def hook(found: httpx2.Request | httpx2.Response) -> None:
        request = found if isinstance(found, httpx2.Request) else found.request
        raise httpx2.ConnectError("a bug", request=request)

    arguments = {
        "transport": httpx2.MockTransport(lambda _: httpx2.Response(404)),
        "event_hooks": {event: [hook]},
    }
    with pytest.raises(httpx2.ConnectError, match="a bug"):
        endpoint.sync(client=AuthenticatedClient(token=KEY, httpx_args=arguments), body=UPDATE)


def test_body_that_breaks_off_in_a_hook_is_a_failure() -> None:
    """A hook that reads the response sees the network fail, which is a failed attempt."""
    hooks = {"response": [lambda found: found.read()]}
    broken = response(200, b"x" * 100)[:-50]
    with ScriptedServer(broken, response(200, json.dumps(SUCCESS).encode())) as server:
        client = reaching(server, httpx_args={"event_hooks": hooks})
        assert endpoint.sync(client=client, body=UPDATE).success
        assert 2 == len(server.requests)
        client.close()


def test_exception_that_a_fake_is_given_comes_through() -> None:
    """What a test gives `responds` to raise is the test's, unless it is an error of httpx2."""
    bug = ValueError("a bug")
    client = AuthenticatedClient(token=KEY, httpx_args={"transport": responds(bug)})
    with pytest.raises(ValueError, match="a bug") as raised:
        endpoint.sync(client=client, body=UPDATE)
    assert bug is raised.value


def test_request_of_a_hook_that_fails_comes_through() -> None:
    """A hook that sends a request of its own gets the failure of that one."""

    def hook(_: object) -> None:
        with httpx2.Client(transport=Broken(httpx2.ConnectError("elsewhere"), in_body=False)) as other:
            other.get("http://127.0.0.1:9/elsewhere")

    with ScriptedServer(response(404, b"{}")) as server:
        client = reaching(server, httpx_args={"event_hooks": {"request": [hook]}})
        with pytest.raises(httpx2.ConnectError, match="elsewhere"):
            endpoint.sync(client=client, body=UPDATE)
        assert 0 == len(server.requests)


def test_status_error_of_a_hook_comes_through() -> None:
    """What `raise_for_status` raises in a hook is the caller's wish."""
    hooks = {"response": [lambda found: found.raise_for_status()]}
    raised = pytest.raises(httpx2.HTTPStatusError)
    with ScriptedServer(response(404, b"{}")) as server, raised:
        endpoint.sync(client=reaching(server, httpx_args={"event_hooks": hooks}), body=UPDATE)


def test_mistake_of_a_mock_comes_through() -> None:
    """A bug that a mock of the standard library raises is the caller's, too."""
    bug = ValueError("a bug")
    client = responding(httpx2.Response(200, json=SUCCESS))
    with (
        mock.patch.object(client.get_httpx_client(), "send", side_effect=bug),
        pytest.raises(ValueError, match="a bug"),
    ):
        endpoint.sync(client=client, body=UPDATE)


@both
def test_error_of_httpx2_from_a_fake_is_a_failure(call: Call) -> None:
    """A fake that raises what httpx2 raises stands for a failure of the network."""
    with pytest.raises(e.APIConnectionError, match="ConnectError: refused"):
        call(client=responding(httpx2.ConnectError("refused")), body=UPDATE, max_retries=0)


@both
@pytest.mark.parametrize("url", ["http://127.0.0.1:99999", f"http://{'a' * 64}.invalid"])
def test_slip_of_the_network_layer_is_a_failure(call: Call, url: str) -> None:
    """What the HTTP library lets through of names and ports is a failed connection."""
    client = AuthenticatedClient(token=KEY, verify_ssl=False)
    client.base_url = url  # past the checks
    with pytest.raises(e.APIConnectionError, match=r"OverflowError|UnicodeError|ExceptionGroup|ConnectError"):
        call(client=client, body=UPDATE, max_retries=0)
