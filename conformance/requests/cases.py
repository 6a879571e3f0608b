"""Requests of the update operation, made by hand as Schemathesis cases."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from schemathesis import Case
from schemathesis.schemas import APIOperation

from ..contract.document import JSON, Contract
from . import new_ids
from .access import Access, Enrollment

FULL: Final = "the full key"
"""Stands for the target's key, so that no test holds it."""
RESTRICTED: Final = "the restricted key"
"""Stands for the target's key that lacks the permission."""


class Cases:
    """Makes the cases of one test. Its ids are new, and the same for the same seed."""

    def __init__(
        self,
        operation: APIOperation[Any, Any, Any, Any],
        contract: Contract,
        access: Access,
        token: str,
        choose: Callable[[bool], Sequence[Enrollment]] | None = None,
    ) -> None:
        self.contract = contract
        self.access = access
        self._operation = operation
        self._token = token
        self._choose = choose or (lambda _: access.enrollments)
        self._new_ids = 0

    def id(self) -> str:
        """A new id."""
        self._new_ids += 1
        return new_ids.new_id(self._token, self._new_ids)

    def body(self, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON values
        """The body of an update: valid, except for the fields that are given."""
        valid = {"customerId": self.id(), "campaignId": self.id(), "status": "completed"}
        return valid | fields

    def enrollments(self, *, again: bool = False) -> Sequence[Enrollment]:
        """The enrollments that can be updated now; or, to update one again, the last one that was updated."""
        return self._choose(again)

    def enrolled(self, index: int = 0) -> dict[str, str]:
        """The ids of an enrollment that can be updated, or none if there is no such enrollment."""
        return next((each.fields for each in self.enrollments()[index : index + 1]), {})

    def update(
        self,
        body: Any = None,  # noqa: ANN401 - a JSON value, or bytes
        *,
        key: str | bytes | None = FULL,
        headers: Mapping[str, str] | None = None,
        media_type: str = JSON,
        query: Mapping[str, str] | None = None,
    ) -> Case[Any]:
        """A request of the update operation.

        Args:
            body: a JSON value, or bytes to send as they are; None for a valid one.
            key: the value of the key header; None to leave it out.
            headers: more headers.
            media_type: the media type of the body.
            query: the query of the URL.

        """
        stands_for = {FULL: self.access.key, RESTRICTED: self.access.restricted_key}
        sent = stands_for.get(key, key) if isinstance(key, str) else key
        all_headers = dict(headers or {}) | ({} if sent is None else {self.contract.key_header: sent})
        return self._operation.Case(
            body=self.body() if body is None else body,
            headers=all_headers,
            media_type=media_type,
            query=dict(query or {}),
        )
