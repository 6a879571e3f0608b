"""What the client sends: only what the contract allows, with the settings of the client and of the call."""

import asyncio
import copy
import inspect
import pickle
import ssl
import sys
from typing import Any
from uuid import UUID

import httpx2
import pytest
from carecycle_client import AuthenticatedClient, Client
from carecycle_client import errors as e
from carecycle_client import models as m
from carecycle_client._pool import Pool
from carecycle_client.api.customers import update_customer_campaign_status as endpoint
from carecycle_client.types import UNSET
from hypothesis import given

from conformance.contract.document import load
from conformance.selftest.client.calls import KEY, SUCCESS, UPDATE, responding
from conformance.selftest.json_values import JSON_VALUES, close

CONTRACT = load()
ID = "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f"


def sent(client: Client, **options: Any) -> httpx2.Request:  # noqa: ANN401 - those of a call
    """The request that a call of `client` sends, as it goes to the transport, key and all."""
    requests: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        requests.append(
            httpx2.Request(request.method, request.url, headers=request.headers, content=request.read())
        )
        requests[-1].extensions = dict(request.extensions)
        return httpx2.Response(200, json=SUCCESS)

    with httpx2.Client(transport=httpx2.MockTransport(handle)) as own:
        client.set_httpx_client(own)
        endpoint.sync(client=client, body=UPDATE, **options)  # type: ignore[arg-type]  # a `Client` sends no key
    return requests[0]


def test_request_is_what_the_contract_describes() -> None:
    """Method, URL, key header, media type, user agent and body are as documented."""
    request = sent(AuthenticatedClient(token=KEY))
    assert (
        "PATCH",
        "https://api.carecycle.ai/v2/customers/campaign-status",
    ) == (request.method, str(request.url))
    assert (KEY, "application/json") == (request.headers["x-api-key"], request.headers["content-type"])
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"carecycle-client/{CONTRACT.version} python/{version}" == request.headers["user-agent"]
    assert CONTRACT.validator(CONTRACT.schema("CampaignStatusUpdate")).is_valid(UPDATE.to_dict())
    assert request.content.decode() == (
        f'{{"customerId":"{UPDATE.customer_id}","campaignId":"{UPDATE.campaign_id}","status":"completed"}}'
    )


@pytest.mark.parametrize(
    "id_",
    [
        ID,
        ID.upper(),
        UUID(ID),
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ],
)
def test_id_that_the_contract_allows_is_accepted(id_: str | UUID) -> None:
    """A UUID is accepted, and so is its text, which is sent as it is."""
    body = m.CampaignStatusUpdate(customer_id=id_, campaign_id=ID, status=m.TerminalCampaignStatus.FAILED)
    assert {"customerId": str(id_), "campaignId": ID, "status": "failed"} == body.to_dict()


@pytest.mark.parametrize(
    ("id_", "why"),
    [
        (f"{{{ID}}}", "8-4-4-4-12"),
        (f"urn:uuid:{ID}", "8-4-4-4-12"),
        (ID.replace("-", ""), "8-4-4-4-12"),
        (f"{ID}\n", "8-4-4-4-12"),
        (f" {ID}", "8-4-4-4-12"),
        ("", "8-4-4-4-12"),
        (7, "8-4-4-4-12"),
        (None, "8-4-4-4-12"),
        ("5f0c954e-3a7b-0d5c-9e0f-6b1d2c3a4e5f", "a UUID of version 0"),
        ("5f0c954e-3a7b-9d5c-9e0f-6b1d2c3a4e5f", "a UUID of version 9"),
        (UUID("5f0c954e-3a7b-ad5c-9e0f-6b1d2c3a4e5f"), "a UUID of version 10"),
        ("5f0c954e-3a7b-4d5c-7e0f-6b1d2c3a4e5f", "NCS"),
        ("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "is allowed by the contract in lower case only"),
        (
            "ffffffff-ffff-ffff-ffff-fffffffffff0",
            r"a UUID \(reserved for future.*\) that the contract does not",
        ),
    ],
)
@pytest.mark.parametrize("field", ["customer_id", "campaign_id"])
def test_id_that_the_contract_refuses_is_refused(field: str, id_: Any, why: str) -> None:  # noqa: ANN401 - also wrong types
    """An id that the server would refuse is refused before anything is sent, with the reason."""
    ids = {"customer_id": ID, "campaign_id": ID, field: id_}
    with pytest.raises(ValueError, match=f"{field[:8]}Id: .*{why}"):
        m.CampaignStatusUpdate(**ids, status=m.TerminalCampaignStatus.COMPLETED)


@pytest.mark.parametrize("status", ["pending", m.CampaignStatus.PENDING, "COMPLETED", "", None, 1, []])
def test_refused_status_is_refused_at_run_time(status: Any) -> None:  # noqa: ANN401 - also wrong types
    """Who has no type checker gets a `ValueError`."""
    with pytest.raises(ValueError, match="status: expected one of completed, failed"):
        m.CampaignStatusUpdate(customer_id=ID, campaign_id=ID, status=status)


def test_body_is_checked_again_when_it_is_sent() -> None:
    """What was changed after it was made does not get past the checks."""
    body = m.CampaignStatusUpdate(customer_id=ID, campaign_id=ID, status=m.TerminalCampaignStatus.FAILED)
    body.customer_id = "nonsense"
    with pytest.raises(ValueError, match="customerId"):
        endpoint.sync(client=responding(httpx2.ReadError("sent in spite of the error")), body=body)
    with pytest.raises(ValueError, match="expected a CampaignStatusUpdate"):
        endpoint.sync(client=responding(), body={"status": "failed"})  # type: ignore[arg-type]  # the mistake


@given(body=close(CONTRACT, CONTRACT.schema("CampaignStatusForm")) | JSON_VALUES)
def test_body_is_accepted_as_the_contract_has_it(body: Any) -> None:  # noqa: ANN401 - a JSON value
    """A body can be made of a JSON object if, and only if, a validator lets it through."""
    try:
        made = m.CampaignStatusUpdate.from_dict(body)
    except ValueError:
        assert not CONTRACT.validator(CONTRACT.schema("CampaignStatusUpdate")).is_valid(body)
    else:
        assert CONTRACT.validator(CONTRACT.schema("CampaignStatusUpdate")).is_valid(body)
        assert CONTRACT.validator(CONTRACT.schema("CampaignStatusUpdate")).is_valid(made.to_dict())


def test_key_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a token the key is that of the environment; without either there is no client."""
    monkeypatch.setenv("CARECYCLE_API_KEY", "cc_environment")
    assert "cc_environment" == sent(AuthenticatedClient()).headers["x-api-key"]
    assert KEY == sent(AuthenticatedClient(token=KEY)).headers["x-api-key"]
    assert "x-api-key" not in sent(Client()).headers
    monkeypatch.delenv("CARECYCLE_API_KEY")
    with pytest.raises(ValueError, match="no API key: give `token`, or set CARECYCLE_API_KEY"):
        AuthenticatedClient()


def test_constructor_keeps_the_names_of_the_generator() -> None:
    """Each setting has the name that the generator gives it, and a default."""
    parameters = inspect.signature(AuthenticatedClient).parameters
    names = "base_url token headers cookies timeout verify_ssl follow_redirects httpx_args"
    more = "raise_on_unexpected_status max_retries max_retry_wait retry_statuses rate_limit"
    assert [*names.split(), *more.split()] == list(parameters)
    assert all(parameter.default is not parameter.empty for parameter in parameters.values())


def limits_of(client: AuthenticatedClient, **options: Any) -> dict[str, float | None]:  # noqa: ANN401 - those of a call
    """The time limits of each step that a call sends along."""
    limits: list[dict[str, float | None]] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        limits.append(request.extensions["timeout"])
        return httpx2.Response(200, json=SUCCESS)

    vars(client)["_pool"] = Pool(verify=False, arguments={"transport": httpx2.MockTransport(handle)})
    endpoint.sync(client=client, body=UPDATE, **options)
    return limits[0]


def test_default_time_limits_are_finite() -> None:
    """5 s to connect and 30 s for the other phases, unless the call has less left."""
    assert {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": 30.0} == limits_of(
        AuthenticatedClient(token=KEY)
    )
    limits = limits_of(AuthenticatedClient(token=KEY), timeout=3)
    assert all(limit is not None and 2 < limit <= 3 for limit in limits.values())
    limits = limits_of(AuthenticatedClient(token=KEY, timeout=httpx2.Timeout(None, read=9)))
    assert {"connect": None, "read": 9, "write": None, "pool": None} == limits


def test_time_limits_of_an_own_client_are_kept() -> None:
    """A client that was handed in keeps its time limits, unless ours or those of the call are given."""
    theirs = {"connect": 400, "read": 400, "write": 400, "pool": 400}
    limits: list[Any] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        limits.append(request.extensions["timeout"])
        return httpx2.Response(200, json=SUCCESS)

    async def work(client: AuthenticatedClient) -> None:
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(handle), timeout=400) as own:
            await endpoint.asyncio(client=client.set_async_httpx_client(own), body=UPDATE)

    with httpx2.Client(transport=httpx2.MockTransport(handle), timeout=400) as own:
        client = AuthenticatedClient(token=KEY).set_httpx_client(own)
        endpoint.sync(client=client, body=UPDATE)
        endpoint.sync(client=client.with_timeout(70), body=UPDATE)
        endpoint.sync(client=client, body=UPDATE, timeout=httpx2.Timeout(8))
        asyncio.run(work(client))
    assert [theirs, theirs] == [limits[0], limits[3]]
    assert (pytest.approx(70, abs=20), 8) == (limits[1]["read"], limits[2]["read"])
    ours = limits_of(AuthenticatedClient(token=KEY, httpx_args={"timeout": 400}))
    assert 5 == ours["connect"]
    assert pytest.approx(400, abs=20) == ours["read"]
    assert theirs == limits_of(AuthenticatedClient(token=KEY, httpx_args={"timeout": httpx2.Timeout(400)}))


def test_time_that_is_up_sends_nothing() -> None:
    """A call without time left fails at once."""
    with pytest.raises(e.APITimeoutError, match="the time is up"):
        endpoint.sync(client=responding(httpx2.ReadError("sent")), body=UPDATE, timeout=0)


def test_options_of_a_call_do_not_change_the_client() -> None:
    """Headers and time limits of a call go on top of the client's, for this call only."""
    client = AuthenticatedClient(token=KEY, headers={"X-A": "client", "X-B": "client"}, timeout=80)
    request = sent(client, headers={"X-B": "call"}, timeout=30)
    assert ("client", "call") == (request.headers["x-a"], request.headers["x-b"])
    assert pytest.approx(30, abs=20) == request.extensions["timeout"]["read"]
    request = sent(client)
    assert (
        "client",
        pytest.approx(80, abs=20),
    ) == (request.headers["x-b"], request.extensions["timeout"]["read"])


@pytest.mark.parametrize("verify", [True, ssl.create_default_context()])
def test_certificates_are_checked_as_told(verify: bool | ssl.SSLContext) -> None:  # noqa: FBT001 - the setting
    """`verify_ssl` goes to the connections."""
    assert isinstance(AuthenticatedClient(token=KEY, verify_ssl=verify).get_httpx_client(), httpx2.Client)


@pytest.mark.parametrize("url", ["api.carecycle.ai", "ftp://api.carecycle.ai", "https://", "/v2"])
def test_nonsense_for_a_base_url_is_refused(url: str) -> None:
    """A client that can reach nothing is not made."""
    with pytest.raises(ValueError, match="base_url is not the URL of a server"):
        AuthenticatedClient(url, KEY)


def test_unset_is_one_and_false() -> None:
    """`UNSET` stays itself through copies and pickles."""
    assert (False, "UNSET") == (bool(UNSET), repr(UNSET))
    assert copy.deepcopy(UNSET) is UNSET
    assert pickle.loads(pickle.dumps(UNSET)) is UNSET  # noqa: S301 - our own
