"""A copy of a client has other options, and the connections of the first where that is possible."""

import asyncio
import traceback
from typing import Any

import httpx2
import pytest
from carecycle_client import AsyncCareCycle, AuthenticatedClient, CareCycle, Client
from carecycle_client import errors as e
from carecycle_client.api.customers import update_customer_campaign_status as endpoint
from pyrate_limiter import Limiter, Rate

from conformance.selftest.client.calls import KEY, SUCCESS, UPDATE, responding

OTHER = "cc_other-91bd02"
FIELDS: Any = {"customer_id": UPDATE.customer_id, "campaign_id": UPDATE.campaign_id, "status": "completed"}


class Recorded:
    """A transport for each kind of client, and the requests with their keys."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses) or [200]
        self.sent: list[httpx2.Request] = []
        self.transport = httpx2.MockTransport(self.handle)

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        """Record a copy, as the client takes the key away again."""
        self.sent.append(httpx2.Request(request.method, request.url, headers=request.headers))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return httpx2.Response(status, json=SUCCESS)


@pytest.mark.parametrize("kind", [CareCycle, AuthenticatedClient, AsyncCareCycle, Client])
def test_copy_keeps_its_class_and_what_it_was_not_given(kind: type[Client]) -> None:
    """Every client has `with_options`, and an option that is not given is that of the first client."""
    client = kind(
        "http://127.0.0.1:9/v1",
        KEY,
        headers={"X-One": "1"},
        cookies={"a": "1"},
        timeout=7,
        follow_redirects=True,
        raise_on_unexpected_status=True,
        max_retries=5,
        max_retry_wait=3,
        retry_statuses=[503],
        rate_limit=True,
        httpx_args={"transport": Recorded().transport},
    )
    twin = client.with_options()
    assert kind is type(twin)
    shared = [name for name in vars(client) if name not in {"_owns_pool", "headers", "cookies"}]
    assert [True] * len(shared) == [getattr(client, name) is getattr(twin, name) for name in shared]
    assert (client.headers, client.cookies) == (twin.headers, twin.cookies)
    assert client.get_httpx_client() is twin.get_httpx_client()


def test_copy_has_the_options_that_it_is_given() -> None:
    """Each option of the constructor can be given, and the first client keeps its own."""
    recorded = Recorded(307, 500, 200)
    client = CareCycle(token=KEY, httpx_args={"transport": recorded.transport}, max_retries=0)
    twin = client.with_options(
        base_url="http://127.0.0.1:9/v1/",
        token=lambda: OTHER,
        headers={"X-Two": "2"},
        cookies={"b": "2"},
        timeout=3,
        follow_redirects=True,
        raise_on_unexpected_status=True,
        max_retries=1,
        max_retry_wait=0.5,
        retry_statuses={500},
        rate_limit=Limiter(Rate(10, 1000)),
    )
    assert (3, 1, 0.5, frozenset({500})) == (
        twin.timeout, twin.max_retries, twin.max_retry_wait, twin.retry_statuses
    )  # fmt: skip
    recorded.statuses = [500, 200]
    assert twin.customers.update_campaign_status(**FIELDS).success
    recorded.statuses = [200]
    assert client.customers.update_campaign_status(**FIELDS).success
    theirs, _, ours = recorded.sent
    assert ("http", "127.0.0.1", OTHER, "2", "b=2") == (
        theirs.url.scheme, theirs.url.host, theirs.headers["x-api-key"], theirs.headers["x-two"],
        theirs.headers["cookie"],
    )  # fmt: skip
    assert ("api.carecycle.ai", KEY) == (ours.url.host, ours.headers["x-api-key"])
    assert {"x-two", "cookie"}.isdisjoint(ours.headers)


def test_copy_adds_headers_and_cookies() -> None:
    """Headers and cookies come on top of those that are there, in whatever letter case."""
    client = responding(httpx2.Response(200, json=SUCCESS), headers={"X-One": "1", "X-Two": "1"})
    twin = client.with_options(headers={"x-two": "2"}).with_options(cookies={"a": "1"})
    assert ("1", "2", {"a": "1"}) == (twin.headers["X-One"], twin.headers["x-two"], twin.cookies)
    assert "X-Two" not in twin.headers


def test_copy_with_defaults_asks_for_them_by_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """`None` means what it means for a new client: the environment's key, the contract's server."""
    monkeypatch.setenv("CARECYCLE_API_KEY", OTHER)
    recorded = Recorded()
    client = CareCycle("http://127.0.0.1:9", KEY, timeout=3, httpx_args={"transport": recorded.transport})
    twin = client.with_options(token=None, base_url=None, timeout=None)
    twin.customers.update_campaign_status(**FIELDS)
    assert (OTHER, "api.carecycle.ai") == (recorded.sent[0].headers["x-api-key"], recorded.sent[0].url.host)
    assert [None, 3] == [twin.timeout, client.timeout]


def test_copy_shares_connections_and_leaves_them_open() -> None:
    """To close a copy closes nothing, and a copy of a closed client opens connections anew."""
    client = responding(httpx2.Response(200, json=SUCCESS))
    opened = client.get_httpx_client()
    with client.with_options(token=OTHER, base_url="http://127.0.0.1:9") as twin:
        assert opened is twin.get_httpx_client()
    closed = [opened.is_closed]
    client.close()
    assert [False, True] == [*closed, opened.is_closed]
    assert endpoint.sync(client=twin, body=UPDATE).success
    client.close()


def test_copy_with_other_connections_closes_them() -> None:
    """Another `verify_ssl` or other `httpx_args` take connections of their own, which the copy closes."""
    first, second = Recorded(), Recorded()
    client = CareCycle(token=KEY, verify_ssl=False, httpx_args={"transport": first.transport})
    client.set_httpx_client(httpx2.Client(transport=first.transport))
    with client.with_options(httpx_args={"transport": second.transport, "timeout": 2}) as twin:
        twin.customers.update_campaign_status(**FIELDS)
        opened = twin.get_httpx_client()
        assert 2 == twin.timeout
    assert (0, 1, True) == (len(first.sent), len(second.sent), opened.is_closed)
    stricter = client.with_options(verify_ssl=True)
    assert client.get_httpx_client() is not stricter.get_httpx_client()
    stricter.close()
    client.customers.update_campaign_status(**FIELDS)
    assert 1 == len(first.sent)


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"base_url": "ftp://a"}, ValueError, "base_url"),
        ({"token": ""}, ValueError, "API key"),
        ({"token": 5}, TypeError, "token"),
        ({"headers": {"X-API-Key": OTHER}}, ValueError, "x-api-key"),
        ({"httpx_args": {"headers": {"X-Api-Key": OTHER}}}, ValueError, "x-api-key"),
        ({"httpx_args": {"proxies": {}}}, TypeError, "proxies"),
        ({"cookies": {"a": "b;c"}}, ValueError, "cookie a"),
        ({"timeout": -1}, ValueError, "timeout"),
        ({"verify_ssl": "/no/such.pem"}, ValueError, "verify_ssl"),
        ({"max_retries": -1}, ValueError, "max_retries"),
        ({"max_retry_wait": "1"}, TypeError, "max_retry_wait"),
        ({"retry_statuses": [200]}, ValueError, "retry_statuses"),
        ({"rate_limit": 5}, TypeError, "rate_limit"),
        ({"headers": [("X-A", "1")]}, TypeError, "headers are a mapping"),
        ({"cookies": 5}, TypeError, "cookies are a mapping"),
        ({"follow_redirects": "no"}, TypeError, "follow_redirects"),
        ({"raise_on_unexpected_status": 1}, TypeError, "raise_on_unexpected_status"),
        ({"httpx_args": {"limits": 5}}, TypeError, "httpx_args has limits"),
        ({"httpx_args": {"event_hooks": 5}}, TypeError, "httpx_args has event_hooks"),
        ({"httpx_args": {"mounts": 5}}, TypeError, "httpx_args has mounts"),
    ],
)
def test_copy_refuses_what_a_new_client_refuses(
    given: dict[str, Any], kind: type[Exception], words: str
) -> None:
    """A wrong option is named, by a new client and a copy, and no local of a frame shows a key."""
    for new in (CareCycle, AsyncCareCycle, AuthenticatedClient):
        with pytest.raises(kind, match=words) as refused:
            new(**{"token": KEY, **given})
        frames = [frame.f_locals for frame, _ in traceback.walk_tb(refused.value.__traceback__)]
        made = [found["self"] for found in frames if "self" in found]
        assert KEY not in repr([repr(made), [vars(one) for one in made if isinstance(one, Client)]])
    client = AuthenticatedClient(token=KEY)
    with pytest.raises(kind, match=words) as refused:
        client.with_options(**given)
    assert "_base.py" in "".join(traceback.format_exception(refused.value))
    frames = [frame.f_locals for frame, _ in traceback.walk_tb(refused.value.__traceback__)]
    assert OTHER not in repr(frames[2:])


def test_copy_of_an_asynchronous_client_calls_with_its_options() -> None:
    """The asynchronous facade and the functions below `api` take a copy."""
    recorded = Recorded()

    async def work() -> None:
        async with AsyncCareCycle(token=KEY, httpx_args={"transport": recorded.transport}) as carecycle:
            twin = carecycle.with_options(token=OTHER, max_retries=0)
            await twin.customers.update_campaign_status(**FIELDS)
            await endpoint.asyncio(client=twin, body=UPDATE)
            assert carecycle.get_async_httpx_client() is twin.get_async_httpx_client()

    asyncio.run(work())
    assert [OTHER, OTHER] == [one.headers["x-api-key"] for one in recorded.sent]


def test_copy_has_a_limit_of_its_own_if_given_one() -> None:
    """A copy shares the places of the rate limit, unless it gets another one."""
    client = responding(httpx2.Response(200, json=SUCCESS), rate_limit=Limiter(Rate(1, 86400_000)))
    endpoint.sync(client=client, body=UPDATE)
    with pytest.raises(e.APITimeoutError, match="rate limit had no place"):
        endpoint.sync(client=client.with_options(timeout=0.01), body=UPDATE)
    assert endpoint.sync(client=client.with_options(rate_limit=False), body=UPDATE).success


def test_asynchronous_call_without_asyncio_says_so() -> None:
    """Under trio the error names asyncio, however the client was made, and the client can be closed."""
    trio = pytest.importorskip("trio", reason="trio is an event loop that few users have")

    async def work(client: AsyncCareCycle) -> None:
        async with client as carecycle:
            with pytest.raises(RuntimeError, match="an event loop of asyncio; trio has none"):
                await carecycle.customers.update_campaign_status(**FIELDS)
            with pytest.raises(RuntimeError, match="an event loop of asyncio; trio has none"):
                await endpoint.asyncio(client=carecycle, body=UPDATE)

    transport = Recorded().transport
    trio.run(work, AsyncCareCycle(token=KEY, httpx_args={"transport": transport}))
    handed_in = httpx2.AsyncClient(transport=transport)
    trio.run(work, AsyncCareCycle(token=KEY, rate_limit=True).set_async_httpx_client(handed_in))
