"""Variants of what a later update of an enrollment does."""

from ..behaviour import Call, Check, Response
from .variant import error, variant

CONFLICT = error(409, "CONFLICT", "The status is final")


def _is_final(call: Call) -> bool:
    """Whether the request names an enrollment whose status is terminal."""
    return call.enrollment is not None and call.enrollment.status not in call.mock.api.initial_statuses


def _is_repeated(call: Call) -> bool:
    """Whether the request sets the status that the enrollment already has."""
    return call.enrollment is not None and call.enrollment.status == call.value("status")


@variant("lookup")
def final_status_400(inner: Check, call: Call) -> Response | None:
    """A terminal status is final: each later update of the enrollment is rejected with a 400."""
    return inner(call) or (call.mock.reject(call, 400) if _is_final(call) else None)


@variant("lookup")
def final_status_403(inner: Check, call: Call) -> Response | None:
    """A terminal status is final: each later update of the enrollment is forbidden with a 403."""
    return inner(call) or (call.mock.reject(call, 403) if _is_final(call) else None)


@variant("lookup")
def final_status_404(inner: Check, call: Call) -> Response | None:
    """An enrollment with a terminal status is gone: each later update is rejected with a 404."""
    return inner(call) or (call.mock.reject(call, 404) if _is_final(call) else None)


@variant("lookup")
def final_status_409(inner: Check, call: Call) -> Response | None:
    """A terminal status is final: each later update of the enrollment is rejected with a 409."""
    return inner(call) or (CONFLICT if _is_final(call) else None)


@variant("lookup")
def final_status_422(inner: Check, call: Call) -> Response | None:
    """A terminal status is final: each later update of the enrollment is rejected with a 422."""
    issue = {"path": ["status"], "message": "The status is final", "code": "custom"}
    return inner(call) or (call.mock.reject(call, 422, errors=[issue]) if _is_final(call) else None)


@variant("lookup")
def repeated_status_400(inner: Check, call: Call) -> Response | None:
    """An update to the status that the enrollment has is rejected with a 400."""
    return inner(call) or (call.mock.reject(call, 400) if _is_repeated(call) and _is_final(call) else None)


@variant("lookup")
def reversed_status_409(inner: Check, call: Call) -> Response | None:
    """An update from one terminal status to the other is rejected with a 409; a repetition is accepted."""
    return inner(call) or (CONFLICT if _is_final(call) and not _is_repeated(call) else None)


@variant("lookup")
def reversed_status_404(inner: Check, call: Call) -> Response | None:
    """An update from one terminal status to the other finds no enrollment; a repetition is accepted."""
    rejected = inner(call)  # which finds the enrollment
    return rejected or (call.mock.reject(call, 404) if _is_final(call) and not _is_repeated(call) else None)
