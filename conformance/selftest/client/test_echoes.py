"""A key that a server sends back is masked, however the server spells it."""

import asyncio
import html
import json
import re
import traceback
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import httpx2
import pytest
from carecycle_client import AsyncCareCycle, AuthenticatedClient, CareCycle
from carecycle_client._spellings import _escaped
from carecycle_client.api.customers import update_customer_campaign_status as endpoint

from conformance.selftest.client.calls import SUCCESS, UPDATE

KEY = 'cc_Secret/Key+With"odd=1'
FIELDS: Any = {"customer_id": UPDATE.customer_id, "campaign_id": UPDATE.campaign_id, "status": "completed"}
SPELLED = {
    "as it is": KEY,
    "upper case": KEY.upper(),
    "swapped case": KEY.swapcase(),
    "percent": quote(KEY, safe=""),
    "percent, lower case": quote(KEY, safe="").lower(),
    "percent, but for slashes": quote(KEY),
    "form": quote_plus(KEY),
    "percent, twice": quote(quote(KEY, safe=""), safe=""),
    "JSON": json.dumps(KEY)[1:-1],
    "JSON, twice": json.dumps(json.dumps(KEY))[1:-1],
    "JSON, slashes escaped": KEY.replace("/", "\\/"),
    "JSON, all escaped": "".join(f"\\u{ord(one):04x}" for one in KEY),
    "HTML": html.escape(KEY),
    "HTML, numbers": "".join(f"&#{ord(one)};" for one in KEY),
    "HTML, hexadecimal": "".join(f"&#x{ord(one):02X};" for one in KEY),
    "base64": b64encode(KEY.encode()).decode(),
    "base64 for URLs": urlsafe_b64encode(KEY.encode()).decode(),
    "base64 of a user and the key": b64encode(f"u:{KEY}".encode()).decode(),
    "base64 of the key and a colon": b64encode(f"{KEY}:".encode()).decode(),
    "hexadecimal": KEY.encode().hex(),
}
RESPONSES: dict[str, Callable[[str], httpx2.Response]] = {
    "success": lambda text: httpx2.Response(200, json={**SUCCESS, "previousStatus": f"a {text} b"}),
    "error": lambda text: httpx2.Response(404, json={"message": f"a {text} b", "code": text}),
    "page": lambda text: httpx2.Response(502, content=f"<p>{text}</p>"),
    "header": lambda text: httpx2.Response(404, headers={"X-Echo": text, "X-Request-Id": text}, json={}),
}


def asyncio_facade(**settings: Any) -> Any:  # noqa: ANN401 - those of a client, to a model
    """Call the asynchronous facade."""

    async def work() -> Any:  # noqa: ANN401 - as above
        async with AsyncCareCycle(**settings) as carecycle:
            return await carecycle.customers.update_campaign_status(**FIELDS)

    return asyncio.run(work())


CALLS: dict[str, Callable[..., Any]] = {
    "facade": lambda **settings: CareCycle(**settings).customers.update_campaign_status(**FIELDS),
    "asynchronous facade": asyncio_facade,
    "sync": lambda **settings: endpoint.sync(client=AuthenticatedClient(**settings), body=UPDATE),
    "asyncio": lambda **settings: asyncio.run(
        endpoint.asyncio(client=AuthenticatedClient(**settings), body=UPDATE)
    ),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("spelled", SPELLED)
def test_echo_is_masked_however_it_is_spelled(spelled: str, call: str) -> None:
    """Neither model nor error has the key, in a body, a page, a header or a traceback."""
    text = SPELLED[spelled]
    shown: list[str] = []
    for response in RESPONSES.values():
        transport = httpx2.MockTransport(lambda _, response=response: response(text))
        try:
            shown.append(repr(CALLS[call](token=KEY, max_retries=0, httpx_args={"transport": transport})))
        except Exception as error:  # noqa: BLE001 - whatever it is
            shown += [*traceback.format_exception(error), repr(vars(error)), repr(error)]
            headers: Any = getattr(error, "headers", None)
            shown.append(repr(dict(headers or {})))
    whole = "\n".join(shown)
    assert 4 <= len(shown)
    assert "***" in whole
    assert [] == [one for one in (text, text.lower(), KEY, KEY.lower()) if one in whole]


def test_pattern_of_a_key_repeats_nothing_without_a_bound() -> None:
    """No text that a server makes up is slow to search."""
    unbounded = re.findall(r"(?<!\\)[*+]|,\}", _escaped(KEY).pattern)
    assert [] == unbounded
