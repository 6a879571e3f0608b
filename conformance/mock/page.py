"""What a mock shows in a browser: what it holds, what came in, how to force responses, and the contract.

`GET /` with `Accept: text/html` is the page. The page asks for the state at the same address, with a media
type of its own. Other requests for `/` get the response that they get without a page.
"""

import json
import re
import secrets
import time
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, JSONResponse
from starlette.responses import Response as StarletteResponse

from .behaviour import Behaviour, Call, Response

HERE = Path(__file__).parent
STATE_TYPE = "application/vnd.carecycle-mock-state+json"
"""The media type of the state that the page asks for."""
MOST_RECENT = 50
"""How many requests the page shows."""
LONGEST = 300
"""How many characters of a request the page shows."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Shown(Protocol):
    """What the page shows of the settings of a mock."""

    @property
    def shown_keys(self) -> Mapping[str, str]:
        """Each key by its name, or where it comes from if it is not the mock's own."""

    @property
    def faults(self) -> tuple[str, ...]:
        """The names of its faults."""

    @property
    def variants(self) -> tuple[str, ...]:
        """The names of its variants."""


class Page:
    """The page of one mock."""

    def __init__(self, behaviour: Behaviour, settings: Shown) -> None:
        self._behaviour = behaviour
        self._settings = settings
        self._recent: deque[Mapping[str, object]] = deque(maxlen=MOST_RECENT)
        self._count = 0

    def note(self, call: Call, response: Response) -> None:
        """Keep a request, and what became of it."""
        self._count += 1
        self._recent.appendleft(
            {
                "number": self._count,
                "time": time.strftime("%H:%M:%S"),
                "request": self._mask(f"{call.method} {call.path}")[:LONGEST],
                "key": self._name_of_key(call.key),
                "body": self._mask(call.body[: 4 * LONGEST].decode("utf-8", "replace"))[:LONGEST],
                "status": response.status,
                "verdict": _verdict(response),
            }
        )

    def response(self, call: Call) -> StarletteResponse | None:
        """The page or the state, if a browser asks for it."""
        if call.method != "GET" or call.path != "/" or self._behaviour.route("/"):
            return None
        accepted = call.headers.get("accept", "")
        headers = {"cache-control": "no-store"}
        if STATE_TYPE in accepted:
            return JSONResponse(self.state(), headers=headers, media_type=STATE_TYPE)
        return HTMLResponse(self._html(call), headers=headers) if "text/html" in accepted else None

    def state(self) -> Mapping[str, Any]:
        """What the mock holds, and the requests that came in, the latest first."""
        return {
            "enrollments": [
                {
                    "customerId": each.customer_id,
                    "campaignId": each.campaign_id,
                    "status": each.status,
                    "updates": each.updates,
                    "customerCampaignId": each.id,
                }
                for each in self._behaviour.store
            ],
            "requests": list(self._recent),
            "count": self._count,
        }

    def _mask(self, text: str) -> str:
        """The text without keys that are not the mock's own."""
        for key in (self._behaviour.key, self._behaviour.restricted_key):
            if key not in self._settings.shown_keys.values():
                text = text.replace(key, "[masked]")
        return text

    def _name_of_key(self, key: str | None) -> str:
        names = {
            None: "none",
            self._behaviour.key: "the key",
            self._behaviour.restricted_key: "the restricted key",
        }
        return names.get(key, "another one")

    def _html(self, call: Call) -> str:
        contract = self._behaviour.api.contract
        environment = Environment(
            loader=FileSystemLoader(HERE),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters |= {"prose": _prose, "json": _as_json, "area": lambda rule: rule.area}
        return environment.get_template("page.html.jinja").render(
            address=f"http://{call.headers.get('host', 'localhost')}",
            contract=contract,
            description=contract.raw["info"].get("description", ""),
            operations=contract.operations.values(),
            fields=lambda operation: _fields(contract.resolve, operation.body),
            nodes={one.id: contract.node(one) for one in contract.operations.values()},
            key_header=contract.key_header,
            keys=self._settings.shown_keys,
            limit=self._behaviour.limiter.limit,
            faults=self._settings.faults,
            variants=self._settings.variants,
            state=self.state(),
            state_type=STATE_TYPE,
            style=(HERE / "page.css").read_text(encoding="utf-8"),
            nonce=secrets.token_urlsafe(12),
        )


def cors_headers(call: Call) -> Mapping[str, str]:
    """What lets a page of this machine read a response; nothing for the pages of other hosts."""
    origin = call.headers.get("origin", "")
    if not re.fullmatch(r"https?://[^/?#\s]+", origin) or urlsplit(origin).hostname not in LOOPBACK:
        return {}
    return {"access-control-allow-origin": origin, "access-control-expose-headers": "*", "vary": "origin"}


def preflight(call: Call) -> StarletteResponse | None:
    """The response to a browser that asks whether a page of this machine may send a request."""
    allowed, method = cors_headers(call), call.headers.get("access-control-request-method")
    if call.method != "OPTIONS" or method is None or not allowed:
        return None
    headers = call.headers.get("access-control-request-headers", "")
    more = {"access-control-allow-methods": method, "access-control-allow-headers": headers}
    return StarletteResponse(status_code=204, headers={**allowed, **more, "access-control-max-age": "600"})


def _verdict(response: Response) -> str:
    """What became of a request, in words."""
    if 200 <= response.status < 300:
        return "accepted"
    body = response.body if isinstance(response.body, dict) else {}
    parts = [str(body[name]) for name in ("code", "message") if isinstance(body.get(name), str)]
    errors = body.get("errors")
    paths = (
        [each.get("path") for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    )
    fields = [".".join(map(str, path)) for path in paths if isinstance(path, list)]
    named = f" ({', '.join(fields)})" if any(fields) else ""
    return f"rejected: {': '.join(parts)}{named}"[:LONGEST] if parts else "rejected"


def _fields(resolve: Any, schema: Mapping[str, Any] | None) -> Iterable[tuple[str, str, bool]]:  # noqa: ANN401 - a bound method
    """The fields of a body, each with what it allows and whether it is required."""
    if schema is None:
        return
    parts = [resolve(each) for each in (schema, *resolve(schema).get("allOf", ()))]
    required = {name for part in parts for name in part.get("required", ())}
    found: dict[str, list[str]] = {}
    for part in parts:
        for name, node in part.get("properties", {}).items():
            found.setdefault(name, []).append(_allowed(resolve(node)))
    for name, allowed in found.items():
        yield name, allowed[-1], name in required


def _allowed(node: Mapping[str, Any]) -> str:
    if "enum" in node:
        return "one of " + ", ".join(map(str, node["enum"]))
    return ", ".join(str(node[name]) for name in ("type", "format", "pattern") if name in node) or "any value"


def _prose(text: str) -> Markup:
    """Text of the contract: paragraphs, and code where it has backticks."""
    escaped = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text.strip())))
    return Markup("".join(f"<p>{part}</p>" for part in re.split(r"\n\s*\n", escaped)))  # noqa: S704 - escaped first


def _as_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
