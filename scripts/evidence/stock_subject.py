"""One of the two clients that `compare_stock` compares, with what both of them have."""

import importlib
import json
from typing import Any

KEY = "cc_canary"
ID = "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f"
SUCCESS = {"success": True, "previousStatus": "pending", "newStatus": "completed", "customerCampaignId": ID}
ERROR = {"message": "No", "code": "NOT_FOUND"}
LIMITED = {"message": "Slow down", "code": "RATE_LIMIT_EXCEEDED", "retryAfter": 0}


class Failed(Exception):  # noqa: N818 - a probe's outcome, not an error
    """The client does not pass a probe. The message has the reason."""


class Subject:
    """One of the two clients, its HTTP library, and the responses that it gets."""

    def __init__(self, *, stock: bool) -> None:
        self.stock = stock
        self.http: Any = importlib.import_module("httpx" if stock else "httpx2")
        self.package: Any = importlib.import_module("carecycle_client")
        self.models: Any = importlib.import_module("carecycle_client.models")
        self.errors: Any = importlib.import_module("carecycle_client.errors")
        self.endpoint: Any = importlib.import_module(
            "carecycle_client.api.customers.update_customer_campaign_status"
        )
        self.sent: list[Any] = []

    def client(self, *responses: tuple[int, Any], **settings: Any) -> Any:  # noqa: ANN401 - of either package
        """A client that gets these responses: a status code, and bytes or a JSON value."""
        left = list(responses) or [(200, SUCCESS)]

        def handle(request: Any) -> Any:  # noqa: ANN401 - of either library
            self.sent.append(dict(request.headers))
            status, body = left.pop(0) if len(left) > 1 else left[0]
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            return self.http.Response(status, content=content)

        transport = self.http.MockTransport(handle)
        settings = {"token": KEY, "httpx_args": {"transport": transport}, **settings}
        return self.package.AuthenticatedClient(base_url="http://127.0.0.1:9", **settings)

    def body(self, id_: str = ID) -> Any:  # noqa: ANN401 - of either package
        """A body, with ids of the type that the package expects."""
        status = self.models.TerminalCampaignStatus.COMPLETED
        return self.models.CampaignStatusUpdate.from_dict(
            {"customerId": id_, "campaignId": ID, "status": status}
        )

    def call(self, *responses: tuple[int, Any], **settings: Any) -> Any:  # noqa: ANN401 - of either package
        """The result of `sync`."""
        return self.endpoint.sync(client=self.client(*responses, **settings), body=self.body())
