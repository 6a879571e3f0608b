"""One request of the screening, put together from what it is about and what rides on it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from schemathesis import Case

from . import changes
from .access import Access
from .cases import FULL, RESTRICTED, Cases
from .request_class import ID_FIELDS, STATUS_FIELD
from .strategies import REWRITTEN, Json, Kind

ABSENT: Final = object()
"""Stands for a field that is left out."""
PLAIN: Final = Kind("plain", lambda id_: id_)
"""A new id with nothing unusual about it."""
UPDATED: Final = ("STATE-01", "STATE-02", "STATE-03", "STATE-05", "RESPONSE-01", "RESPONSE-02")
"""The rules that an update of an enrollment tests."""
KEY_NAMES: Final = ("api_key", "apiKey")
"""Other names under which careless servers look for a key."""


@dataclass(frozen=True)
class Probe:
    """One request."""

    name: str
    rules: Sequence[str]
    of: int | None = None
    """Which enrollment it names; None for new ids."""
    ids: Sequence[Kind] = ()
    """The kinds of new ids; without `of`, or for an update if the target lacks that enrollment."""
    status: Json = "completed"
    change: Callable[[changes.Body], changes.Body] = dict
    """What happens to the body."""
    spoil: Callable[[bytes], bytes] = bytes
    """What happens to its JSON text."""
    new: str | None = None
    """Which id is a new one, though the other names an enrollment."""
    key: Callable[[str], str | bytes] | str | None = FULL
    key_elsewhere: bool = False
    """Whether the key is sent in every place where it does not belong."""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Callable[[changes.Body], Mapping[str, str]] | None = None
    media_type: str = "application/json"
    method: str = "PATCH"
    path: Callable[[str], str] = str
    at_the_limit: bool = False
    """Whether it is sent where the target shows its rate limit, and counts there."""
    again: bool = False
    """Whether it updates an enrollment again: the one that was updated last, if a status is final."""
    pair: str | None = None
    """Probes of the same pair name the same new ids."""
    alone: Sequence["Probe"] = ()
    """What is sent if it is rejected: a request for each thing that it tests. One hides the others."""
    below: int | None = None
    """It is sent only to targets with fewer enrollments than this."""

    @property
    def needs(self) -> list[str]:
        """What it needs of a target."""
        needs = ["restricted_key"] if self.key == RESTRICTED else []
        needs += ["swap_ids"] if self.change is changes.swapped else []
        return needs + (["prefer"] if "prefer" in self.headers else [])

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong with its body, and the body names an enrollment."""
        names_one = self.of is not None and self.new is None
        means_the_same = self.spoil in {bytes, *REWRITTEN.values()}
        return names_one and means_the_same and self.status in {"completed", "failed"}

    def tested_rules(self, access: Access) -> tuple[str, ...]:
        """The rules that it tests: without an enrollment, none about the update of one."""
        of_updates = () if access.enrollments else (*UPDATED, "STATE-07")
        return tuple(rule for rule in self.rules if rule not in of_updates)

    def is_sent_to(self, access: Access) -> bool:
        """Whether it tests anything of a target that has these enrollments."""
        return self.below is None or len(access.enrollments) < self.below

    def case(self, cases: Cases) -> Case[Any]:
        """Its request to a target."""
        ids = self._named(cases) or [kind.make(cases.id()) for kind in self.ids or (PLAIN, PLAIN)]
        fields = dict(zip((*ID_FIELDS, STATUS_FIELD), (*ids, self.status), strict=True))
        whole = {name: value for name, value in fields.items() if value is not ABSENT}
        body = self.change(whole)
        key, name = cases.access.key, cases.contract.key_header
        body |= {name: key} if self.key_elsewhere else {}
        places = {"authorization": f"Bearer {key}", "cookie": f"{name}={key}"} if self.key_elsewhere else {}
        query = dict(self.query(whole)) if self.query else {}
        query |= dict.fromkeys((name, *KEY_NAMES), key) if self.key_elsewhere else {}
        case = cases.update(
            self.spoil(json.dumps(body).encode()),
            key=self.key(key) if callable(self.key) else self.key,
            headers={**self.headers, **places},
            query=query,
            media_type=self.media_type,
        )
        case.method = self.method  # type: ignore[assignment]  # any method may be sent
        case.path = self.path(case.path)
        return case

    def _named(self, cases: Cases) -> list[str]:
        is_update = "STATE-01" in self.rules
        enrollments = cases.enrollments(again=self.again)
        if not enrollments and not is_update:
            enrollments = cases.access.enrollments  # what is rejected may name any
        there = len(enrollments)
        if self.of is None or there == 0 or (self.ids and self.is_valid and self.of >= there):
            return []
        ids = enrollments[self.of % there].fields
        kinds = dict(zip(ID_FIELDS, self.ids or (PLAIN, PLAIN), strict=True))
        return [kinds[name].make(cases.id()) if name == self.new else ids[name] for name in ID_FIELDS]
