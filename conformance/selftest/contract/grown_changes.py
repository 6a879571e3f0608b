"""Changes of a larger contract, with parameters, headers and unions, each with the verdict of a person."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.selftest.changed_contract import REMOVED, edit
from conformance.selftest.grown_contract import with_everything
from scripts.contract import facts
from scripts.contract.changes import Direction, Effect
from scripts.contract.findings import lookup

Edits = tuple[tuple[str, Any], ...]

PATCH = facts.OPERATION
CUSTOMERS = "/paths/~1v2~1customers~1{customerId}"
GET = f"{CUSTOMERS}/get"
CALLS = "/paths/~1v2~1calls"
POST = f"{CALLS}/post"
DELETE = "/paths/~1v2~1calls~1{callId}/delete"
PARAMETERS = f"{GET}/parameters"
VIEW, TAG, TRACE, LIMIT = (f"{PARAMETERS}/{index}" for index in (1, 2, 3, 4))
TOTAL = f"{GET}/responses/200/headers/X-Total"
SCHEMAS = "/components/schemas"
CUSTOMER = f"{SCHEMAS}/Customer"
CONTACT = f"{CUSTOMER}/properties/contact"
PLAN = f"{SCHEMAS}/CallPlan"
PLANNED = f"{POST}/requestBody/content/application~1json/schema"
SCHEMES = "/components/securitySchemes"
BEARER = {"type": "http", "scheme": "bearer"}

MORE_PARAMETERS = [
    {"name": "tag", "in": "query", "explode": True, "schema": {"type": "array", "items": {"type": "string"}}},
    {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100, "default": 20}},
]
MORE_PROPERTIES = {
    "kind": {"type": "string", "enum": ["a", "b"]},
    "parent": {"$ref": f"#{CUSTOMER}"},
    "since": {"type": "string", "format": "date"},
    "contact": {"oneOf": [{"$ref": f"#{SCHEMAS}/Phone"}, {"$ref": f"#{SCHEMAS}/Mail"}]},
}
MORE_SCHEMAS = {
    name: {"type": "object", "required": [name.lower()], "properties": {name.lower(): {"type": "string"}}}
    for name in ("Phone", "Mail")
}


def large() -> dict[str, Any]:
    """Our contract with three operations, and with more kinds of parameters, headers and schemas."""
    raw = with_everything()
    lookup(raw, PARAMETERS).extend(copy.deepcopy(MORE_PARAMETERS))
    lookup(raw, CUSTOMER)["properties"] |= copy.deepcopy(MORE_PROPERTIES)
    raw["components"]["schemas"] |= copy.deepcopy(MORE_SCHEMAS)
    lookup(raw, f"{GET}/responses/200")["headers"] = {
        "X-Total": {"required": True, "schema": {"type": "integer"}}
    }
    return raw


LARGE = large()


@dataclass(frozen=True)
class Edited:
    """A change of the larger contract, with all that the comparison has to find."""

    name: str
    edits: Edits
    expected: tuple[tuple[Effect, Direction, str], ...]
    first: Edits = ()
    """Edits of the contract before the change."""

    def contracts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The contract before and after the change."""
        before = edit(LARGE, self.first)
        return before, edit(before, self.edits)


def at(pointer: str) -> Any:  # noqa: ANN401 - a JSON value
    """What the larger contract has at a pointer."""
    return lookup(LARGE, pointer)


def breaking(direction: Direction, pointer: str) -> tuple[Effect, Direction, str]:
    """A change that breaks clients."""
    return "breaking", direction, pointer


def warning(direction: Direction, pointer: str) -> tuple[Effect, Direction, str]:
    """A change that may require a change of clients."""
    return "warning", direction, pointer


def compatible(direction: Direction, pointer: str) -> tuple[Effect, Direction, str]:
    """A change that clients need not notice."""
    return "compatible", direction, pointer


def documentation(pointer: str) -> tuple[Effect, Direction, str]:
    """A change of prose."""
    return "documentation", "neither", pointer


def parameters() -> Iterator[Edited]:
    """Changes of parameters."""
    yield Edited("renamed", ((f"{VIEW}/name", "show"),), (breaking("request", f"{VIEW}/name"),))
    yield Edited("moved to a header", ((f"{VIEW}/in", "header"),), (breaking("request", f"{VIEW}/in"),))
    yield Edited("removed", ((TAG, REMOVED),), (breaking("request", TAG),))
    yield Edited(
        "removed, and the next one narrowed",
        ((TAG, REMOVED), (f"{TRACE}/schema/maximum", 50)),
        (breaking("request", TAG), breaking("request", f"{TRACE}/schema/maximum")),
    )
    new = {"name": "zone", "in": "query", "schema": {"type": "string"}}
    yield Edited(
        "inserted", ((PARAMETERS, [new, *at(PARAMETERS)]),), (compatible("request", f"{PARAMETERS}/0"),)
    )
    yield Edited("reordered", ((PARAMETERS, at(PARAMETERS)[::-1]),), ())
    yield Edited(
        "moved into the components",
        (("/components/parameters", {"View": at(VIEW)}), (VIEW, {"$ref": "#/components/parameters/View"})),
        (compatible("neither", VIEW),),
    )
    yield Edited(
        "required in the components",
        (("/components/parameters/View/required", True),),
        (breaking("request", "/components/parameters/View/required"),),
        (("/components/parameters", {"View": at(VIEW)}), (VIEW, {"$ref": "#/components/parameters/View"})),
    )
    yield Edited("required", ((f"{VIEW}/required", True),), (breaking("request", f"{VIEW}/required"),))
    yield Edited(
        "optional as before", ((f"{VIEW}/required", False),), (compatible("neither", f"{VIEW}/required"),)
    )
    yield Edited("explode off", ((f"{TAG}/explode", False),), (breaking("request", f"{TAG}/explode"),))
    yield Edited(
        "explode by default", ((f"{TAG}/explode", REMOVED),), (compatible("neither", f"{TAG}/explode"),)
    )
    yield Edited("style by default", ((f"{VIEW}/style", "form"),), (compatible("neither", f"{VIEW}/style"),))
    content = {"application/json": {"schema": {"type": "string"}}}
    yield Edited(
        "sent as JSON",
        ((VIEW, {"name": "view", "in": "query", "content": content}),),
        (breaking("request", f"{VIEW}/content"),),
    )
    yield Edited(
        "letter case of a header", ((f"{TRACE}/name", "x-trace"),), (compatible("neither", f"{TRACE}/name"),)
    )
    yield Edited(
        "deprecated", ((f"{VIEW}/deprecated", True),), (compatible("request", f"{VIEW}/deprecated"),)
    )
    yield Edited(
        "described", ((f"{VIEW}/description", "How much."),), (documentation(f"{VIEW}/description"),)
    )
    yield Edited(
        "default", ((f"{LIMIT}/schema/default", 10),), (warning("request", f"{LIMIT}/schema/default"),)
    )
    yield Edited(
        "name in the path",
        (
            ("/paths/~1v2~1customers~1{id}", {"get": at(GET)}),
            ("/paths/~1v2~1customers~1{id}/get/parameters/0/name", "id"),
            (CUSTOMERS, REMOVED),
        ),
        (warning("request", "/paths/~1v2~1customers~1{id}/get/parameters/0/name"),),
    )


def operations() -> Iterator[Edited]:
    """Changes of operations, their bodies and their responses."""
    yield Edited(
        "deprecated", ((f"{PATCH}/deprecated", True),), (compatible("request", f"{PATCH}/deprecated"),)
    )
    yield Edited("removed", ((CUSTOMERS, REMOVED),), (breaking("both", GET),))
    yield Edited(
        "method", ((f"{CALLS}/put", at(POST)), (POST, REMOVED)), (breaking("request", f"{CALLS}/put"),)
    )
    yield Edited(
        "final slash",
        ((f"{CALLS}~1", at(CALLS)), (CALLS, REMOVED)),
        (breaking("request", f"{CALLS}~1/post"),),
    )
    yield Edited("id", ((f"{PATCH}/operationId", "set"),), (warning("request", f"{PATCH}/operationId"),))
    yield Edited("tag", ((f"{PATCH}/tags", ["Calls"]),), (documentation(f"{PATCH}/tags"),))
    yield Edited(
        "schema with another name",
        ((f"{SCHEMAS}/Plan", at(PLAN)), (PLANNED, {"$ref": f"#{SCHEMAS}/Plan"}), (PLAN, REMOVED)),
        (compatible("neither", f"{PLANNED}/$ref"),),
    )
    yield Edited(
        "one of two bodies",
        ((PLANNED, {"oneOf": [{"$ref": f"#{PLAN}"}, {"$ref": f"#{SCHEMAS}/Phone"}]}),),
        (compatible("request", f"{PLANNED}/oneOf"),),
    )
    yield Edited(
        "another status for success",
        ((f"{POST}/responses/200", at(f"{POST}/responses/201")), (f"{POST}/responses/201", REMOVED)),
        (breaking("response", f"{POST}/responses/201"), warning("response", f"{POST}/responses/200")),
    )
    body = {"application/json": {"schema": {"type": "object"}}}
    yield Edited(
        "content where none was",
        ((f"{DELETE}/responses/204/content", body),),
        (warning("response", f"{DELETE}/responses/204/content/application~1json"),),
    )
    yield Edited(
        "response for all else",
        ((f"{GET}/responses/default", {"description": "Else."}),),
        (warning("response", f"{GET}/responses/default"),),
    )
    yield Edited(
        "header removed", ((f"{GET}/responses/200/headers", REMOVED),), (breaking("response", TOTAL),)
    )
    yield Edited(
        "header optional", ((f"{TOTAL}/required", False),), (breaking("response", f"{TOTAL}/required"),)
    )
    yield Edited(
        "header required",
        ((f"{TOTAL}/required", True),),
        (compatible("response", f"{TOTAL}/required"),),
        ((f"{TOTAL}/required", REMOVED),),
    )
    yield Edited(
        "type of a header",
        ((f"{TOTAL}/schema/type", "string"),),
        (breaking("response", f"{TOTAL}/schema/type"),),
    )
    yield Edited(
        "property of itself",
        ((f"{CUSTOMER}/properties/parent", REMOVED),),
        (breaking("response", f"{CUSTOMER}/properties/parent"),),
    )
    yield Edited(
        "alternative added",
        ((f"{CONTACT}/oneOf", [{"type": "object"}, *at(f"{CONTACT}/oneOf")]),),
        (breaking("response", f"{CONTACT}/oneOf"),),
    )
    yield Edited(
        "alternative removed",
        ((f"{CONTACT}/oneOf/1", REMOVED),),
        (compatible("response", f"{CONTACT}/oneOf"),),
    )
    yield Edited(
        "property of an alternative",
        ((f"{SCHEMAS}/Mail/properties/cc", {"type": "string"}),),
        (compatible("response", f"{SCHEMAS}/Mail/properties/cc"),),
    )
    yield Edited(
        "format that is read",
        ((f"{CUSTOMER}/properties/since/format", "date-time"),),
        (breaking("response", f"{CUSTOMER}/properties/since/format"),),
    )
    yield Edited(
        "what is sent and what is read",
        ((f"{SCHEMAS}/Uuid/pattern", "^[a-f]+$"),),
        (breaking("both", f"{SCHEMAS}/Uuid/pattern"),),
    )


def access() -> Iterator[Edited]:
    """Changes of servers, keys and limits."""
    other = [{"url": "https://files.example.org"}]
    yield Edited(
        "server of an operation", ((f"{PATCH}/servers", other),), (breaking("request", f"{PATCH}/servers"),)
    )
    yield Edited(
        "server of a path", ((f"{CALLS}/servers", other),), (breaking("request", f"{CALLS}/servers"),)
    )
    yield Edited(
        "same server again",
        ((f"{PATCH}/servers", at("/servers")),),
        (compatible("neither", f"{PATCH}/servers"),),
    )
    yield Edited(
        "second server", (("/servers", [*at("/servers"), *other]),), (compatible("neither", "/servers"),)
    )
    yield Edited(
        "variable of a server",
        (("/servers/0/variables/region/default", "eu"),),
        (breaking("request", "/servers/0/variables"),),
        (
            ("/servers/0/url", "https://{region}.example.org"),
            ("/servers/0/variables", {"region": {"default": "us"}}),
        ),
    )
    bearer = (f"{SCHEMES}/bearer", BEARER)
    yield Edited(
        "other scheme", (bearer, ("/security", [{"bearer": []}])), (breaking("request", "/security"),)
    )
    yield Edited(
        "either scheme",
        (bearer, ("/security", [{"apiKey": []}, {"bearer": []}])),
        (compatible("request", "/security"),),
    )
    yield Edited(
        "both schemes",
        (bearer, ("/security", [{"apiKey": [], "bearer": []}])),
        (breaking("request", "/security"),),
    )
    yield Edited("scope", (("/security", [{"apiKey": ["write"]}]),), (breaking("request", "/security"),))
    yield Edited(
        "no key needed", (("/security", [{"apiKey": []}, {}]),), (compatible("request", "/security"),)
    )
    yield Edited(
        "key needed",
        ((f"{DELETE}/security", REMOVED),),
        (breaking("request", f"{DELETE}/security"),),
        ((f"{DELETE}/security", []),),
    )
    yield Edited(
        "scheme with another name",
        ((SCHEMES, {"key": at(f"{SCHEMES}/apiKey")}), ("/security", [{"key": []}])),
        (compatible("neither", "/security"),),
    )
    plain = {name: value for name, value in at(f"{SCHEMES}/apiKey").items() if name in {"type", "in", "name"}}
    yield Edited(
        "type of a scheme",
        ((f"{SCHEMES}/apiKey", BEARER),),
        (breaking("request", f"{SCHEMES}/apiKey/type"),),
        ((f"{SCHEMES}/apiKey", plain),),
    )
    yield Edited(
        "key in the query",
        ((f"{SCHEMES}/apiKey/in", "query"),),
        (breaking("request", f"{SCHEMES}/apiKey/in"),),
    )
    yield Edited(
        "fewer requests at once",
        (("/x-rate-limit", {"requests": 1, "seconds": 1}),),
        (warning("request", "/x-rate-limit/requests"),),
    )
    yield Edited(
        "longer window", (("/x-rate-limit/seconds", 90),), (warning("request", "/x-rate-limit/seconds"),)
    )
    yield Edited(
        "why of a rule", (("/x-rules/HTTP-05/why", "So."),), (documentation("/x-rules/HTTP-05/why"),)
    )
    yield Edited("webhook", (("/webhooks", {}),), (compatible("neither", "/webhooks"),))


AREAS = {"parameters": parameters, "operations": operations, "access": access}
CHANGES = {f"{area}: {one.name}": one for area, rows in AREAS.items() for one in rows()}
