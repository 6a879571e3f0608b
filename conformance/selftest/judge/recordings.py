"""Archives as other programs write them, for the tests of `conformance.judge`."""

import json
from pathlib import Path
from typing import Any

CUSTOMER, CAMPAIGN = "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "6fa459ea-ee8a-4ca4-894e-db77e160355e"
ID = "36ca8d1d-3d3d-48cf-bd1f-a796d8849d75"
KEY = "cc_Recorded5Tg7Hn9Qw"
URL = "https://sandbox.example.com/api/v2/customers/campaign-status"


def entry(
    sent: object = None,
    status: int = 200,
    returned: object = None,
    *,
    key: str | None = KEY,
    url: str = URL,
    second: float = 0,
    seconds: float = 0.1,
    method: str = "PATCH",
    **headers: str,
) -> dict[str, Any]:
    """An entry as a browser writes it."""
    body = {"customerId": CUSTOMER, "campaignId": CAMPAIGN, "status": "completed"} if sent is None else sent
    shown = [{"name": name.replace("_", "-"), "value": value} for name, value in headers.items()]
    shown += [{"name": ":path", "value": "/"}, {"name": "Content-Type", "value": "application/json"}]
    shown += [{"name": "X-Api-Key", "value": key}] if key is not None else []
    content = json.dumps(returned)
    return {
        "startedDateTime": f"2026-11-28T09:30:{second:06.3f}Z",
        "time": seconds * 1000,
        "request": {
            "method": method,
            "url": url,
            "httpVersion": "http/2.0",
            "headers": shown,
            "postData": {"mimeType": "application/json", "text": json.dumps(body)},
        },
        "response": {
            "status": status,
            "headers": [
                {"name": "Content-Type", "value": "application/json"},
                {"name": "Content-Encoding", "value": "gzip"},
            ],
            "content": {"size": len(content), "mimeType": "application/json", "text": content},
        },
    }


def updated(previous: str, new: str = "completed", id_: str = ID) -> dict[str, object]:
    """The body of an accepted update."""
    return {"success": True, "previousStatus": previous, "newStatus": new, "customerCampaignId": id_}


def error(code: str) -> dict[str, str]:
    """The body of an error."""
    return {"message": "no", "code": code}


def write(directory: Path, *entries: dict[str, Any], **log: object) -> Path:
    """A file with the entries, with a byte order mark as some programs write it."""
    path = directory / "recorded.har"
    text = json.dumps({"log": {"version": "1.2", "entries": entries, **log}})
    path.write_text(text, encoding="utf-8-sig")
    return path
