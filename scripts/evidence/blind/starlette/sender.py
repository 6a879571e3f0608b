"""Sends requests to a server, and reads its responses."""

from __future__ import annotations

import http.client
import json
from typing import Any

FULL, RESTRICTED = "cc_full_0123456789abcdef", "cc_rest_fedcba9876543210"
A = ("3f0c1a7e-9b52-4c1d-8e6f-a1b2c3d4e5f6", "7d9e2b4c-1f3a-4b5c-9d8e-0f1e2d3c4b5a")
B = ("5a6b7c8d-0e1f-4a2b-b3c4-d5e6f7a8b9c0", "c0ffee00-1234-4abc-8def-0123456789ab")
C = ("9e8d7c6b-5a49-4837-a615-0493827160fe", "1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9")
UNKNOWN = ("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "bbbbbbbb-cccc-4ddd-9eee-ffffffffffff")
NIL, MAX = "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"
PATH = "/v2/customers/campaign-status"
CODES = {
    400: "VALIDATION_ERROR",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    422: "VALIDATION_ERROR",
    429: "RATE_LIMIT_EXCEEDED",
}


def body(pair: tuple[Any, Any] = A, status: Any = "completed", **more: Any) -> dict[str, Any]:
    """A body for a pair."""
    return {"customerId": pair[0], "campaignId": pair[1], "status": status, **more}


class Answer:
    """A response, with its body parsed if it is JSON."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        """Read the response."""
        self.status, self.headers, self.text = response.status, response.headers, response.read().decode()
        self.type = (response.headers.get("content-type") or "").split(";")[0]
        try:
            self.json: Any = json.loads(self.text)
        except ValueError:
            self.json = {}

    def refused(self, *statuses: int) -> bool:
        """Whether it is an error of one of the statuses, with its documented body and code."""
        data = self.json if isinstance(self.json, dict) else {}
        return (
            self.status in statuses
            and self.type == "application/json"
            and isinstance(data.get("message"), str)
            and data.get("code") == CODES.get(self.status, data.get("code"))
        )

    def names(self, *fields: str) -> bool:
        """Whether it is a 422 whose paths name these fields."""
        if not self.refused(422):
            return False
        return {error["path"][0] for error in self.json["errors"] if error["path"]} == set(fields)


class Client:
    """Sends requests on one connection."""

    def __init__(self, port: int) -> None:
        """Connect."""
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def send(
        self,
        data: Any = None,
        key: str | None = FULL,
        method: str = "PATCH",
        path: str = PATH,
        kind: str = "application/json",
        **more: Any,
    ) -> Answer:
        """Send one request; bytes and iterators go as they are, other data as JSON."""
        raw = data if isinstance(data, bytes) or hasattr(data, "__next__") else json.dumps(data).encode()
        headers = {"content-type": kind, **more.get("headers", {})}
        if key is not None:
            headers["x-api-key"] = key
        self.link.request(method, path, raw, headers)
        return Answer(self.link.getresponse())
