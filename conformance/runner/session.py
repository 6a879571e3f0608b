"""One run of the suite against one target: ask, judge, write down."""

import shlex
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis import Case
from schemathesis.schemas import APIOperation

from ..contract.document import JSON, Contract
from ..judging import Known, judge
from ..judging.accepted import blame, is_plain
from ..judging.registry import accepts, is_inconclusive, is_not_found, named_fields
from ..judging.state_model import StateModel
from ..reporting.ledger import Counterexample, Ledger
from ..reporting.messages import show_request, show_response
from ..reporting.report import explain
from ..requests import new_ids
from ..requests.cases import FULL, Cases
from ..requests.classify import (
    CHARSET,
    FIELDS,
    UPDATE,
    Classifier,
    Defect,
    Key,
    RequestClass,
    is_ordinary,
    special,
)
from ..requests.request import has_body, write_request
from ..requests.strategies import terminal_statuses
from ..transport.curl import curl
from ..transport.exchange import Exchange, Response, describe
from ..transport.gate import Gate, RunStopped
from ..transport.target import KEY_VARIABLE, Target

ALIKE = 20
"""How many answers may be alike before the target is asked what every server tells apart."""
COMPARED = (FULL, None)
"""The keys of valid requests that every server tells apart."""
REFUSALS = 8
"""How often a target may refuse the key before it counts as one that does not know it."""
Schema = schemathesis.BaseSchema
AnyCase = Case[Any]


class RuleViolation(AssertionError):  # noqa: N818 - the rule is broken, not the suite
    """An answer broke a rule; the message says which, what was expected, what came and how to replay it."""


@dataclass
class Run:
    """What the tests of a run share."""

    contract: Contract
    schema: Schema
    target: Target
    gate: Gate
    ledger: Ledger
    strict: bool = False
    seed: str = ""
    options: tuple[str, ...] = ()
    """The options that replay the run."""
    test: str = ""
    """The test that is running now."""
    rules: tuple[str, ...] = ()
    """The rules that it asks about."""
    state_model: StateModel = field(init=False)
    refused_plainly: set[str] = field(default_factory=set)
    """Statuses that were refused where nothing else could be the reason."""
    broken_elsewhere: set[str] = field(default_factory=set)
    """Rules that other workers saw broken."""
    last: Exchange | None = None
    """The exchange that was judged last."""
    sent_at_the_limit: list[float] = field(default_factory=list)
    """When requests were sent to another address of the target, in seconds of the performance counter."""
    unknown_at_the_limit: AnyCase | None = None
    """The last of these requests whose ids were looked up in vain."""

    def __post_init__(self) -> None:
        """Prepare to understand requests."""
        self._broken_before: frozenset[str] = frozenset()
        self._classifier = Classifier(self.contract, self.target.access)
        self._operations: dict[str, APIOperation[Any, Any, Any, Any]] = {}
        self.state_model = StateModel(terminal_statuses(self.contract))
        self._key_was_good = False
        self._asked_plainly: set[object] = set()
        self._heard = 0
        self._refusals = 0

    def begin(self, test: str, rules: tuple[str, ...]) -> None:
        """A test begins, which asks about rules.

        What it raises depends on what was broken before it began: Hypothesis asks again, and needs the same.
        """
        self.test, self.rules = test, rules
        self._broken_before = frozenset(self.ledger.broken) | self.broken_elsewhere

    def operation(self, id_: str = UPDATE) -> APIOperation[Any, Any, Any, Any]:
        """The operation of an `operationId`, as Schemathesis has it."""
        if id_ not in self._operations:  # which it makes anew each time
            operation = self.contract.operations[id_]
            self._operations[id_] = self.schema[operation.path][operation.method]
        return self._operations[id_]

    def cases(self, token: str) -> Cases:
        """What makes cases of the update operation, with ids of their own for a token."""
        return Cases(self.operation(), self.contract, self.target.access, f"{self.seed} {token}")

    def classify(self, case: AnyCase) -> RequestClass:
        """The class of the request of a case."""
        return self._classifier.classify(write_request(case, self.target.url))

    def ask(self, case: AnyCase, *, base_url: str | None = None, exploring: bool = False) -> Response | None:
        """Send a case and judge the answer by every check.

        Args:
            case: what to send.
            base_url: another address of the target, in tests of its rate limit.
            exploring: pass over rules that were seen broken before this test began.

        Returns:
            The answer, or None where the target kept silent.

        Raises:
            Broken: the answer broke a MUST, or any rule if the run is strict.
            Stopped: nothing more may be sent.

        """
        if base_url is not None:
            self.sent_at_the_limit.append(time.perf_counter())
        exchange = self.last = self.gate.send(case, base_url)
        request_class, response = self._classifier.classify(exchange.request), exchange.response
        outcomes = {}
        if response is None:
            self.ledger.record_inconclusive(self.rules, exchange.no_response)
        else:
            self._hear(request_class, response)
            self.ledger.observed.record_outcome(request_class, response)
            key_is_good = self._key_is_good(request_class, response)
            broken = set(self.ledger.broken)
            told = self._ask_otherwise(exchange, request_class, response, key_is_good=key_is_good)
            self.last = exchange
            known = Known(
                self.contract,
                self._broken_before | (set(self.ledger.broken) - broken),
                accepted=self.state_model.accepted,
                accepted_plainly=self.state_model.accepted_plainly,
                refused_plainly=self.refused_plainly,
                valid_elsewhere="LOOKUP-02" in told,
                key_is_good=key_is_good,
            )
            outcomes = told | judge(request_class, response, known)
            if (
                blame(request_class, response, known)
                and is_plain(request_class)
                and not known.valid_elsewhere
            ):
                self.refused_plainly.add(str(request_class.status))
            if response.status in {401, 403, 429}:
                self.ledger.record_inconclusive(self.rules, f"the target answered {response.status}")
            elif request_class.first_defect is Defect.NONE and 400 <= response.status < 500:
                reason = f"the target answered {response.status} to an update: is its status final?"
                self.ledger.record_inconclusive(self.rules, reason)
        if base_url is None:
            outcomes |= self.state_model.observe(request_class, response, repeated=exchange.repeated)
        elif response is not None and is_not_found(response):
            self.unknown_at_the_limit = case
        self.write_down(outcomes, exchange, exploring=exploring)
        return response

    def _hear(self, request_class: RequestClass, response: Response) -> None:
        """Find out in time that a target answers nothing, but says the same to everything."""
        if (
            request_class.operation is None
            or request_class.preferred is not None
            or is_inconclusive(response)
        ):
            return
        self.ledger.record_response(f"{response.status} {response.code or ''}".strip())
        self._heard += 1
        if self._heard == ALIKE or self.gate.left == len(COMPARED):
            self.compare()
            if self.ledger.doubt:
                self.gate.give_up(self.ledger.doubt)
        if request_class.is_update and request_class.key is Key.FULL and not self._key_was_good:
            self._refusals += response.status in {401, 403}
            if self._refusals == REFUSALS:
                reason = (
                    f"the target answered {response.status} to {REFUSALS} requests: is {KEY_VARIABLE} right?"
                )
                self.gate.give_up(reason)

    def compare(self) -> None:
        """Where all answers were alike, ask what every server tells apart."""
        if not self._heard or not self.ledger.doubt or UPDATE not in self.contract.operations:
            return
        cases = self.cases("compare")
        self.gate.share += len(COMPARED)
        for key in COMPARED:
            try:
                response = self.gate.send(cases.update(key=key)).response
            except RunStopped:
                return
            if response is not None and not is_inconclusive(response):
                self.ledger.record_response(f"{response.status} {response.code or ''}".strip())

    def _ask_otherwise(
        self, exchange: Exchange, request_class: RequestClass, response: Response, *, key_is_good: bool
    ) -> dict[str, str]:
        """Where a valid request was refused that has something unusual about it, ask without that.

        Returns:
            The rules that are broken, for the same request without something was accepted.

        """
        cases = Cases(
            self.operation(), self.contract, self.target.access, f"{self.seed} {request_class.status}"
        )
        content = exchange.request.content
        blamed = blame(request_class, response, Known(self.contract, key_is_good=key_is_good))
        with suppress(RunStopped, RuleViolation):  # what came so far is judged all the same
            if request_class.first_defect is Defect.NONE and request_class.key is Key.FULL:
                return self._update_plainly(content, request_class, response, cases)
            if blamed and request_class.first_defect is Defect.UNKNOWN_IDS:
                if not named_fields(response) and self._ask_elsewhere(content, request_class, cases):
                    return {"LOOKUP-02": "404, for the same with other ids is valid"}
                if not is_plain(request_class):
                    self._ask_plainly(content, request_class, blamed, cases)
        return {}

    def _ask_elsewhere(self, content: bytes, request_class: RequestClass, cases: Cases) -> bool:
        """Whether a request that names somebody is valid with ids of the same kinds that nobody has."""
        known = [id_ for id_ in request_class.ids if new_ids.unknown_ids(id_) and not special(id_)]
        if not known:
            return False
        for id_ in known:
            content = content.replace(
                id_.encode(), new_ids.new_id_like(id_, self.seed, self.gate.sent).encode()
            )
        media_type = f"{JSON}; {CHARSET}" if request_class.charset else JSON
        other = self.ask(cases.update(content, media_type=media_type), exploring=True)
        return other is not None and accepts(other)

    def _ask_plainly(self, content: bytes, request_class: RequestClass, blamed: str, cases: Cases) -> None:
        """Ask for a status with nothing else unusual.

        What is refused plainly is no fault of a charset, of an unknown field or of a kind of id. Where it is
        one of them, the ids are asked about alone. Either is asked once. Of a charset and unknown fields that
        come together, it is the fields if the request is refused without the charset as well.
        """
        status = request_class.status
        if status not in self._asked_plainly:
            self._asked_plainly.add(status)
            self.ask(cases.update(cases.body(status=status)), exploring=True)
        is_odd = not all(map(is_ordinary, request_class.ids))
        if is_odd and blamed in {"BODY-02", "BODY-05"} - self._asked_plainly:
            self._asked_plainly.add(blamed)
            self.ask(cases.update({name: request_class.value[name] for name in FIELDS}), exploring=True)
        if request_class.charset and request_class.extra_fields and blamed == "BODY-05":
            self.ask(cases.update(content), exploring=True)

    def _update_plainly(
        self, content: bytes, request_class: RequestClass, response: Response, cases: Cases
    ) -> dict[str, str]:
        """Repeat an update that was refused, without its charset, and without its unknown fields."""
        if not 400 <= response.status < 500 or response.status in {401, 403, 429}:
            return {}
        if not (request_class.charset or request_class.extra_fields) or "an update" in self._asked_plainly:
            return {}
        self._asked_plainly.add("an update")
        plain = {name: request_class.value[name] for name in FIELDS}
        for rule, is_in_play, body in (
            ("BODY-05", request_class.charset, content),
            ("BODY-02", request_class.extra_fields, plain),
        ):
            again = self.ask(cases.update(body), exploring=True) if is_in_play else None
            if again is not None and 200 <= again.status < 300:
                return {rule: "200, for it is accepted without what sets it apart"}
        return {}

    def _key_is_good(self, request_class: RequestClass, response: Response) -> bool:
        """Whether a refusal of the full key is about something else: another request is let in with it.

        That is the plainest one, or else one without any fields, for which a good key gets another refusal.
        They are sent only where the key was let in before, so a bad key costs nothing more.
        """
        if request_class.key is not Key.FULL or request_class.preferred is not None:
            return False
        if response.status not in {401, 403}:
            self._key_was_good = self._key_was_good or (
                request_class.is_update and not is_inconclusive(response)
            )
            return False
        if not self._key_was_good:
            return False
        plain = self.cases(str(self.gate.sent))
        for case in (plain.update(), plain.update(b"{}")):
            try:
                control = self.gate.send(case).response
            except RunStopped:
                return False
            if control is not None and control.status not in {401, 403}:
                return not is_inconclusive(control)
        return False

    def write_down(self, outcomes: Mapping[str, str], exchange: Exchange, *, exploring: bool = False) -> None:
        """Enter the outcomes of an exchange in the ledger.

        A rule that was broken before this test began is raised again only by the tests that ask about it.

        Raises:
            Broken: one of them breaks a MUST, or any rule if the run is strict.

        """
        raised = None
        for rule_id, expected in outcomes.items():
            if rule_id not in self.contract.rules:
                continue
            if not expected:
                self.ledger.record_pass(rule_id, self.gate.sent)
                continue
            counterexample = self._counterexample(rule_id, expected, exchange)
            self.ledger.record_violation(rule_id, counterexample)
            rule = self.contract.rules[rule_id]
            told = rule_id in self._broken_before and (exploring or rule_id not in self.rules)
            if (rule.level == "MUST" or self.strict) and not told:
                raised = raised or (rule, counterexample)
        if raised is not None:
            raise RuleViolation(explain(self.contract, *raised))

    def disagree(self, rule: str, expected: str, received: str) -> None:
        """Enter in the ledger that a rule is broken which takes more than one exchange to decide.

        Raises:
            Broken: the rule is a MUST, or the run is strict.

        """
        request = "none" if self.last is None else self._curl(self.last)
        counterexample = Counterexample(
            expected,
            self.target.mask(received),
            request,
            self._replay(rule),
            self.test,
            size=0,
            at=self.gate.sent,
        )
        self.ledger.record_violation(rule, counterexample)
        if self.contract.rules[rule].level == "MUST" or self.strict:
            raise RuleViolation(explain(self.contract, self.contract.rules[rule], counterexample))

    def with_key(self, case: AnyCase) -> AnyCase:
        """The case, with the target's key in place of the one that was generated."""
        case.headers[self.contract.key_header] = self.target.key
        return case

    def freshen(self, case: AnyCase) -> AnyCase:
        """The case, with a fresh id in place of each UUID that was generated."""
        if not isinstance(case.body, bytes) and has_body(case):
            case.body = _freshen(case.body)
        case.path_parameters = _freshen(case.path_parameters)
        case.query = _freshen(case.query)
        return case

    def _replay(self, rule: str) -> str:
        """The command that runs the test again which found a rule broken."""
        rules = [rule] if rule in self.rules or not self.rules else [rule, self.rules[0]]
        asked = [word for one in rules for word in ("--rule", one)]
        return shlex.join([".venv/bin/tox", "run", "-e", "conformance", "--", *self.options, *asked])

    def _counterexample(self, rule: str, expected: str, exchange: Exchange) -> Counterexample:
        response = exchange.response
        return Counterexample(
            expected=self.target.mask(expected),
            received=exchange.no_response if response is None else describe(response, self.target),
            request=self._curl(exchange),
            replay=self._replay(rule),
            test=self.test,
            size=len(exchange.request.content),
            at=self.gate.sent,
            sent=show_request(exchange.request, self.target, self.contract.key_header),
            returned="" if response is None else show_response(response, self.target),
        )

    def _curl(self, exchange: Exchange) -> str:
        return curl(exchange.request, self.target, self.contract.key_header)


def _freshen(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    if isinstance(value, str):
        return new_ids.new_id(value) if new_ids.unknown_ids(value) else value
    if isinstance(value, list):
        return [_freshen(each) for each in value]
    return {name: _freshen(each) for name, each in value.items()} if isinstance(value, dict) else value
