"""What the mock does with a request, step by step.

Each fault and each variant wraps one of the steps.
"""

import functools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers

from ..contract.document import JSON
from .api import Api, Served
from .limiter import Limiter
from .preferences import preferences
from .problems import Issue, find_issues
from .store import Enrollment, Store

MAX_SHOWN = 100
"""How many characters of a preference the response repeats."""


@dataclass
class Call:
    """A request that the mock responds to, and what its steps found out."""

    mock: "Behaviour" = field(init=False, repr=False, compare=False)
    """The mock that responds to the request. It is set when the mock begins to respond."""
    method: str
    path: str
    """The path as it was sent, not decoded."""
    query: str
    headers: Headers
    body: bytes
    too_large: bool = False
    """Whether `body` is only the beginning of the body that was sent."""
    served: Served | None = None
    allowed: tuple[str, ...] = ()
    """The methods of the path."""
    key: str | None = None
    json: Any = None
    enrollment: Enrollment | None = None

    def value(self, name: str) -> Any:  # noqa: ANN401 - a JSON value
        """A property of the body, or None."""
        return self.json.get(name) if isinstance(self.json, dict) else None

    @property
    def updates(self) -> bool:
        """Whether the request is an update: a request to the operation that has state."""
        return self.served is not None and self.served.updates

    def documents(self, status: int) -> bool:
        """Whether the operation of the request documents a response with a status code."""
        return self.served is not None and status in self.served.operation.responses


@dataclass(frozen=True)
class Response:
    """A response of the mock."""

    status: int
    body: Any = None
    """A JSON value, or bytes that are sent as they are, or None if there is no body."""
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = JSON


Check = Callable[[Call], Response | None]
"""Rejects a call with a response, or accepts it with None."""
Route = Callable[[str], Mapping[str, Served]]
Parse = Callable[[bytes], Any]
Inspect = Callable[[Call], list[Issue]]
Find = Callable[[Call], Enrollment | None]
Update = Callable[[Call, Enrollment], dict[str, Any]]
Perform = Callable[[Call], Response]
Finish = Callable[[Call, Response], Response]
"""The types of the other steps."""


class Behaviour:
    """The steps of the mock, in their order."""

    def __init__(self, api: Api, store: Store, limiter: Limiter, *, key: str, restricted_key: str) -> None:
        self.api = api
        self.store = store
        self.limiter = limiter
        self.key = key
        self.restricted_key = restricted_key
        self.deleted: set[str] = set()
        """The paths that a DELETE removed. Later requests to them get a 404."""

        self.route: Route = api.route
        self.knows: Callable[[str | None], bool] = lambda sent: sent in {key, restricted_key}
        self.parse: Parse = parse
        self.inspect: Inspect = inspect
        self.find: Find = self._find
        self.update: Update = update
        self.perform: Perform = self._perform
        self.finish: Finish = lambda _, response: response
        self.checks: dict[str, Check] = {
            "preference": self._check_preference,
            "key": self._check_key,
            "permission": self._check_permission,
            "rate": self._check_rate,
            "media": self._check_media,
            "json": self._check_json,
            "schema": self._check_schema,
            "status": self._check_status,
            "lookup": self._check_lookup,
        }

    def response(self, call: Call) -> Response:
        """The response to a request."""
        call.mock = self
        methods = self.route(call.path)
        call.served = methods.get(call.method)
        call.allowed = tuple(sorted({*methods, "OPTIONS"})) if methods else ()
        if self.api.key_header in call.headers:
            # HTTP joins repeated header fields with a comma (RFC 9110, 5.3). No key contains a comma.
            call.key = ", ".join(call.headers.getlist(self.api.key_header))
        return self.finish(call, self.perform(call))

    def wrap(self, step: str, wrapper: Callable[..., Any]) -> None:
        """Replace a step with `wrapper`, which gets the replaced step, then the arguments of the step."""
        if step in self.checks:
            self.checks[step] = functools.partial(wrapper, self.checks[step])
        else:
            setattr(self, step, functools.partial(wrapper, getattr(self, step)))

    def reject(self, call: Call, *statuses: int, **changes: object) -> Response:
        """The rejection with the first of these status codes that the operation documents."""
        status, body = self.api.error(call.served.operation if call.served else None, *statuses)
        return Response(status, {**body, **changes} if isinstance(body, dict) else body)

    def _perform(self, call: Call) -> Response:
        if call.served is None:
            return self._misrouted(call)
        for check in self.checks.values():
            rejection = check(call)
            if rejection is not None:
                return rejection
        success = call.served.operation.success
        if call.enrollment is None:
            if call.method == "DELETE":
                self.deleted.add(call.path)
            return Response(success.status, success.example)
        return Response(success.status, self.update(call, call.enrollment))

    def _misrouted(self, call: Call) -> Response:
        if not call.allowed:
            return self.reject(call, 404, message="There is nothing at this path")
        allow = {"allow": ", ".join(call.allowed)}
        if call.method == "OPTIONS":
            return Response(204, headers=allow, media_type=None)
        # No code is documented for an unknown method, so the response has the code for an unknown path.
        _, body = self.api.error(None, 404)
        return Response(405, {**body, "message": "The path does not have this method"}, allow)

    def _check_preference(self, call: Call) -> Response | None:
        wanted = preferences(call.headers.getlist("prefer"))
        if call.served is None or not wanted.keys() & {"code", "example"}:
            return None
        operation = call.served.operation
        codes = {str(status): response for status, response in operation.responses.items()}
        code = wanted.get("code", str(operation.success.status))
        if code not in codes:
            return self._reject_preference(call, "code", code, codes)
        name = wanted.get("example")
        if name is not None and name not in codes[code].examples:
            return self._reject_preference(call, "example", name, codes[code].examples)
        body = codes[code].example if name is None else codes[code].examples[name]
        return Response(codes[code].status, body)

    def _reject_preference(self, call: Call, name: str, value: str, known: Iterable[str]) -> Response:
        documented = ", ".join(known) or "none"
        message = f"Prefer: no {name} {value[:MAX_SHOWN]!r} is documented here; documented: {documented}"
        return self.reject(call, 400, 422, message=message)

    def _check_key(self, call: Call) -> Response | None:
        needed = call.served is not None and call.served.operation.needs_key
        return self.reject(call, 401) if needed and not self.knows(call.key) else None

    def _check_permission(self, call: Call) -> Response | None:
        needed = call.served is not None and call.served.operation.needs_key
        return self.reject(call, 403) if needed and call.key == self.restricted_key else None

    def _check_rate(self, call: Call) -> Response | None:
        # All unknown keys share one window. Otherwise the memory would grow without limit.
        wait = self.limiter.wait(call.key if call.key and self.knows(call.key) else "")
        return None if wait is None else self.reject(call, 429, retryAfter=wait)

    def _check_media(self, call: Call) -> Response | None:
        # A client may leave out the media type. Then the server may examine the body (RFC 9110, 8.3).
        sent = call.headers.get("content-type", JSON)
        if not takes_body(call) or sent.partition(";")[0].strip().lower() == JSON:
            return None
        return self.reject(call, 400, 422, message=f"The media type is not {JSON}")

    def _check_json(self, call: Call) -> Response | None:
        if not takes_body(call):
            return None
        if call.too_large:
            return self.reject(call, 400, 422, message="The body is too large")
        try:
            call.json = self.parse(call.body)
        except ValueError:
            return self.reject(call, 400, 422, message="The body is not JSON")
        return None

    def _check_schema(self, call: Call) -> Response | None:
        issues = self.inspect(call)
        return self.reject(call, 422, 400, errors=[issue.as_json() for issue in issues]) if issues else None

    def _check_status(self, call: Call) -> Response | None:
        served = call.served
        if not call.updates or served is None or served.form is None or served.whole is None:
            return None
        if served.whole.is_valid(call.json):
            return None
        malformed = {issue.path for issue in find_issues(served.form, call.json)}
        rejected = [issue for issue in find_issues(served.whole, call.json) if issue.path not in malformed]
        return self.reject(call, 400, 422) if rejected else None

    def _check_lookup(self, call: Call) -> Response | None:
        if not call.updates:
            is_gone = call.path in self.deleted and call.documents(404)
            return self.reject(call, 404) if is_gone else None
        call.enrollment = self.find(call)
        return self.reject(call, 404) if call.enrollment is None else None

    def _find(self, call: Call) -> Enrollment | None:
        return self.store.find(str(call.value("customerId")), str(call.value("campaignId")))


def takes_body(call: Call) -> bool:
    """Whether the operation reads a body, and the body was sent or is required."""
    if call.served is None or call.served.whole is None:
        return False
    return bool(call.body) or call.served.operation.body_required


def inspect(call: Call) -> list[Issue]:
    """The fields of the body that violate the published form."""
    if call.served is None or call.served.form is None or not takes_body(call):
        return []
    return find_issues(call.served.form, call.json)


def update(call: Call, enrollment: Enrollment) -> dict[str, Any]:
    """Set the status that was sent, and return the body of the success."""
    status = call.value("status")
    return {
        "success": True,
        "previousStatus": enrollment.set(status),
        "newStatus": status,
        "customerCampaignId": enrollment.id,
    }


def parse(body: bytes) -> Any:  # noqa: ANN401 - a JSON value
    """The JSON value of the bytes.

    Raises:
        ValueError: the bytes are not JSON, or the value is nested too deep to be read.

    """
    try:
        value = json.loads(body.decode(), parse_constant=_reject_constant, parse_int=_number)
        if b"\\u" in body:
            # An escape can be one half of a surrogate pair, which the validator does not accept.
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return value


def _reject_constant(name: str) -> None:
    raise ValueError(f"JSON has no {name}")


def _number(digits: str) -> int | float:
    # Python does not read an integer of more than 4300 digits.
    return int(digits) if len(digits) < 1000 else float(digits)
