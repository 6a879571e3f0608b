"""What the screening distinguishes, by the stage at which a server decides it, with what each row costs.

A server checks a request in stages and rejects it at the first defect. So a request tests one defect, with
three exceptions: a rejection names each wrong field, what must be accepted can be combined, and the order of
two stages shows in which of two defects is rejected.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from . import changes
from .cases import RESTRICTED
from .slots import SLOTS, STATUSES, kind, slot_rules
from .strategies import FORM, NOT_JSON, REWRITTEN, UNDOCUMENTED, UNKNOWN_STATUSES


class Stage(Enum):
    """Where a server decides about a request, in the order in which it does."""

    ROUTE = auto()
    KEY = auto()
    PERMISSION = auto()
    MEDIA_TYPE = auto()
    PARSE = auto()
    TOP = auto()
    """Whether the JSON value is an object."""
    FIELDS = auto()
    ACCEPTED = auto()
    """Nothing is wrong: the ids are looked up."""


class Cost(Enum):
    """What it costs to test a distinction."""

    REQUEST = auto()
    """A request: it is rejected for this, or would be."""
    SLOT = auto()
    """A field of a request that is rejected for its fields: the rejection names each."""
    RIDE = auto()
    """Nothing: a request of the stage has it beside what that request tests."""
    CRASH = auto()
    """A part of one request: only a 5xx is wrong. If that request is rejected, each is sent alone."""


@dataclass(frozen=True, slots=True)
class Distinction:
    """Something that a server may decide wrongly."""

    name: str
    stage: Stage
    cost: Cost
    sets: Mapping[str, Any]
    """The parts of a `Probe` that it takes."""
    rules: tuple[str, ...] = ()


@dataclass
class _Rows:
    """The rows of the table, as they are added."""

    rows: list[Distinction] = field(default_factory=list)

    def add(
        self,
        stage: Stage,
        *rules: str,
        cost: Cost = Cost.REQUEST,
        rows: Mapping[str, Mapping[str, Any]] | None = None,
        **named: Mapping[str, Any],
    ) -> None:
        """Add rows of a stage: the parts that each takes, by its name."""
        for name, sets in {**(rows or {}), **named}.items():
            self.rows.append(Distinction(name.replace("_", "-"), stage, cost, sets, rules))


def behind(end: str) -> Mapping[str, Any]:
    """Something behind the path."""
    return {"path": lambda path: path + end}


def key(change: Callable[[str], str | bytes]) -> Mapping[str, Any]:
    """Another value of the key header."""
    return {"key": change}


def text(change: Callable[[bytes], bytes]) -> Mapping[str, Any]:
    """Another text of the body."""
    return {"spoil": change}


_table = _Rows()
_table.add(
    Stage.ROUTE,
    "HTTP-01",
    "HTTP-02",
    suffix=behind(".json"),
    post={"method": "POST", "headers": {"x-http-method-override": "PATCH"}},
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
    "AUTH-02",
    "AUTH-04",
    key_cut_short=key(lambda key: key[:-1]),
    key_among_others=key(lambda key: f"{key}, {key[:3]}0"),
    key_in_other_case=key(lambda key: key[:3] + key[3:].swapcase()),
    empty_key=key(lambda _: ""),
    key_without_prefix=key(lambda key: key[3:]),
    bearer_key=key(lambda key: f"Bearer {key}"),
    long_key=key(lambda key: key + "0" * 4000),
    key_beyond_ascii=key(lambda key: f"{key}ü".encode()),
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
    "AUTH-07",
    restricted_unknown_ids={"key": RESTRICTED, "new": "campaignId"},
    restricted_no_fields={"key": RESTRICTED, "change": lambda _: {}},
    restricted_not_terminal={"key": RESTRICTED, "status": "pending"},
    restricted_not_json={"key": RESTRICTED, **text(NOT_JSON["truncated"])},
)
_table.add(
    Stage.MEDIA_TYPE,
    "BODY-04",
    form_as_such={"media_type": FORM, **text(NOT_JSON["form"])},
    json_patch={"media_type": "application/json-patch+json"},
    form_type={"media_type": FORM},
    xml={"media_type": "application/xml"},
    bytes={"media_type": "application/octet-stream"},
)
_table.add(
    Stage.PARSE,
    "BODY-03",
    "HTTP-03",
    rows={
        name: text(NOT_JSON[name])
        for name in (
            *(
                "utf-16",
                "empty",
                "nan",
                "trailing-junk",
                "single-quotes",
                "form",
                "trailing-comma",
                "line-end-in-a-string",
            ),
            *("invalid-utf-8", "truncated", "word"),
        )
    },
)
_table.add(
    Stage.PARSE,
    "HTTP-03",
    "HTTP-05",
    cost=Cost.CRASH,
    property_twice=text(UNDOCUMENTED["property-twice"]),
    lone_surrogate=text(UNDOCUMENTED["lone-surrogate"]),
    prototype=text(UNDOCUMENTED["prototype"]),
    depth_150=text(changes.nested(150)),
    depth_500=text(changes.nested(500)),
    size_12_kb=text(changes.of_size(12_000)),
    size_60_kb=text(changes.of_size(60_000)),
    size_120_kb=text(changes.of_size(120_000)),
    query={"query": lambda _: {"page": "1"}},
    unknown_charset={"media_type": "application/json; charset=x-unknown"},
)
_table.add(Stage.PARSE, "HTTP-03", "HTTP-05", byte_order_mark=text(UNDOCUMENTED["byte-order-mark"]))
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
    _table.rows.append(
        Distinction(
            f"{_customer}-{_campaign}-{_status}",
            Stage.FIELDS,
            Cost.SLOT,
            {
                "ids": (kind(_customer), kind(_campaign)),
                "status": STATUSES[_status],
                **({"change": changes.with_another_name} if _status == "missing" else {}),
            },
            (
                *slot_rules(_customer),
                *slot_rules(_campaign),
                *("STATUS-04", "RESPONSE-04", "RESPONSE-05", "RESPONSE-06"),
            ),
        )
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
_table.add(
    Stage.ACCEPTED,
    "BODY-07",
    cost=Cost.RIDE,
    white_space=text(REWRITTEN["white-space"]),
    other_order=text(REWRITTEN["other-order"]),
    escapes=text(REWRITTEN["escapes"]),
)
_table.add(
    Stage.ACCEPTED,
    "BODY-05",
    cost=Cost.RIDE,
    charset={"media_type": "application/json; charset=utf-8"},
    charset_beyond_ascii={
        "media_type": "application/json; charset=utf-8",
        "change": changes.with_an_answer,
        "spoil": changes.unescaped,
    },
)
_table.add(
    Stage.ACCEPTED,
    "BODY-02",
    cost=Cost.RIDE,
    fields_of_the_response={"change": changes.with_an_answer},
    many_fields={"change": changes.with_notes},
    every_type_depth_50_and_1_kb={"change": changes.with_every_type},
)
_table.add(
    Stage.ACCEPTED,
    "HTTP-04",
    cost=Cost.RIDE,
    browser={"headers": {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}},
    problem={"headers": {"accept": "application/problem+json, */*"}},
    any_media_type={"headers": {"accept": "*/*"}},
)
TABLE: Sequence[Distinction] = tuple(_table.rows)
"""Every distinction, of each stage the one first that finds most."""
