"""One run of the suite against one target: send a case, judge its response, record the findings."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import schemathesis
from schemathesis import Case
from schemathesis.schemas import APIOperation

from ..contract.document import Contract
from ..judging import Finding
from ..judging.attribution import Attribution
from ..judging.history import History
from ..judging.judged import Judged
from ..judging.response_facts import is_inconclusive
from ..judging.state_model import StateModel
from ..requests import new_ids
from ..requests.access import Enrollment
from ..requests.cases import Cases
from ..requests.classify import Classifier
from ..requests.request import has_body
from ..requests.request_class import UPDATE, Defect
from ..transport.exchange import Response
from ..transport.gate import Gate, RunStopped
from ..transport.target import Target
from .monitor import Monitor, without_response
from .recorder import Recorder

FINAL = "a status is final here"
LATER_UPDATES = ("STATE-02", "STATE-03")
"""The rules that take a second update of an enrollment."""
ONE_UPDATE = ("STATE-05", "STATE-06", "ID-08")
"""The rules that one update of a further enrollment decides."""

Schema = schemathesis.BaseSchema
AnyCase = Case[Any]


@dataclass(frozen=True, slots=True)
class SentAtTheLimit:
    """A request to the address where the target shows its rate limit."""

    at: float
    """When it was sent, in seconds of the performance counter."""
    case: AnyCase
    response: Response | None


class Session:
    """What the tests of a run share."""

    def __init__(self, schema: Schema, gate: Gate, recorder: Recorder, seed: str = "") -> None:
        self.schema = schema
        self.gate = gate
        self.recorder = recorder
        self.seed = seed
        self.at_the_limit: list[SentAtTheLimit] = []
        """The requests to the address where the target shows its rate limit, in this window."""
        self._classifier = Classifier(gate.contract, gate.target.access)
        self.monitor = Monitor(
            gate,
            recorder,
            lambda: self.cases("compare"),
            lambda exchange: self._classifier.classify(exchange.request),
        )
        self._operations: dict[str, APIOperation[Any, Any, Any, Any]] = {}
        self.state_model = StateModel()
        self._history = History()
        self._attribution: Attribution | None = None

    @property
    def contract(self) -> Contract:
        """The contract."""
        return self.gate.contract

    @property
    def target(self) -> Target:
        """The server that is tested."""
        return self.gate.target

    def operation(self, id_: str = UPDATE) -> APIOperation[Any, Any, Any, Any]:
        """The operation of an `operationId`, as Schemathesis has it."""
        if id_ not in self._operations:  # Schemathesis makes it anew each time
            operation = self.contract.operations[id_]
            self._operations[id_] = self.schema[operation.path][operation.method]
        return self._operations[id_]

    def cases(self, token: str) -> Cases:
        """What makes cases of the update operation, with ids of their own for a token."""
        access = self.target.access
        return Cases(
            self.operation(), self.contract, access, f"{self.seed} {token}", self._choose_enrollments
        )

    def send(self, case: AnyCase, *, base_url: str | None = None, exploring: bool = False) -> Response | None:
        """Send a case, judge the response, and record what it passed and violated.

        Args:
            case: what to send.
            base_url: another address of the target, in tests of its rate limit.
            exploring: raise no violation of a rule that was violated before this test began.

        Returns:
            The response, or None if the target did not respond.

        Raises:
            RuleViolation: the response violated a MUST, or any rule if the run is strict.
            RunStopped: nothing more may be sent.

        """
        judged = self._exchange(case, base_url)
        if judged.response is not None and UPDATE in self.contract.operations:
            with suppress(RunStopped):  # the response itself is judged in any case
                self._record(self._attribute(judged), judged)
        self.recorder.raise_violation(exploring=exploring)
        return judged.response

    def decide(self, rule: str, expected: str = "", received: str = "") -> None:
        """Record that a test passed a rule which takes several exchanges, or violated it.

        Raises:
            RuleViolation: the rule is violated, and it is a MUST or the run is strict.

        """
        finding = Finding(rule, expected)
        self.recorder.record([finding], number=self.gate.sent, received=received)
        self.recorder.raise_violation()

    def settle(self, *, is_end: bool) -> None:
        """Rules that this target has no occasion to violate are not applicable, unless they were decided."""
        if is_end:
            self.monitor.compare()
        if self.gate.stopped:
            self.recorder.record_stop(self.gate.stopped)
        decided = self.recorder.decided
        if "HTTP-01" in decided and "HTTP-06" not in decided:
            self.recorder.exclude(["HTTP-06"], "no request got a 405")
        if not self.state_model.is_final:
            return
        lacking = [rule for rule in ONE_UPDATE if rule not in decided]
        more = f"; give {len(lacking)} more --enrollment" if lacking else ""
        self.recorder.exclude(LATER_UPDATES, FINAL)
        self.recorder.exclude(lacking, FINAL + more)

    def _choose_enrollments(self, again: bool) -> tuple[Enrollment, ...]:  # noqa: FBT001 - `Cases` names it
        """The enrollments to name: each is good for one update if a terminal status is final."""
        model, enrollments = self.state_model, self.target.enrollments
        if not model.is_final:
            return enrollments
        if again:
            return tuple(each for each in enrollments if each.pair == model.last_pair)
        return tuple(each for each in enrollments if not model.was_updated(each.pair))

    def with_key(self, case: AnyCase) -> AnyCase:
        """The case, with the target's key in place of a generated one."""
        case.headers[self.contract.key_header] = self.target.key
        return case

    def with_new_ids(self, case: AnyCase) -> AnyCase:
        """The case, with a new id in place of each generated UUID."""
        if not isinstance(case.body, bytes) and has_body(case):
            case.body = _with_new_ids(case.body)
        case.path_parameters = _with_new_ids(case.path_parameters)
        case.query = _with_new_ids(case.query)
        return case

    def _exchange(self, case: AnyCase, base_url: str | None = None) -> Judged:
        """Send a case, and record what its response decides by itself."""
        sent_at = time.perf_counter()
        exchange = self.gate.send(case, base_url)
        request, response = self._classifier.classify(exchange.request), exchange.response
        if base_url is not None:
            self.at_the_limit.append(SentAtTheLimit(sent_at, case, response))
        findings = None if response is None else self.monitor.judge(case, request, response)
        self.recorder.record_outcome(request, None if findings is None else response)
        doubt = None
        if findings is None:
            reason = self.gate.stopped or exchange.no_response or "a response may not come from the API"
            exchange, findings = without_response(exchange, reason), []
            self.recorder.record_inconclusive(reason)
        if base_url is None:
            of_state, doubt = self.state_model.observe(request, exchange)
            findings = [*findings, *of_state]
        before = self._history.observe(request, exchange)
        judged = Judged(request, exchange, tuple(findings), doubt, before)
        self._record(findings, judged)
        self._record_reason(judged)
        return judged

    def _attribute(self, judged: Judged) -> list[Finding]:
        if self._attribution is None:
            self._attribution = Attribution(
                self.cases("attribution"),
                self._exchange,
                violated=lambda: self.recorder.violated,
                may_name=lambda: self.gate.may_name,
                state=self.state_model,
            )
        return self._attribution.attribute(judged)

    def _record(self, findings: Sequence[Finding], judged: Judged) -> None:
        """Record findings, unless they hold the first violation of a rule, and the target has changed."""
        number = self.gate.sent
        new = {each.rule for each in findings if each.is_violation} - self.recorder.violated
        response = judged.response
        is_forced = judged.request.preferred is not None or response is None or is_inconclusive(response)
        if new and not is_forced and not self.monitor.tells_requests_apart():
            self.recorder.record_inconclusive(self.gate.stopped)
            return
        self.recorder.record(findings, judged.exchange, number=number, before=judged.needed)

    def _record_reason(self, judged: Judged) -> None:
        """Record why a response decides nothing about the rules of the test."""
        if judged.response is None:
            return
        status = judged.response.status
        if self.state_model.rejects_later(judged.request):
            return
        if status in {401, 403, 429}:
            self.recorder.record_inconclusive(f"the target returned {status}")
        elif judged.request.first_defect is Defect.NONE and 400 <= status < 500:
            self.recorder.record_inconclusive(
                f"the target returned {status} to an update: is its status final? Then give an "
                "--enrollment that was not updated yet"
            )


def _with_new_ids(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    if isinstance(value, str):
        return new_ids.new_id(value) if new_ids.possible_record_ids(value) else value
    if isinstance(value, list):
        return [_with_new_ids(each) for each in value]
    return {name: _with_new_ids(each) for name, each in value.items()} if isinstance(value, dict) else value
