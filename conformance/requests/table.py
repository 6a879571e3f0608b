"""The table of what the screening distinguishes. Each row costs a request or less.

The first row of a stage is sent in the chain of updates, where it names an enrollment that is updated before
and after it. Then comes the row that finds most, and so on.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..contract import document
from . import changes
from .cases import RESTRICTED
from .distinctions import Cost, Distinction, Rows, Stage
from .probe import PLAIN, UPDATED
from .slots import KINDS, SLOTS, STATUSES, kind, slot_rules
from .statuses import non_terminal_statuses, statuses, terminal_statuses
from .strategies import FORM, NOT_JSON, REWRITTEN, UNDOCUMENTED, UNKNOWN_STATUSES, Kind, nested, of_size

FOUND = ("ID-01", "ID-02", "ID-03", "STATUS-01", "LOOKUP-01", "LOOKUP-02", "LOOKUP-03")
"""The rules that a request with valid ids of some kinds tests."""
ENROLLED: Mapping[int, tuple[str, str]] = {
    1: ("variant-9", "version-1+variant-b"),
    2: ("version-1+variant-a", "version-8"),
    3: ("version-2+variant-b", "version-6+variant-b"),
    4: ("version-3", "version-7+variant-9"),
    5: ("version-5+variant-9", "max"),
    6: ("version-6+variant-a", "nil"),
    7: ("version-7", "version-3+variant-b"),
    8: ("version-8", "version-5+variant-9"),
    9: ("nil", "variant-a"),
    10: ("max", "version-2"),
}
"""The kinds of the ids of the mock's enrollments after the first. Other targets get new ids of them."""


def behind(end: str) -> Mapping[str, Any]:
    """Something behind the path."""
    return {"path": lambda path: path + end}


def key(change: Callable[[str], str | bytes]) -> Mapping[str, Any]:
    """Another value of the key header."""
    return {"key": change}


def text(change: Callable[[bytes], bytes]) -> Mapping[str, Any]:
    """Another text of the body."""
    return {"spoil": change}


def kinds_of(of: int) -> tuple[Kind, ...]:
    """The kinds of the ids of an enrollment; the first has nothing unusual about it."""
    return tuple(map(kind, ENROLLED.get(of, ())))


mixed, upper = (changes.with_ids(KINDS[name].make) for name in ("mixed-case", "upper-case"))
lower = changes.with_ids(str.lower)
OVERRIDE = {"x-http-method-override": "PATCH"}
UNKNOWN = "unknown"
"""The pair of new ids that is looked up twice: a server must not enroll what it did not find."""
AT_THE_LIMIT = {"of": 0, "at_the_limit": True}


_table = Rows()
_table.add(
    Stage.ROUTE,
    "HTTP-01",
    "HTTP-02",
    "HTTP-06",
    put={"method": "PUT", "headers": OVERRIDE},
    suffix=behind(".json"),
    post={"method": "POST", "headers": OVERRIDE},
    other_version={"path": lambda path: path.replace("/v2/", "/v3/")},
    get={"method": "GET"},
    one_more_step=behind("/x"),
    delete={"method": "DELETE"},
    bad_escape=behind("%zz"),
)
_table.add(
    Stage.ROUTE,
    "HTTP-03",
    final_slash=behind("/"),
    other_path_case={"path": str.title},
)
_table.add(
    Stage.KEY,
    "AUTH-01",
    "AUTH-03",
    "AUTH-04",
    key_elsewhere={"key": None, "key_elsewhere": True, "status": "failed"},
)
_table.add(
    Stage.KEY,
    "AUTH-02",
    "AUTH-04",
    key_cut_short=key(lambda key: key[:-1]),
    key_among_others=key(lambda key: f"{key}, {key[:3]}0"),
    key_in_other_case=key(lambda key: key[:3] + key[3:].swapcase()),
    empty_key=key(lambda _: ""),
    key_without_prefix=key(lambda key: key[3:]),
    bearer_key=key(lambda key: f"Bearer {key}"),
    long_key_beyond_ascii=key(lambda key: f"{key}{'0' * 4000}ü".encode()),
)
_WRONG_BEFORE: Mapping[str, Mapping[str, Any]] = {
    "no-fields": {"change": lambda _: {}},
    "not-terminal": {"status": "pending"},
    "unknown-ids": {"new": "campaignId"},
}
"""Defects that a server must not look at before the key and the permission."""
_table.add(Stage.KEY, "AUTH-04", cost=Cost.RIDE, rows=_WRONG_BEFORE)
_table.add(
    Stage.PERMISSION,
    "AUTH-05",
    "AUTH-06",
    "AUTH-07",
    restricted_key={"key": RESTRICTED, "status": "failed"},
    restricted_unknown_ids={"key": RESTRICTED, "new": "campaignId"},
    restricted_no_fields={"key": RESTRICTED, "change": lambda _: {}},
    restricted_not_terminal={"key": RESTRICTED, "status": "pending"},
    restricted_not_json={"key": RESTRICTED, **text(NOT_JSON["truncated"])},
)
_table.add(
    Stage.MEDIA_TYPE,
    "BODY-04",
    text={"media_type": "text/plain"},
    # JSON that is a form too: a server that takes either of the two from this media type finds the fields.
    form={"media_type": FORM, **text(changes.as_json_and_form)},
    json_patch={"media_type": "application/json-patch+json"},
    xml={"media_type": "application/xml"},
    bytes={"media_type": "application/octet-stream"},
)
_table.add(
    Stage.PARSE,
    "BODY-03",
    "HTTP-03",
    # A server that takes comments, ignores what follows the JSON value, or takes a form finds the fields.
    comment_with_a_form=text(changes.with_form_in_comment),
    utf_16=text(NOT_JSON["utf-16"]),
    empty=text(NOT_JSON["empty"]),
    nan=text(NOT_JSON["nan"]),
    line_end_in_a_string=text(NOT_JSON["line-end-in-a-string"]),
    single_quotes=text(NOT_JSON["single-quotes"]),
    trailing_comma=text(NOT_JSON["trailing-comma"]),
    truncated_behind_a_byte_order_mark=text(changes.truncated_behind_a_byte_order_mark),
    invalid_utf_8=text(NOT_JSON["invalid-utf-8"]),
    word=text(NOT_JSON["word"]),
)
_table.add(
    Stage.PARSE,
    "HTTP-03",
    "HTTP-05",
    cost=Cost.CRASH,
    property_twice=text(UNDOCUMENTED["property-twice"]),
    lone_surrogate=text(UNDOCUMENTED["lone-surrogate"]),
    prototype=text(UNDOCUMENTED["prototype"]),
    depth_150=text(nested(150)),
    depth_500=text(nested(500)),
    size_12_kb=text(of_size(12_000)),
    size_60_kb=text(of_size(60_000)),
    size_120_kb=text(UNDOCUMENTED["large"]),
    query={"query": lambda _: {"page": "1"}},
    unknown_charset={"media_type": "application/json; charset=x-unknown"},
)
_table.add(
    Stage.TOP,
    "BODY-06",
    "HTTP-03",
    list={"of": 0, **text(lambda text: b"[" + text + b"]")},
    null=text(lambda _: b"null"),
    text_of_json=text(changes.in_a_string),
    pairs=text(changes.as_pairs),
    number=text(lambda _: b"7"),
    true=text(lambda _: b"true"),
    empty_list=text(lambda _: b"[]"),
)
_table.add(
    Stage.FIELDS,
    "STATUS-04",
    "RESPONSE-04",
    "RESPONSE-05",
    unknown_status={"of": 0, "status": UNKNOWN_STATUSES["upper-case"]},
)
_table.add(
    Stage.FIELDS,
    "BODY-01",
    campaign_by_another_name={
        "of": 0,
        "change": changes.renamed("campaignId", "campaign_id"),
        "status": UNKNOWN_STATUSES["capitalised"],
    },
    customer_by_another_name={
        "of": 0,
        "change": changes.renamed("customerId", "customer_id"),
        "status": UNKNOWN_STATUSES["true"],
    },
)
for _customer, _campaign, _status in SLOTS:
    _table.add(
        Stage.FIELDS,
        *slot_rules(_customer),
        *slot_rules(_campaign),
        "STATUS-04",
        "RESPONSE-04",
        "RESPONSE-05",
        "RESPONSE-06",
        cost=Cost.SLOT,
        rows={
            f"{_customer}-{_campaign}-{_status}": {
                "ids": (kind(_customer), kind(_campaign)),
                "status": STATUSES[_status],
                **({"change": changes.with_another_name} if _status == "missing" else {}),
            }
        },
    )
_table.add(
    Stage.FIELDS,
    "BODY-01",
    campaign_by_query={
        "of": 0,
        "change": changes.without("campaignId"),
        "query": lambda body: {"campaignId": body["campaignId"]},
    },
)
_CONTRACT = document.load()
_STATUSES = statuses(_CONTRACT)
_LAST_TERMINAL = terminal_statuses(_CONTRACT)[-1]
# Those that the contract lists after the terminal ones come first: they sound final too.
_OTHERS = sorted(
    non_terminal_statuses(_CONTRACT),
    key=lambda status: _STATUSES.index(status) < _STATUSES.index(_LAST_TERMINAL),
)
_CARRIERS = (0, 0, 3, 6, 9, 7, 1)
"""The enrollments that requests with a status that is not terminal name, in turn."""


def not_terminal(shift: int) -> Mapping[str, Mapping[str, Any]]:
    """Each status that is not terminal, with the enrollment whose turn it is."""
    carriers = [_CARRIERS[(index - shift) % len(_CARRIERS)] for index in range(len(_OTHERS))]
    return {
        f"{status}-of-{of}": {"status": status, "of": of, "ids": kinds_of(of)}
        for status, of in zip(_OTHERS, carriers, strict=True)
    }


_REJECTED_STATUS = ("STATUS-02", "STATUS-03")
_table.add(Stage.STATUS, *_REJECTED_STATUS, rows=not_terminal(0))
_table.add(Stage.STATUS, "STATUS-03", not_terminal_of_unknown_ids={"status": _OTHERS[0]})
_table.add(Stage.STATUS, *_REJECTED_STATUS, rows=not_terminal((len(_CARRIERS) + 1) // 2))
_table.add(Stage.LOOKUP, "STATE-07", swapped={"of": 0, "change": changes.swapped, "status": "failed"})
_table.add(
    Stage.LOOKUP,
    *FOUND,
    new_campaign={**AT_THE_LIMIT, "new": "campaignId", "status": "failed", "ids": (PLAIN, kind("version-8"))},
    new_customer={**AT_THE_LIMIT, "new": "customerId", "ids": (kind("version-7+leading-zero"), PLAIN)},
    unknown_pair_in_upper_case={"pair": UNKNOWN, "change": upper},
)
_table.add(
    Stage.UPDATE,
    *UPDATED,
    *FOUND,
    rows={
        f"update-of-{of}-{status}": {"of": of, "status": status, "ids": kinds_of(of), "change": change}
        for of, status, change in (
            *((10, "completed", lower), (7, "failed", lower), (7, "completed", upper), (6, "failed", lower)),
            *((2, "completed", lower), (3, "failed", lower), (4, "completed", lower), (8, "failed", lower)),
            *((5, "completed", lower), (9, "completed", lower), (1, "completed", lower)),
        )
    },
)
_table.add(Stage.UPDATE, *UPDATED, update_at_last={"of": 0, "status": "failed", "again": True})
_table.add(
    Stage.UPDATE,
    "BODY-07",
    cost=Cost.RIDE,
    other_order=text(REWRITTEN["other-order"]),
    white_space=text(REWRITTEN["white-space"]),
    escapes=text(REWRITTEN["escapes"]),
)
_table.add(
    Stage.UPDATE,
    "BODY-05",
    cost=Cost.RIDE,
    charset={"media_type": "application/json; charset=utf-8"},
    charset_beyond_ascii={
        "media_type": "application/json; charset=utf-8",
        "change": changes.with_response_fields,
        "spoil": changes.unescaped,
    },
)
_table.add(
    Stage.UPDATE,
    "BODY-02",
    cost=Cost.RIDE,
    fields_of_the_response={"change": changes.with_response_fields},
    many_fields={"change": changes.with_notes},
    every_type_depth_50_and_1_kb={"change": changes.with_every_type},
)
_table.add(
    Stage.UPDATE,
    "HTTP-04",
    cost=Cost.RIDE,
    browser={"headers": {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}},
    problem={"headers": {"accept": "application/problem+json, */*"}},
    any_media_type={"headers": {"accept": "*/*"}},
)
TABLE: Sequence[Distinction] = tuple(_table.rows)
"""Every distinction, of each stage the one first that finds most."""
