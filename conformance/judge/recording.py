"""Judges the exchanges of a recording, as a run judges its own, and sums up what they decide."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import schemathesis

from ..contract.document import Contract
from ..judging import Finding, TooSlowError, judge
from ..judging.history import History
from ..judging.judged import Judged
from ..judging.response_facts import is_inconclusive, is_success, may_reject_the_key, passed_validation
from ..judging.state_model import StateModel
from ..reporting import har, ledger
from ..reporting.exit_status import ExitStatus
from ..reporting.ledger import Ledger, Result
from ..reporting.report import Summary
from ..requests.access import Enrollment
from ..requests.classify import Classifier
from ..requests.request_class import Key, RequestClass
from ..runner.recorder import Recorder
from ..transport.curl import REPORTS
from ..transport.exchange import Exchange, Response
from ..transport.target import Target
from .archive import Archive, Recorded
from .comparison import Features, explain, features, possible_violations
from .matching import KEYS_REMOVED, Matched, find_enrollments, match, overlapping

UNSEEN = "no exchange of the recording decides it"
UNEXPLAINED = "a valid request was rejected, and the recording does not show why"


class Recording:
    """The exchanges of an archive that are with the API, judged one after the other."""

    def __init__(  # noqa: PLR0913 - what a command line gives
        self,
        archive: Archive,
        contract: Contract,
        *,
        name: str,
        base_urls: Sequence[str] = (),
        enrollments: Sequence[Enrollment] = (),
        keys: Mapping[str, str] | None = None,
        honours_prefer: bool = False,
        strict: bool = False,
        reports: str = REPORTS,
        replay: Sequence[str] = (),
    ) -> None:
        about = archive.about
        self._archive, self._contract, self._name, self._strict = archive, contract, name, strict
        self.matched: Matched = match(
            archive, contract, base_urls or _strings(about, "base_urls"), keys or {}
        )
        given = [*enrollments, *_own_enrollments(about)]
        self._target = Target(
            url=next(iter(self.matched.base_urls), ""),
            key=self.matched.key,
            restricted_key=self.matched.restricted_key,
            enrollments=tuple(given or find_enrollments(self.matched.exchanges)),
            honours_prefer=honours_prefer or about.get("honours_prefer") is True,
            other_secrets=tuple(sorted(self.matched.secrets)),
        )
        self._recorder = Recorder(
            contract,
            self._target,
            Ledger(contract, contract.untested),
            strict=strict,
            reports=reports,
            command=tuple(replay),
        )
        self._traffic = har.Recorder(contract, self._target)
        self._count = 0
        self._states: dict[str, StateModel] = {}
        self._histories: dict[str, History] = {}
        longest_first = tuple(sorted(self.matched.base_urls, key=len, reverse=True))
        self._classifier = Classifier(contract, replace(self._target.access, base_urls=longest_first))
        schema = schemathesis.openapi.from_dict(dict(contract.raw))
        operation = next(iter(contract.operations.values()))
        self._case = schema[operation.path][operation.method].Case()
        self._accepted: dict[str, dict[Collection[tuple[str, ...]], Features]] = defaultdict(dict)
        """For each address the different features of the valid requests that were accepted."""
        self._possibly_violated: set[str] = set()
        """The rules that a rejection may violate for a reason that the recording does not show."""
        self.unexplained: list[int] = []
        """The numbers of valid requests that were rejected for no reason that the recording shows."""
        self.too_slow: list[int] = []
        """The numbers of exchanges whose response takes too long to judge."""

    def judge(self) -> None:
        """Judge each exchange, and write into the ledger what it decides."""
        crowded = overlapping(self.matched.exchanges)
        every = [
            self._judge(base, each, is_crowded=each.number in crowded)
            for base, each in self.matched.exchanges
        ]
        rejected = []
        for number, (base, judged) in enumerate(every, 1):
            self._resolve(judged, number)
            if judged.response is not None and self._is_rejected(base, judged.request, judged.response):
                finding = explain(features(judged.request), judged.response, self._accepted[base].values())
                rejected.append((number, judged, finding))
                if finding is not None:
                    self._recorder.record([finding], judged.exchange, number=number)
        for number, judged, finding in rejected:
            if finding is None:
                self._explain_by_known_causes(judged, number)
        open_ = [rule for rule in self._contract.rules if rule not in self._recorder.decided]
        if not self.matched.has_keys:
            of_keys = [rule for rule in self._contract.rules if rule.startswith("AUTH-")]
            self._recorder.record_not_applicable(KEYS_REMOVED, of_keys)
        self._recorder.record_not_applicable(UNSEEN, open_)

    def _judge(self, base: str, each: Recorded, *, is_crowded: bool) -> tuple[str, Judged]:
        exchange = Exchange(
            self._case, each.request, each.response, no_response=self._target.show(each.no_response)
        )
        request = self._classifier.classify(each.request)
        self._count += 1
        self._recorder.record_exchange(exchange, urlsplit(base).path)
        self._traffic.record(exchange)
        state = self._states.setdefault(base, StateModel())
        seen_by_state = replace(exchange, response=None) if is_crowded else exchange
        findings, doubt = state.observe(request, seen_by_state)
        self._recorder.record_outcome(request, each.response)
        if each.response is not None:
            if request.operation is not None and not is_inconclusive(each.response):
                self._record_kind(each.response)
            if passed_validation(each.response) and request.is_valid:
                own = features(request)
                self._accepted[base].setdefault(frozenset(own), own)
            try:
                findings = [*judge(request, each.response), *findings]
            except TooSlowError:
                self.too_slow.append(self._count)
        if not self.matched.has_keys:
            findings = [finding for finding in findings if not finding.rule.startswith("AUTH-")]
        before = self._histories.setdefault(base, History()).observe(request, exchange)
        judged = Judged(request, exchange, tuple(findings), doubt, before)
        self._recorder.record(findings, exchange, number=self._count, before=judged.needed)
        return base, judged

    def _resolve(self, judged: Judged, number: int) -> None:
        """Decide what an unexpected previous status violates. No request can be sent to find out.

        A rule that another exchange violates without a doubt comes first. Next comes the rule about a request
        in between that had this status, and last the rule about the update itself.
        """
        if (doubt := judged.doubt) is None or judged.response is None:
            return
        known = [
            each
            for each in (doubt.finding, *(one.finding for one in doubt.causes))
            if self._is_violated(each)
        ]
        likely = [each.finding for each in doubt.causes if each.status == judged.previous_status]
        finding = next(iter((*known, *likely, doubt.finding)))
        self._recorder.record([finding], judged.exchange, number=number, before=judged.needed)

    def _is_violated(self, finding: Finding) -> bool:
        return finding.rule in self._recorder.violated

    def _record_kind(self, response: Response) -> None:
        """Note how responses differ. That of an update depends on its request in any case."""
        self._recorder.record_response(response)
        if is_success(response) and isinstance(response.body, dict) and "newStatus" in response.body:
            self._recorder.record_update_response()

    def _is_rejected(self, base: str, request: RequestClass, response: Response) -> bool:
        """Whether a valid request was rejected because of what it holds."""
        if not request.is_valid or request.key is not Key.FULL or is_inconclusive(response):
            return False
        is_later = self._states[base].was_updated(request.pair)
        return not (is_later or may_reject_the_key(request, response) or passed_validation(response))

    def _explain_by_known_causes(self, judged: Judged, number: int) -> None:
        """Attribute a rejection to a rule that another rejection violates, or leave its cause open."""
        own = features(judged.request)
        known = next((each for each in own.values() if each is not None and self._is_violated(each)), None)
        if known is None:
            self.unexplained.append(number)
            self._possibly_violated |= possible_violations(own)
        else:
            self._recorder.record([known], judged.exchange, number=number)

    def summarize(self, options: Sequence[str], rules: set[str] | None) -> Summary:
        """What the recording shows."""
        verdicts = [
            replace(each, result=Result.INCONCLUSIVE, reason=UNEXPLAINED)
            if each.rule.id in self._possibly_violated and each.result in {Result.PASS, Result.NOT_APPLICABLE}
            else each
            for each in self._recorder.ledger.verdicts(rules)
        ]
        status = ledger.exit_status(verdicts, strict=self._strict)
        if status is ExitStatus.CONFORMS and (self.unexplained or self.too_slow):
            status = ExitStatus.INCONCLUSIVE
        exchanges = self.matched.exchanges
        first = exchanges[0][1].began if exchanges else 0.0
        last = max((each.began + each.seconds for _, each in exchanges), default=0.0)
        return Summary(
            target=self._target.mask(", ".join(self.matched.base_urls)),
            contract=self._contract,
            verdicts=verdicts,
            requests=len(exchanges),
            seconds=max(0.0, last - first),
            exit_status=status,
            strict=self._strict,
            seed="none",
            profile="recording",
            observed=self._recorder.ledger.observed,
            started=datetime.fromtimestamp(first, UTC),
            options=options,
            traffic=self._traffic.take(),
            about_traffic={**har.about(self._target, self._contract), "base_urls": self.matched.base_urls},
            recording=self._name,
            notes=tuple(self._notes()),
        )

    def _notes(self) -> Iterator[str]:
        matched = self.matched
        total = len(self._archive.exchanges)
        yield f"{len(matched.exchanges)} of {total} recorded exchanges are with the API"
        if matched.skipped:
            yield f"{matched.skipped} exchanges with other hosts or paths were skipped"
        if matched.incomplete:
            yield f"{matched.incomplete} exchanges were skipped, because their bodies were not recorded"
        if matched.exchanges and not matched.has_keys:
            yield KEYS_REMOVED
        if self.too_slow:
            numbers = _listed(self.too_slow)
            yield f"a response that takes too long to judge decides nothing (exchange {numbers})"
        if self.unexplained:
            yield f"{UNEXPLAINED} (exchange {_listed(self.unexplained)}); a run of the suite finds out"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:5])) + (", …" if len(numbers) > 5 else "")


def _strings(about: Mapping[str, object], name: str) -> list[str]:
    values = about.get(name)
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _own_enrollments(about: Mapping[str, object]) -> list[Enrollment]:
    pairs = [value.split(":") for value in _strings(about, "enrollments")]
    return [Enrollment(*pair) for pair in pairs if len(pair) == 2]
