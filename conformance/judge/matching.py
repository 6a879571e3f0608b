"""Which recorded exchanges are with the API, and what their keys are."""

import re
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from ..contract.document import Contract, path_pattern
from ..requests import new_ids
from ..requests.access import Enrollment
from ..requests.request import read_json
from ..requests.request_class import ID_FIELDS
from ..transport import hosts
from ..transport.exchange import Response
from ..transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE
from ..transport.untrusted import MASK
from .archive import Archive, Recorded

CREDENTIALS = {"authorization", "cookie", "proxy-authorization", "set-cookie", "x-amz-security-token"}
"""Headers whose values are secret. They are left out, since no rule is about them."""
SHORTEST_SECRET = 6
"""A shorter value in the place of a key is a placeholder, such as `***`."""
FOUND = {200, 201, 202, 204, 400, 409, 422}
"""A response with such a status does not say that the ids name no enrollment."""
BASE = r"(?P<base>(?:/[^/]+)*?)"
"""What matches the path of a base address, which a path of the contract follows."""
KEYS_REMOVED = "no request of the recording has a key, so keys were removed from it"


@dataclass(frozen=True, slots=True)
class Matched:
    """The exchanges of an archive that are with the API, with stand-ins for their keys."""

    exchanges: Sequence[tuple[str, Recorded]]
    """Each with the address that its path of the contract follows."""
    base_urls: Sequence[str]
    skipped: int
    """Exchanges with other hosts or paths."""
    incomplete: int
    """Exchanges with the API whose bodies were not recorded."""
    key: str = field(repr=False)
    restricted_key: str = field(repr=False)
    secrets: Collection[str] = field(repr=False)
    has_keys: bool
    """Whether any request has a key. If none has, the keys were removed before."""


def match(archive: Archive, contract: Contract, base_urls: Sequence[str], keys: Mapping[str, str]) -> Matched:
    """Find the exchanges with the API.

    Args:
        archive: what was recorded.
        contract: the paths that count.
        base_urls: the addresses of the API, below which every path counts. Without one, every host counts,
            and the paths of the contract only.
        keys: the keys of the environment, by the names of their variables.

    """
    found, skipped, incomplete, bases = [], 0, 0, dict.fromkeys(base_urls)
    patterns = [
        re.compile(BASE + path_pattern(operation.path).pattern) for operation in contract.operations.values()
    ]
    for each in archive.exchanges:
        url = normalise(each.request.url)
        base = None if url is None else _base(url, base_urls, patterns)
        if base is None or url is None or _is_preflight(each):
            skipped += 1
        elif each.missing:
            incomplete += 1
        else:
            bases[base] = None
            found.append((base, replace(each, request=replace(each.request, url=url))))
    used = {base for base, _ in found}
    stand_ins = _StandIns(contract, archive.about, keys, [each for _, each in found])
    exchanges = [(base, stand_ins.apply(each)) for base, each in found]
    return Matched(
        exchanges,
        [base for base in bases if base in used],
        skipped,
        incomplete,
        stand_ins.full,
        stand_ins.restricted,
        stand_ins.secrets,
        stand_ins.has_keys,
    )


def find_enrollments(exchanges: Sequence[tuple[str, Recorded]]) -> list[Enrollment]:
    """The enrollments that requests name. Ids that only got a 404 may name none, and new ids name none."""
    found: dict[tuple[str, str], Enrollment] = {}
    for _, each in exchanges:
        value = read_json(each.request.content)
        ids = [value.get(name) for name in ID_FIELDS] if isinstance(value, dict) else []
        is_found = each.response is not None and each.response.status in FOUND
        if is_found and len(ids) == 2 and all(isinstance(id_, str) for id_ in ids):
            enrollment = Enrollment(*map(str, ids))
            if len(new_ids.possible_record_ids(" ".join(enrollment.pair))) == 2:
                found.setdefault(enrollment.pair, enrollment)
    return list(found.values())


def overlapping(exchanges: Sequence[tuple[str, Recorded]]) -> set[int]:
    """The numbers of requests that were under way together with another that names the same ids.

    Which of them the server carried out first is not known.
    """
    found: set[int] = set()
    last: dict[tuple[str, str], Recorded] = {}
    for base, each in exchanges:
        ids = " ".join(sorted(new_ids.possible_record_ids(each.request.content.decode("utf-8", "replace"))))
        before = last.get((base, ids))
        if ids and before is not None and each.began < before.began + before.seconds - 0.001:
            found |= {before.number, each.number}
        if before is None or each.began + each.seconds >= before.began + before.seconds:
            last[base, ids] = each
    return found


class _StandIns:
    """Puts a stand-in in the place of each key, so that no report can show one."""

    def __init__(
        self,
        contract: Contract,
        about: Mapping[str, object],
        keys: Mapping[str, str],
        exchanges: Sequence[Recorded],
    ) -> None:
        self._header = contract.key_header.lower()
        self._is_own = bool(about)
        prefix, own = contract.key_prefix, {f"${KEY_VARIABLE}", f"${RESTRICTED_KEY_VARIABLE}"}
        statuses: dict[str, set[int]] = defaultdict(set)
        for each in exchanges:
            if (sent := each.request.header(self._header)) is not None:
                statuses[sent].add(each.response.status if each.response is not None else 0)
        self.has_keys = bool(statuses) or not exchanges
        full, restricted = self._find(keys, statuses)
        has_prefix = about.get("key_has_prefix", all(key.startswith(prefix) or key in own for key in full))
        begin = prefix if has_prefix else ""
        self.full, self.restricted = f"{begin}{secrets.token_hex(16)}", f"{prefix}{secrets.token_hex(16)}"
        self._places = {**dict.fromkeys(restricted, self.restricted), **dict.fromkeys(full, self.full)}
        self.secrets = {
            value
            for value in (*statuses, *keys.values())
            if len(value) >= SHORTEST_SECRET and value not in own
        } | set(_credentials(exchanges))

    def _find(
        self, keys: Mapping[str, str], statuses: Mapping[str, set[int]]
    ) -> tuple[Collection[str], Collection[str]]:
        """The full keys, and those that lack the permission."""
        names = (KEY_VARIABLE, RESTRICTED_KEY_VARIABLE)
        if self._is_own:
            return {f"${names[0]}"}, {f"${names[1]}"}
        if keys.get(names[0]) in statuses:
            return {keys[names[0]]}, {keys[names[1]]} if names[1] in keys else set()
        # No option and no variable names the keys. A key is good if it got more than a rejection of the key.
        full = {key for key, seen in statuses.items() if not seen <= {0, 401, 403, 429, 500, 502, 503, 504}}
        return full, {key for key, seen in statuses.items() if seen == {403}}

    def apply(self, each: Recorded) -> Recorded:
        """An exchange without its keys and credentials."""
        headers, sent = [], None
        for name, value in each.request.headers:
            if name.lower() == self._header:
                text = value.decode("utf-8", "surrogateescape")
                sent, value = text, self._places.get(text, text).encode("utf-8", "surrogateescape")  # noqa: PLW2901 - the same header
            if name.lower() not in CREDENTIALS:
                headers.append((name, value))
        if not self.has_keys:
            headers.append((self._header, self.full.encode()))
        response = each.response
        if response is not None:
            shown = MASK if self._is_own else sent
            response = _without_credentials(response, shown, self._places.get(sent or "", ""))
        return replace(each, request=replace(each.request, headers=tuple(headers)), response=response)


def _credentials(exchanges: Sequence[Recorded]) -> Iterator[str]:
    for each in exchanges:
        request = [(name, value.decode("utf-8", "replace")) for name, value in each.request.headers]
        for name, value in (*request, *(each.response.headers if each.response else ())):
            if name.lower() in CREDENTIALS:
                yield from (part for part in re.split(r"[\s;,=]+", value) if len(part) >= SHORTEST_SECRET + 2)


def _without_credentials(response: Response, shown: str | None, stand_in: str) -> Response:
    """The response, with the stand-in where it repeats the key."""
    headers = [(name, value) for name, value in response.headers if name not in CREDENTIALS]
    content = response.content
    if stand_in and shown and len(shown) >= SHORTEST_SECRET:
        headers = [(name, value.replace(shown, stand_in)) for name, value in headers]
        content = content.replace(shown.encode("utf-8", "surrogateescape"), stand_in.encode())
    return Response(response.status, tuple(headers), content, response.seconds, is_cut=response.is_cut)


def normalise(url: str) -> str | None:
    """The URL with its host in one spelling, without a user, a password and a fragment."""
    parts = hosts.split(url)
    if parts is None or parts.scheme.lower() not in {"http", "https"}:
        return None
    scheme, netloc = parts.scheme.lower(), parts.netloc.rpartition("@")[2]
    netloc = netloc.removesuffix({"http": ":80", "https": ":443"}[scheme])
    return parts._replace(scheme=scheme, netloc=netloc, fragment="").geturl()


def _base(url: str, base_urls: Sequence[str], patterns: Sequence[re.Pattern[str]]) -> str | None:
    """The address that the path of an exchange follows, or None if it is other traffic."""
    if base_urls:
        return next((base for base in base_urls if url.startswith(f"{base}/")), None)
    parts = urlsplit(url)
    for pattern in patterns:
        if found := pattern.fullmatch(parts.path):
            return f"{parts.scheme}://{parts.netloc}{found['base']}"
    return None


def _is_preflight(each: Recorded) -> bool:
    """Whether it is a preflight request of a browser (CORS). The contract says nothing about these."""
    return (
        each.request.method == "OPTIONS" and each.request.header("access-control-request-method") is not None
    )
