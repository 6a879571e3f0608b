"""What a hostile target can send: any status and body, with the keys of the run in any spelling."""

import json
from urllib.parse import quote

from hypothesis import strategies as st

from conformance.selftest.exchanges import OPERATION

KEY, RESTRICTED_KEY = 'cc_Canary"7Qz9/Lm2X<w8', "cc_Restricted~Canary4Vb6"
STATUSES = [*OPERATION.responses, 201, 204, 301, 302, 405, 409, 413, 415, 418, 502, 503, 599, 999]


def spellings(key: str) -> list[str]:
    """A key as a target could send it."""
    escaped = "".join(f"\\u{ord(each):04x}" for each in key)
    referenced = "".join(f"&#{ord(each)};" for each in key)
    return [
        key,
        key.upper(),
        key[:-1],
        key[2:],
        quote(key, safe=""),
        json.dumps(key)[1:-1],
        escaped,
        referenced,
    ]


KEYS = st.sampled_from([*spellings(KEY), *spellings(RESTRICTED_KEY)])
TEXTS = (
    st.text(max_size=30)
    | KEYS
    | st.sampled_from(["::error::", "\x1b[2J", "\r\nCONFORMS", "\u202e", "NOT_FOUND"])
)
DOCUMENTED = {status: each.example for status, each in OPERATION.responses.items()}


@st.composite
def contents(draw: st.DrawFn, status: int) -> bytes:
    """A body: the documented one with any text in it, other JSON, bytes, a page, or a very long one."""
    kind = draw(st.sampled_from(["documented", "documented", "json", "bytes", "page", "long", "deep"]))
    if kind == "documented":
        value = dict(DOCUMENTED.get(status) or {"message": "m", "code": "c"})
        value[draw(st.sampled_from(sorted(value)))] = draw(
            TEXTS | st.none() | st.integers() | st.lists(TEXTS)
        )
        return json.dumps(value).encode()
    if kind == "json":
        return json.dumps(
            draw(st.dictionaries(TEXTS, TEXTS, max_size=3) | st.lists(TEXTS, max_size=3))
        ).encode()
    if kind == "page":
        return f"<html>{draw(TEXTS)}</html>".encode("utf-8", "replace")
    if kind == "long":
        return (draw(TEXTS).encode("utf-8", "replace") or b"x") * 200
    return b"[" * 3000 if kind == "deep" else draw(st.binary(max_size=60))


def assert_no_key(*texts: str) -> None:
    """No text has a key in any spelling."""
    for text in texts:
        assert not [
            each for key in (KEY, RESTRICTED_KEY) for each in spellings(key) if each.lower() in text.lower()
        ]
