"""Did the target ignore a bad key, or does it check the key after the body?

An update of a listed enrollment is sent with the same key. If it is accepted, the key was ignored.
"""

from collections.abc import Collection

from ..requests.access import Enrollment
from ..requests.cases import Cases
from ..requests.request_class import STATUS_FIELD
from .finding import Finding
from .judged import Judged, Send
from .keys import IGNORED, REJECTION
from .response_facts import is_success


def attribute_key(
    judged: Judged, cases: Cases, send: Send, violated: Collection[str], enrollment: Enrollment | None
) -> list[Finding]:
    """The violations, if a bad key got the response that the full key would get."""
    request, case = judged.request, judged.exchange.case
    rejection = REJECTION[request.key]
    late = Finding(rejection.status_rule, f"{rejection.status}, whatever the body holds")
    if IGNORED[request.key].rule in violated:
        return []
    if late.rule in violated:
        return [late]
    if enrollment is None:
        # Either the key was ignored, or the code of its rejection is wrong.
        wrong_code = Finding(rejection.code_rule, f"the code {rejection.code}")
        return [late, wrong_code] if request.is_valid else [late]
    fields = request.value if isinstance(request.value, dict) else {}
    terminal = request.status if request.is_valid else "failed"
    headers = {name: text for name, text in case.headers.items() if name.lower() != "content-type"}
    body = {**fields, **enrollment.fields, STATUS_FIELD: terminal}
    response = send(cases.update(body, key=None, headers=headers, query=case.query)).response
    is_ignored = response is not None and is_success(response)
    return [] if is_ignored else [late]  # the accepted update itself shows that the key was ignored
