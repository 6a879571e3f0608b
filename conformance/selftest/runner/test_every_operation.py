"""Every operation of the contract gets requests in every run, and a wrong response of each is found."""

import json
import re
from pathlib import Path

import pytest
import yaml

from conformance.contract.document import JSON
from conformance.mock.server import Settings, serve
from conformance.selftest.grown_contract import FIELD, NEW, with_everything, with_operations
from conformance.selftest.runs import KEYS, Outcome, run
from conformance.selftest.scripted_server import Received, Reply, forward, listen

pytestmark = pytest.mark.slow

UPDATE = "updateCustomerCampaignStatus"
OPERATIONS = {*NEW, UPDATE}


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our contract with three more operations."""
    path = tmp_path_factory.mktemp("grown") / "contract.yaml"
    path.write_text(yaml.safe_dump(with_operations(), sort_keys=False), encoding="utf-8")
    return path


def requests(outcome: Outcome) -> dict[str, int]:
    """How many requests each operation of the contract got, by the report."""
    counted = {each["id"]: each["requests"] for each in outcome.report["observed"]["operations"]}
    return {id_: counted[id_] for id_ in OPERATIONS}


@pytest.mark.parametrize(
    "options", [(), ("--profile", "quick"), ("--rule", "STATUS-02"), ("-n", "2", "--profile", "quick")]
)
def test_runs_count_the_requests_of_each_operation(
    contract: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """A run of each kind tests every operation, and its report says how often."""
    found = run(tmp_path, "--contract", str(contract), "--seed=1", *options)
    assert found.status == 0, found.text
    assert min(requests(found).values()) > 0


def test_small_runs_test_each_operation(contract: Path, tmp_path: Path) -> None:
    """A budget of a few requests is spent on every operation."""
    found = run(tmp_path, "--contract", str(contract), "--seed=1", "--max-requests=8")
    assert min(requests(found).values()) > 0


def test_runs_that_miss_an_operation_are_inconclusive(contract: Path, tmp_path: Path) -> None:
    """A run does not conform if an operation got no request, though the selected rule passed."""
    found = run(tmp_path, "--contract", str(contract), "--seed=1", "--rule=HTTP-05", "--max-requests=1")
    assert requests(found)["planCall"] == 0
    assert {"HTTP-05"} >= found.rules("fail")
    assert found.status == 6
    assert "no request was sent to getCustomer, planCall" in found.flat


@pytest.mark.parametrize("options", [(), ("--allow-writes",)], ids=["without", "with"])
def test_runs_create_nothing_elsewhere_unless_that_is_allowed(
    contract: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """A POST of another operation is sent to a server that is not on this machine only with the option."""
    with serve(Settings(rate=None, contract_path=contract)) as mock:
        posts: list[str] = []

        def respond(request: Received) -> Reply:
            request.path = request.path.removeprefix("http://api.internal")  # a proxy gets the whole URL
            posts.extend([request.path] if (request.method, request.path) == ("POST", "/v2/calls") else [])
            return forward(request, mock.url)

        with listen(respond) as url:
            elsewhere = {**KEYS, "http_proxy": url, "no_proxy": ""}
            words = ["--contract", str(contract), "--target", "http://api.internal", "--plain-http"]
            found = run(tmp_path, *words, "--rate=off", "--profile=quick", *options, environment=elsewhere)
    assert bool(options) is bool(posts)
    assert bool(options) is ("give --allow-writes" not in found.flat)
    assert (0 if options else 6) == found.status, found.text


WRONG: dict[str, tuple[str, Reply]] = {
    "getCustomer": (r"GET /v2/customers/(?!campaign)[^/]+", (200, JSON, b'{"id": 5, "name": "Ada"}')),
    "planCall": (r"POST /v2/calls", (201, JSON, b'{"id": "36ca8d1d-3d3d-48cf-bd1f-a796d8849d75"}')),
    "cancelCall": (r"DELETE /v2/calls/[^/]+", (202, JSON, b"{}")),
}
"""A wrong response for each of the new operations, with the requests that get it."""


@pytest.mark.parametrize("operation", WRONG)
@pytest.mark.parametrize("options", [("--profile", "quick"), ("--max-requests", "300")])
def test_wrong_responses_of_each_operation_are_found(
    contract: Path, tmp_path: Path, operation: str, options: tuple[str, ...]
) -> None:
    """A server that is wrong about one of the new operations does not pass a small run."""
    request_line, wrong = WRONG[operation]
    with serve(Settings(contract_path=contract, rate=None)) as mock:

        def respond(handler: Received) -> Reply:
            path = handler.path.partition("?")[0]
            is_wrong = re.fullmatch(request_line, f"{handler.method} {path}")
            return wrong if is_wrong else forward(handler, mock.url)

        with listen(respond) as url:
            found = run(tmp_path, "--contract", str(contract), "--target", url, "--strict", *options)
    assert found.status == 1, found.text
    assert requests(found)[operation] > 0
    assert {"AUTH-01", "AUTH-02"} <= found.rules("fail")
    assert found.rules("fail") & {"RESPONSE-01", "HTTP-05"}


@pytest.mark.parametrize("is_wrong", [False, True], ids=["right", "wrong"])
def test_runs_keep_up_with_a_status_a_field_and_a_response(tmp_path: Path, *, is_wrong: bool) -> None:
    """With a tenth status, a field and a response more, the mock conforms, and a wrong field is found."""
    contract = tmp_path / "contract.yaml"
    contract.write_text(yaml.safe_dump(with_everything(), sort_keys=False), encoding="utf-8")
    with serve(Settings(contract_path=contract, rate=None)) as mock:

        def respond(request: Received) -> Reply:
            status, media_type, content = forward(request, mock.url)
            if is_wrong and status == 200 and b"previousStatus" in content:
                content = json.dumps({**json.loads(content), FIELD: 7}).encode()
            return status, media_type, content

        with listen(respond) as url:
            pairs = [
                word for pair in mock.settings.enrollments[:2] for word in ("--enrollment", ":".join(pair))
            ]
            words = ["--contract", str(contract), "--target", url, "--profile", "quick", "--strict", *pairs]
            found = run(tmp_path, *words)
    assert (int(is_wrong), {"RESPONSE-01"} if is_wrong else set()) == (found.status, found.rules("fail"))
