"""Each kind of JSON value is turned into Python and back, and refuses what it is not."""

import asyncio
import datetime
from typing import Any
from uuid import UUID

import httpx2
import pytest
from carecycle_client import errors as e
from carecycle_client import models as m
from carecycle_client._exchange import call, call_async
from carecycle_client._objects import Model, Object
from carecycle_client._operation import Operation, Request, encoded, filled
from carecycle_client._pacing import Pacer
from carecycle_client._scalars import Boolean, DateTime, Number, String, Uuid
from carecycle_client._schema import Anything, Choice, Constant, Kind, ListOf, OneOf, SchemaError
from carecycle_client.types import UNSET
from pyrate_limiter import Limiter, Rate

from conformance.selftest.client.calls import responding

ID = "36ca8d1d-3d3d-48cf-bd1f-a796d8849d75"
NOON = datetime.datetime(2026, 1, 2, 12, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("kind", "sent", "held"),
    [
        (Anything(), {"a": [1]}, {"a": [1]}),
        (String(pattern="^a", min_length=1, max_length=3), "abc", "abc"),
        (Boolean(), False, False),
        (Number(minimum=0, below=2), 1.5, 1.5),
        (Number(whole=True), 3, 3),
        (Constant(None), None, None),
        (Choice(m.CampaignStatus), "failed", m.CampaignStatus.FAILED),
        (Choice(m.CampaignStatus, open=True), "paused", "paused"),
        (Uuid(), ID, UUID(ID)),
        (DateTime(datetime.date), "2026-01-02", NOON.date()),
        (DateTime(datetime.datetime), "2026-01-02T12:00:00+00:00", NOON),
        (ListOf(String()), ["a"], ["a"]),
        (Object(m.ErrorBody), {"message": "m", "code": "c"}, m.ErrorBody(message="m", code="c")),
        (OneOf((Boolean(), String())), "yes", "yes"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_kind_goes_both_ways(kind: Kind, sent: Any, held: Any) -> None:  # noqa: ANN401 - JSON and Python values
    """What is decoded is the Python value, and encodes to what came."""
    assert held == kind.decode(sent)
    assert sent == kind.encode(held)


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        (String(max_length=2), "abc", "expected a string of at most 2 characters, got 'abc'"),
        (String(pattern="^b"), "abc", "expected a string that matches ^b, got 'abc'"),
        (Boolean(), "a" * 1000, f"expected a boolean, got '{'a' * 80}'..."),
        (String(), {}, "expected a string, got a dict"),
        (Number(), True, "expected a number, got True"),
        (Number(), float("nan"), "expected a finite number, got nan"),
        (Number(maximum=1), 10**400, "expected a number of at most 1, got a huge number"),
        (Number(above=0), 0, "expected a number above 0 and below inf, got 0"),
        (Number(whole=True), 0.5, "expected a whole number, got 0.5"),
        (Constant(1), True, "expected 1, got True"),
        (Choice(m.TerminalCampaignStatus), "pending", "expected one of completed, failed, got 'pending'"),
        (Choice(m.TerminalCampaignStatus, open=True), 1, "expected one of completed, failed, got 1"),
        (DateTime(datetime.date), "soon", "expected a date in the form of RFC 3339, got 'soon'"),
        (DateTime(datetime.date), 5, "expected a string, got 5"),
        (ListOf(Boolean()), [True, 0], "1: expected a boolean, got 0"),
        (ListOf(Boolean()), None, "expected a list, got None"),
        (Object(m.ErrorBody), [], "expected an object, got a list"),
        (OneOf((Boolean(), String())), 1, "expected one of 2 kinds of values, got 1"),
    ],
)
def test_kind_refuses_what_it_is_not(kind: Kind, value: object, problem: str) -> None:
    """The problem names what was expected and, in bounds, what came."""
    with pytest.raises(SchemaError) as refused:
        kind.decode(value)
    assert problem == str(refused.value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (DateTime(datetime.date), "2026-01-02"),
        (Object(m.ErrorBody), {}),
        (OneOf((Boolean(),)), 1),
        (Uuid(), 1),
    ],
)
def test_kind_refuses_to_write_what_it_is_not(kind: Kind, value: object) -> None:
    """What goes out is checked like what comes in."""
    with pytest.raises(ValueError, match=r"^expected"):
        kind.encode(value)


def test_model_without_fields_is_none() -> None:
    """The base of the models cannot be used by itself."""
    with pytest.raises(TypeError, match="abstract class Model"):
        Model()  # type: ignore[abstract]  # what a type checker refuses, too
    with pytest.raises(TypeError, match="abstract class Model"):
        Model.from_dict({})


def test_published_form_has_all_statuses() -> None:
    """The form that the vendor publishes is a model, too, and takes every status."""
    body = {"customerId": ID, "campaignId": ID, "status": "pending"}
    assert body == m.CampaignStatusForm.from_dict(body).to_dict()
    assert ("pending", "failed") == (str(m.CampaignStatus.PENDING), str(m.TerminalCampaignStatus.FAILED))


def test_parameters_are_checked_and_written_as_text() -> None:
    """A parameter is text as JSON has it; one that is unset is left out."""
    values: dict[str, tuple[Kind, Any]] = {
        "deep": (Boolean(), True),
        "name": (String(), "a/b"),
        "limit": (String(), UNSET),
    }
    assert {"deep": "true", "name": "a/b"} == encoded(values)
    assert "/v2/a%2Fb" == filled("/v2/{name}", {"name": "a/b"})
    with pytest.raises(ValueError, match=r"^deep: expected a boolean"):
        encoded({"deep": (Boolean(), "yes")})


POST: Operation[None, None] = Operation(
    method="POST", path="/v2/calls", idempotent=False, responses={204: None}
)
OPTIONS: dict[str, None] = {"timeout": None, "max_retries": None, "headers": None}


@pytest.mark.parametrize(
    ("first", "attempts"),
    [
        (httpx2.ConnectError("refused"), 2),
        (httpx2.Response(429, headers={"Retry-After": "0"}), 2),
        (httpx2.ReadError("reset"), 1),
        (httpx2.Response(503), 1),
    ],
)
def test_operation_that_is_not_idempotent_is_sent_once(
    first: httpx2.Response | Exception, attempts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is sent again only if the server has certainly not acted on it."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    client = responding(first, httpx2.Response(204))
    try:
        call(client, POST, Request("/v2/calls"), **OPTIONS)
        sent = 2
    except e.APIError as error:
        sent = error.attempts
    assert attempts == sent


def test_operation_without_a_body_sends_none() -> None:
    """No body means no media type either, and the same in an event loop."""
    client = responding(httpx2.Response(204))
    assert asyncio.run(call_async(client, POST, Request("/v2/calls"), **OPTIONS)) is None


def test_pacing_with_an_asynchronous_bucket_is_for_event_loops() -> None:
    """A synchronous call cannot wait for a bucket that is asynchronous, and says so."""

    class Asynchronous(Limiter):
        async def _later(self) -> bool:
            return True

        def try_acquire(self, *_arguments: Any, **_options: Any) -> Any:  # noqa: ANN401 - as the limiter has it
            self.pending = self._later()
            return self.pending

    limiter = Asynchronous(Rate(1, 1000))
    with pytest.raises(TypeError, match="it can only pace `asyncio` functions"):
        Pacer.of(limiter).take(1)
    limiter.pending.close()
