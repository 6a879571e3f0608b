"""Run the screening against faults that were written fact by fact, for themselves and not for the catalogue.

`python -m scripts.evidence.fresh` prints a line for each fault: by which request it was found, with which
rules. They are no part of the catalogue of the mock, so nothing was chosen by what the suite finds of them.
`run_faults.md` has the figures of the last run. A fault is found if a rule fails.
"""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace

from conformance.mock.behaviour import Call, Check, Finish, Inspect, Parse, Response
from conformance.mock.faults.auth import accept_key
from conformance.mock.faults.fault import Change, wrap
from conformance.mock.faults.steps import (
    TERMINAL,
    alter,
    alter_rejection,
    having,
    on,
    pair,
    read_as,
    reject,
    reject_with,
    replaced_by,
    report,
    sets,
    skip,
    with_status,
)
from conformance.mock.problems import Issue
from scripts.evidence.screening import run_against


def _fails(when: Callable[[Call], bool], status: int = 500) -> Change:
    def wrapper(inner: Finish, call: Call, response: Response) -> Response:
        return call.mock.reject(call, status) if when(call) else inner(call, response)

    return wrap("finish", wrapper)


def _text(call: Call) -> str:
    return call.body.decode("utf-8", "replace").strip()


def _stores_what_breaks_the_schema(inner: Check, call: Call) -> Response | None:
    rejection = inner(call)
    status = call.value("status")
    if rejection and status in TERMINAL:
        for each in call.mock.store:
            if each.customer_id.lower() == pair(call)[0].lower():
                each.set(status)
    return rejection


def _counts_only_updates(inner: Check, call: Call) -> Response | None:
    return inner(call) if call.mock.store.find(*_ids(call)) else None


def _ids(call: Call) -> tuple[str, str]:
    found = re.findall(r'"(?:customerId|campaignId)"\s*:\s*"([^"]*)"', _text(call))
    return (found[0], found[1]) if len(found) > 1 else ("", "")


def _no_exponents(inner: Parse, body: bytes) -> object:
    if re.search(rb"[:,]\s*\d+[eE]", body):
        raise ValueError("an exponent")
    return inner(body)


def _only_one_issue_a_body(inner: Inspect, call: Call) -> list[Issue]:
    return inner(call)[-1:]


FRESH: Mapping[str, Change] = {
    "fact 2: a key in quotation marks is taken": accept_key(lambda sent, key: sent.strip('"') == key),
    "fact 2: a key with a space in it is taken": accept_key(lambda sent, key: sent.replace(" ", "") == key),
    "fact 4: the text `null` stands for a missing status": skip("schema", lambda call: "null" in _text(call)),
    "fact 5: an id with underscores for hyphens is taken": read_as(
        lambda id_: id_.replace("_", "-") if isinstance(id_, str) else id_
    ),
    "fact 5: a version 5 id with the variant b is rejected": reject(
        lambda call: any(re.match(r".{14}5.{4}[bB]", id_) for id_ in pair(call)), 422, errors=[]
    ),
    "fact 5: two ids that are the same kind of special are rejected": reject(
        lambda call: pair(call)[0][:8] in {"00000000", "ffffffff"} and sets("failed")(call), 400
    ),
    "fact 5: an id with a dot behind it is taken": read_as(
        lambda id_: id_.rstrip(".") if isinstance(id_, str) else id_
    ),
    "fact 5: an id with white space in it is taken": read_as(
        lambda id_: "".join(id_.split()) if isinstance(id_, str) else id_
    ),
    "fact 6: a status in camel case is taken": read_as(
        lambda value: re.sub("(?<!^)([A-Z])", r"_\1", value).lower() if isinstance(value, str) else value,
        ("status",),
    ),
    "fact 6: a status with a hyphen is taken": read_as(
        lambda value: value.replace("-", "_") if isinstance(value, str) else value, ("status",)
    ),
    "fact 7: `skipped` is taken as terminal": skip("status", sets("skipped")),
    "fact 7: `exceeded_max_calls` is taken as terminal": skip("status", sets("exceeded_max_calls")),
    "fact 10: `success` is the number 1": alter(on(200), having(success=1)),
    "fact 10: `customerCampaignId` has no hyphens": alter(
        on(200), having(customerCampaignId=lambda body: body["customerCampaignId"].replace("-", ""))
    ),
    "fact 11: the message of a 404 is an object": alter(on(404), having(message={"en": "Not found"})),
    "fact 11: the code of a 400 is null": alter(on(400), having(code=None)),
    "fact 12: `errors` of a 422 is one object": alter(
        on(422), having(errors=lambda body: body["errors"][0] if body["errors"] else {})
    ),
    "fact 12: the code of a 422 is INVALID_BODY": alter(on(422), having(code="INVALID_BODY")),
    "fact 13: `retryAfter` is a text": alter(on(429), having(retryAfter="1")),
    "fact 14: requests whose ids are unknown do not count": wrap("rate", _counts_only_updates),
    "fact 16: a status that is not terminal gets a 409": alter_rejection("status", with_status(409)),
    "fact 17: a body that is not JSON gets a 404": reject_with("json", 404),
    "fact 17: a 422 names the last wrong field only": wrap("inspect", _only_one_issue_a_body),
    "fact 18: `previousStatus` is in capitals": report(
        lambda _call, _enrollment, body: {"previousStatus": body["previousStatus"].upper()}
    ),
    "fact 18: `newStatus` is what the enrollment had": report(
        lambda _call, _enrollment, body: {"newStatus": body["previousStatus"]}
    ),
    "fact 19: what breaks the schema is stored": wrap("schema", _stores_what_breaks_the_schema),
    "fact 21: a missing key gets a 403": alter_rejection(
        "key", with_status(403), having(code="FORBIDDEN"), when=lambda call: call.key is None
    ),
    "fact 23: a final slash makes the server fail": _fails(lambda call: call.path.endswith("/")),
    "fact 24: JSON with a charset is taken as text": reject(
        lambda call: "charset" in call.headers.get("content-type", ""), 400, after="media"
    ),
    "fact 25: a number with an exponent is not taken": wrap("parse", _no_exponents),
    "fact 25: the property `status` has to be the last one": reject(
        lambda call: isinstance(call.json, dict) and [*call.json][-1:] != ["status"] and len(call.json) == 3,
        400,
        after="json",
    ),
    "fact 26: a list makes the server fail": _fails(lambda call: _text(call).startswith("[")),
    "fact 27: the 405 to a DELETE has no Allow": wrap(
        "finish",
        lambda inner, call, response: (
            replace(inner(call, response), headers={}) if call.method == "DELETE" else inner(call, response)
        ),
    ),
    "fact 28: the 404 shows a statement": alter(
        on(404), having(message='SELECT * FROM "enrollments" WHERE customer = $1')
    ),
    "fact 29: a later update gets a 208": alter(
        lambda _, response: (
            response.status == 200
            and isinstance(response.body, dict)
            and response.body.get("previousStatus") in TERMINAL
        ),
        with_status(208),
    ),
    "fact 9: the response to an update is empty at midnight": alter(
        lambda call, response: response.status == 200 and pair(call)[0].startswith("0"),
        replaced_by(Response(200, {})),
    ),
}
"""The change of the mock that each fault is."""


def main() -> int:
    """Run the screening against each fault, and print what was found."""
    at = []
    for text, change in FRESH.items():
        found = run_against(change)
        first = min((number for number in found.values() if number is not None), default=None)
        at.append(first or sys.maxsize)
        print(f"{first or '-':>4}  {text}: {', '.join(found) or 'not found'}", flush=True)
    counts = [sum(number <= limit for number in at) for limit in (20, 60, 120)]
    print(f"{len(at)} faults: within 20 requests {counts[0]}, within 60 {counts[1]}, within 120 {counts[2]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
