"""Faults in which a request makes the server fail."""

import json
import re
from typing import Any

from ..behaviour import Call
from .bodies import FIELDS
from .changes import CallTest, refuses, refuses_otherwise
from .fault import Change, Fault


def fails(when: CallTest) -> Change:
    """Answer with a 500, once the key is known."""
    return refuses(when, 500, after="rate")


def repeats_property(call: Call) -> bool:
    """Bodies with a property that is given twice."""
    twice = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        twice.append(len(pairs) > len({name for name, _ in pairs}))

    try:
        json.loads(call.body, object_pairs_hook=note)
    except (ValueError, RecursionError):
        return False
    return any(twice)


CRASHES = (
    Fault(
        "fails_on_malformed_json",
        "HTTP-03",
        "A body that is not JSON is answered with a 500.",
        refuses_otherwise("json", 500),
        also=("BODY-03",),
    ),
    Fault(
        "fails_on_an_empty_body",
        "HTTP-03",
        "An empty body is answered with a 500.",
        fails(lambda call: not call.body),
        also=("BODY-03",),
    ),
    Fault(
        "fails_on_deep_nesting",
        "HTTP-03",
        "A body nested deeper than 100 levels is answered with a 500.",
        fails(lambda call: call.body.count(b"[") + call.body.count(b"{") > 100),
        also=("BODY-02", "BODY-06", "RESPONSE-05"),
    ),
    Fault(
        "fails_on_null",
        "HTTP-03",
        "A body with a null in it is answered with a 500.",
        fails(lambda call: b"null" in call.body),
        also=("ID-07", "STATUS-04", "BODY-02", "BODY-06", "RESPONSE-05"),
    ),
    Fault(
        "fails_on_a_list",
        "HTTP-03",
        "A body that is a list is answered with a 500.",
        fails(lambda call: call.body.lstrip().startswith(b"[")),
        also=("BODY-06", "RESPONSE-05"),
    ),
    Fault(
        "fails_on_long_ids",
        "HTTP-03",
        "A body with more than 100 characters in a row is answered with a 500.",
        fails(lambda call: re.search(rb"[\w-]{101}", call.body) is not None),
        also=("ID-06", "STATUS-04", "BODY-02", "RESPONSE-05"),
    ),
    Fault(
        "fails_on_a_large_body",
        "HTTP-03",
        "A body of more than 10,000 bytes is answered with a 500.",
        fails(lambda call: len(call.body) > 10_000),
        also=("BODY-02", "BODY-06", "ID-06", "RESPONSE-05"),
    ),
    Fault(
        "fails_on_a_lone_surrogate",
        "HTTP-03",
        "A body with an escaped surrogate is answered with a 500.",
        fails(lambda call: re.search(rb"\\u[dD][89a-fA-F]", call.body) is not None),
        also=("BODY-02", "ID-06", "STATUS-04", "RESPONSE-05"),
    ),
    Fault(
        "fails_on_a_null_character",
        "HTTP-03",
        "A body with an escaped null character is answered with a 500.",
        fails(lambda call: b"\\u0000" in call.body),
        also=("BODY-02", "ID-06", "STATUS-04", "RESPONSE-05"),
    ),
    Fault(
        "fails_on_a_huge_number",
        "HTTP-03",
        "A body with a number of more than 30 digits is answered with a 500.",
        fails(lambda call: re.search(rb"\d{31}|\d[eE]\d{3}", call.body) is not None),
        also=("BODY-02", "BODY-06", "ID-07", "RESPONSE-05"),
    ),
    Fault(
        "fails_on_a_repeated_property",
        "HTTP-03",
        "A property that is given twice is answered with a 500.",
        fails(repeats_property),
    ),
    Fault(
        "fails_on_a_byte_order_mark",
        "HTTP-03",
        "A body with a byte order mark is answered with a 500.",
        fails(lambda call: call.body.startswith(b"\xef\xbb\xbf")),
        also=("BODY-03",),
    ),
    Fault(
        "fails_on_a_missing_field",
        "HTTP-03",
        "A body that lacks a field is answered with a 500.",
        refuses(
            lambda call: isinstance(call.json, dict) and not call.json.keys() >= set(FIELDS),
            500,
            after="json",
        ),
        also=("BODY-01", "RESPONSE-05"),
        unseen=True,
    ),
    Fault(
        "fails_on_an_unknown_enrollment",
        "HTTP-03",
        "An unknown enrollment is answered with a 500.",
        refuses_otherwise("lookup", 500),
        also=("LOOKUP-02",),
        unseen=True,
    ),
    Fault(
        "fails_on_a_status_with_parts",
        "HTTP-03",
        "A status that is a list or an object is answered with a 500.",
        refuses(lambda call: isinstance(call.value("status"), list | dict), 500, after="json"),
        also=("STATUS-04", "RESPONSE-05"),
        unseen=True,
    ),
    Fault(
        "fails_on_a_query",
        "HTTP-03",
        "A path with a query is answered with a 500.",
        fails(lambda call: bool(call.query)),
        unseen=True,
    ),
    Fault(
        "fails_on_a_body_that_is_null",
        "HTTP-03",
        "A body that is null is answered with a 500.",
        refuses(lambda call: call.json is None, 500, after="json"),
        also=("BODY-06", "RESPONSE-05"),
        unseen=True,
    ),
)
