"""The command line of Schemathesis, with the best configuration that it allows and with its own checks only.

Schemathesis gets what the suite has: both keys, the enrollments, a mock with a rate limit, and the wrong ids
and statuses of the suite. It also gets the facts that our contract keeps in extensions, as JSON Schema. In a
negative case it breaks every field for which it has wrong values. So for each field there is a run in which
only that field has wrong values.
"""

import contextlib
import copy
import functools
import io
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from schemathesis.cli import schemathesis

from conformance.contract import document
from conformance.contract.document import JSON, Contract
from conformance.mock.server import DEFAULT_ENROLLMENTS, Settings, serve
from conformance.requests import strategies
from conformance.requests.statuses import non_terminal_statuses, statuses, terminal_statuses
from conformance.runner.configuration import LIMIT

ALL_PHASES = "examples,coverage,fuzzing,stateful"
OFTEN = 10
"""How many times a dictionary has an id of the first enrollment, so that many requests have both ids."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The configuration of a run."""

    examples: int
    """How many cases Schemathesis generates, beside those that it derives from the contract."""
    phases: str = ALL_PHASES
    wrong: str | None = None
    """The field that also has wrong values."""
    restricted: bool = False
    limited: bool = False
    accepted: tuple[str, ...] = ("200", "404")
    """The status codes of a valid request. Many generated ids name no enrollment, so 404 is one of them."""
    rejected: tuple[str, ...] = ("400", "401", "405", "422")
    """The status codes of an invalid request. By default, a 404 or a 5xx would pass."""
    stops: bool = True
    """Whether the first failure ends the run."""


SETUPS = (
    Setup(examples=170),
    Setup(examples=140, phases="fuzzing", wrong="customerId"),
    Setup(examples=140, phases="fuzzing", wrong="campaignId"),
    Setup(examples=140, phases="fuzzing", wrong="status"),
    Setup(examples=20, restricted=True, accepted=("403",), rejected=("401", "403", "405")),
    Setup(
        examples=20,
        limited=True,
        accepted=("200", "404", "429"),
        rejected=("400", "401", "405", "422", "429"),
    ),
)
"""The configurations. Together their runs send more requests than a run of the suite."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The first failure of a check of Schemathesis."""

    check: str
    title: str
    found_at: int
    """The number of the request, counted over all runs."""

    @property
    def kind(self) -> tuple[str, str]:
        """What this failure has in common with the same failure on another server."""
        return self.check, self.title


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of all runs against one server."""

    failures: tuple[Failure, ...]
    requests: int
    """The number of requests in the log of the mock."""


def run_all(fault: str | None, seed: str, *, stops: bool) -> Outcome:
    """Run Schemathesis in this process with each configuration, against mocks with a fault.

    Raises:
        RuntimeError: Schemathesis ended with another exit status than 0 or 1.

    """
    failures: list[Failure] = []
    requests = 0
    for setup in SETUPS:
        settings = Settings(rate=LIMIT if setup.limited else None, faults=(fault,) if fault else ())
        with serve(settings) as mock, tempfile.TemporaryDirectory() as directory:
            key = settings.restricted_key if setup.restricted else settings.key
            events = Path(directory) / "events.ndjson"
            report = ["--report=ndjson", f"--report-ndjson-path={events}"]
            words = command(replace(setup, stops=stops), Path(directory), mock.url, key, seed)
            _run([*words, *report])
            failures += read_failures(events, requests)
            requests += len(mock.log)
        if failures and stops:
            break
    return Outcome(tuple({failure.kind: failure for failure in reversed(failures)}.values()), requests)


def _run(words: list[str]) -> None:
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            schemathesis(words)
        except SystemExit as done:
            if done.code in {0, 1}:
                return
    raise RuntimeError(output.getvalue())


@functools.cache
def _contract() -> Contract:
    return document.load()


def command(setup: Setup, directory: Path, url: str, key: str, seed: str) -> list[str]:
    """The words of the command after `st`. The files of the run are in the directory."""
    contract = _contract()
    spec, configuration = directory / "contract.json", directory / "schemathesis.toml"
    spec.write_text(json.dumps(without_extensions(contract)), encoding="utf-8")
    configuration.write_text(configure(setup, contract), encoding="utf-8")
    return [
        f"--config-file={configuration}",
        "run",
        str(spec),
        f"--url={url}",
        f"--header=x-api-key: {key}",
        f"--seed={seed}",
        f"--phases={setup.phases}",
        f"--mode={'negative' if setup.wrong else 'all'}",
        *(["--max-failures=1"] if setup.stops else ["--continue-on-failure"]),
    ]


def without_extensions(contract: Contract) -> dict[str, Any]:
    """The contract for a tool that reads plain OpenAPI.

    The code of each error is a constant, each enrollment of the mock is an example, and an update may follow
    an update. The body is one flat object, because dictionaries do not apply to fields behind an `allOf`.
    """
    spec = copy.deepcopy(dict(contract.raw))
    schemas, responses = spec["components"]["schemas"], spec["components"]["responses"]
    for response in responses.values():
        if "x-error-code" in response:
            media = response["content"][JSON]
            code = {"properties": {"code": {"const": response["x-error-code"]}}}
            media["schema"] = {"allOf": [media["schema"], code]}
    updated = schemas["CampaignStatusUpdated"]["properties"]
    updated["success"]["const"] = True
    updated["previousStatus"]["enum"] = list(statuses(contract))
    updated["newStatus"]["enum"] = list(terminal_statuses(contract))
    body = schemas["CampaignStatusUpdate"] = schemas["CampaignStatusForm"]
    body["properties"]["status"] = schemas["TerminalCampaignStatus"]
    (operation,) = (
        value for path in spec["paths"].values() for value in path.values() if "requestBody" in value
    )
    operation["requestBody"]["content"][JSON]["examples"] = {
        f"{status}-{number}": {"value": dict(zip(body["required"], (*pair, status), strict=True))}
        for number, pair in enumerate(DEFAULT_ENROLLMENTS)
        for status in terminal_statuses(contract)
    }
    same = {name: f"$request.body#/{name}" for name in body["required"]}
    responses["Updated"]["links"] = {
        f"then-{status}": {
            "operationId": operation["operationId"],
            "requestBody": {**same, "status": status},
        }
        for status in terminal_statuses(contract)
    }
    return spec


def configure(setup: Setup, contract: Contract) -> str:
    """The text of the `schemathesis.toml` of a run."""
    first = DEFAULT_ENROLLMENTS[0]
    ids = [kind.make(first[0]) for kind in strategies.REJECTED]
    words: dict[str, list[Any]] = {
        "customerId": [first[0]] * OFTEN + [customer for customer, _ in DEFAULT_ENROLLMENTS],
        "campaignId": [first[1]] * OFTEN + [campaign for _, campaign in DEFAULT_ENROLLMENTS],
        "status": list(terminal_statuses(contract)),
    }
    if setup.wrong == "status":
        words["status"] += [*non_terminal_statuses(contract), *strategies.UNKNOWN_STATUSES.values()]
    elif setup.wrong is not None:
        words[setup.wrong] += ids
    texts = {name: [word for word in values if isinstance(word, str)] for name, values in words.items()}
    # A JSON array of strings is valid TOML too.
    dictionaries = "\n".join(f"{name}.values = {json.dumps(values)}" for name, values in texts.items())
    bound = "\n".join(f'"body.{name}" = {{ dictionary = "{name}", probability = 0.5 }}' for name in texts)
    return f"""
[cache]
enabled = false
[generation]
database = "none"
no-shrink = true
max-examples = {setup.examples}
[phases.stateful.generation]
max-examples = {setup.examples // 6}
[dictionaries]
{dictionaries}
[parameters]
{bound}
[checks]
positive_data_acceptance.expected-statuses = {json.dumps(setup.accepted)}
negative_data_rejection.expected-statuses = {json.dumps(setup.rejected)}
missing_required_header.expected-statuses = ["401"]
"""


def read_failures(path: Path, before: int) -> list[Failure]:
    """The failures of a run in their order, from its events. `before` is the number of earlier requests."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        sent = recorder.get("interactions", {})
        for case in sorted(sent, key=lambda case: str(sent[case]["timestamp"])):
            before += 1
            found += [
                Failure(check["name"], check["failure_info"]["failure"]["title"], before)
                for check in recorder.get("checks", {}).get(case, [])
                if check["status"] == "failure"
            ]
    return found
