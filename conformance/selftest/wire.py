"""Requests as plain as http.client makes them, for the tests of the mock."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from conformance.contract import document
from conformance.contract.document import JSON
from conformance.mock.server import Mock

CONTRACT = document.load()
UPDATE = CONTRACT.operations["updateCustomerCampaignStatus"]


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:  # noqa: ANN401 - a JSON value
        """The JSON value of the content."""
        return json.loads(self.content)


def send(
    mock: Mock,
    body: object = None,
    *,
    method: str = UPDATE.method,
    path: str = UPDATE.path,
    headers: Mapping[str, str | None] | None = None,
) -> Reply:
    """Send one request over a connection of its own; a header that is None is left out."""
    content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    sent = {CONTRACT.key_header: mock.settings.key, "content-type": JSON, **(headers or {})}
    connection = http.client.HTTPConnection(urlsplit(mock.url).netloc, timeout=5)
    try:
        connection.request(
            method, path, content, {name: value for name, value in sent.items() if value is not None}
        )
        response = connection.getresponse()
        return Reply(
            response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        )
    finally:
        connection.close()


def update(mock: Mock, status: str = "completed", enrollment: int = 0) -> dict[str, Any]:
    """A body that updates one of the enrollments of the mock."""
    customer_id, campaign_id = mock.settings.enrollments[enrollment]
    return {"customerId": customer_id, "campaignId": campaign_id, "status": status}
