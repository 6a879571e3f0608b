"""Requests of the update operation, made by hand as Schemathesis cases."""

from collections.abc import Mapping
from typing import Any, Final

from schemathesis import Case
from schemathesis.schemas import APIOperation

from ..contract.document import JSON, Contract
from ..transport.target import Target
from . import new_ids

FULL: Final = "the full key"
"""Stands for the target's key, so that no test holds it."""
RESTRICTED: Final = "the restricted key"
"""Stands for the target's key that lacks the permission."""


class Cases:
    """Makes the cases of one test; its ids are fresh and the same for the same seed."""

    def __init__(
        self, operation: APIOperation[Any, Any, Any, Any], contract: Contract, target: Target, token: str
    ) -> None:
        self._operation = operation
        self._contract = contract
        self._target = target
        self._token = token
        self._minted = 0

    def id(self) -> str:
        """A fresh id."""
        self._minted += 1
        return new_ids.new_id(self._token, self._minted)

    def body(self, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON values
        """The body of an update, valid but for the fields that are given."""
        valid = {"customerId": self.id(), "campaignId": self.id(), "status": "completed"}
        return valid | fields

    def enrolled(self, index: int = 0) -> dict[str, str]:
        """The ids of an enrollment, which alone show what a request did; none where there is none to name."""
        named = self._target.enrollments[index : index + 1]
        return {"customerId": named[0].customer_id, "campaignId": named[0].campaign_id} if named else {}

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
        stands_for = {FULL: self._target.key, RESTRICTED: self._target.restricted_key}
        sent = stands_for.get(key, key) if isinstance(key, str) else key
        all_headers = dict(headers or {}) | ({} if sent is None else {self._contract.key_header: sent})
        return self._operation.Case(
            body=self.body() if body is None else body,
            headers=all_headers,
            media_type=media_type,
            query=dict(query or {}),
        )
