"""Which wrong fields of a request did the target accept, and which did it only not name?

Each wrong field that the response does not name is sent again, as the only wrong field of a request.
"""

from collections.abc import Callable, Collection

from ..requests.cases import Cases
from ..requests.request_class import STATUS_FIELD, RequestClass
from ..transport.exchange import Response
from .finding import Finding
from .judged import Send
from .response_facts import named_fields


def attribute_wrong_fields(
    request: RequestClass,
    response: Response,
    cases: Cases,
    send: Send,
    violated: Callable[[], Collection[str]],
) -> list[Finding]:
    """The violation, if a response does not name a wrong field that the target rejects.

    If the target accepts the field, the response to the request with that field only shows the violation.
    """
    wrong, named = dict(request.wrong), named_fields(response)
    for name in sorted(set(wrong) - named):
        if wrong[name] in violated():
            continue
        if "RESPONSE-06" in violated() or (400 <= response.status < 500 and not named):
            return []  # this target does not name wrong fields: other tests send each defect alone
        usual = cases.body()
        others = {other: usual[other] for other in wrong if other != name}
        if STATUS_FIELD not in wrong:
            others[STATUS_FIELD] = usual[STATUS_FIELD]
        alone = send(cases.update({**request.value, **others})).response
        if alone is not None and named_fields(alone) == {name} and named:
            return [Finding("RESPONSE-06", f"a `path` to {name} too: alone it has one")]
    return []


def attribute_field_order(request: RequestClass, cases: Cases, send: Send) -> list[Finding]:
    """The violation, if a 400 shows that the target checks a wrong field after the status.

    The wrong field is sent again with a terminal status. If the target accepts the field, the response to
    that request shows the violation.
    """
    response = send(cases.update({**request.value, STATUS_FIELD: "completed"})).response
    is_checked_later = response is not None and response.status == 422
    return [Finding("RESPONSE-05", "422: a wrong field comes before the status")] if is_checked_later else []
