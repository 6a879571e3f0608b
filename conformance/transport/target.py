"""The server that a run tests: its address, its keys, and how it is reached."""

import base64
import contextlib
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from ..contract.document import RateLimit
from ..requests.access import Access, Enrollment
from . import hosts
from .tls import Tls
from .untrusted import LONGEST_SHOWN, Secrets

KEY_VARIABLE = "CARECYCLE_API_KEY"
RESTRICTED_KEY_VARIABLE = "CARECYCLE_RESTRICTED_API_KEY"
HEADER_VARIABLE = "CARECYCLE_HEADER_"
"""The prefix of the variables that hold the values of `--header`."""
PUBLIC = "http:// https:// application/json"
"""What stands in every report, and so is no secret when it is in the value of a header, such as `Origin`.

The same goes for the address of the target.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server to test. No `repr` shows its keys."""

    url: str
    key: str = field(repr=False)
    restricted_key: str | None = field(default=None, repr=False)
    enrollments: tuple[Enrollment, ...] = ()
    honours_prefer: bool = False
    """Whether `Prefer: code=NNN` selects a documented response of that status."""
    limited_url: str | None = None
    """Where the rate limit may be reached: the address, or one of the same server with another `limit`."""
    limit: RateLimit | None = None
    proxy: str | None = field(default=None, repr=False)
    """The URL of the proxy to connect through. It can hold a password."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """More headers for every request, such as the token of a gateway. No output has their values.

    What a target repeats of them is masked, unless it is shorter than 8 characters or part of `PUBLIC` text.
    """
    tls: Tls = field(default_factory=Tls)
    other_secrets: tuple[str, ...] = field(default=(), repr=False)
    """More values that no output may show, such as the keys in a recording."""
    may_swap_ids: bool = False
    """Whether the ids of an enrollment may be sent in each other's place, because no record has them so."""

    may_write: bool = False
    """Whether requests to operations other than the update may create or change data."""

    @property
    def access(self) -> Access:
        """What requests to the target are made with and classified by."""
        urls = (self.url,) if self.limited_url is None else (self.url, self.limited_url)
        return Access(
            key=self.key,
            restricted_key=self.restricted_key,
            enrollments=self.enrollments,
            honours_prefer=self.honours_prefer,
            base_urls=urls,
        )

    @property
    def is_loopback(self) -> bool:
        """Whether the target is on this machine, where requests are free."""
        parts = hosts.split(self.url)
        return parts is not None and hosts.is_loopback(parts.hostname or "")

    def mask(self, text: str) -> str:
        """The text without the secrets of the target. See `Secrets.mask`."""
        return self._secrets.mask(text)

    def show(self, text: str, longest: int = LONGEST_SHOWN) -> str:
        """The text in one line that is safe to print. See `Secrets.show`."""
        return self._secrets.show(text, longest)

    @property
    def _secrets(self) -> Secrets:
        values = (self.key, self.restricted_key, self.tls.password, *self.other_secrets)
        return _secrets(values, self.proxy, self.headers, f"{PUBLIC} {self.url}")


@functools.lru_cache
def _secrets(
    known: tuple[str | None, ...], proxy: str | None, headers: tuple[tuple[str, str], ...], public: str
) -> Secrets:
    values = list(known)
    if proxy is not None and (of_proxy := urlsplit(proxy).password):
        values += [of_proxy, unquote(of_proxy)]
    return Secrets(values, [each for _, value in headers for each in _credentials(value)], public)


def _credentials(value: str) -> Iterator[str]:
    """What is secret in the value of a header: all of it, what follows the scheme, and a password there."""
    yield value
    scheme, _, credentials = value.partition(" ")
    yield credentials.strip()
    if scheme.lower() == "basic":
        with contextlib.suppress(ValueError):  # it is no base64
            pair = base64.b64decode(credentials.strip().rstrip("=") + "==").decode("utf-8", "replace")
            yield from (pair, pair.partition(":")[2])


def header_variable(name: str) -> str:
    """The environment variable that holds the value of a header of `--header`."""
    return HEADER_VARIABLE + name.upper().replace("-", "_")


def address_hint(url: str, paths: Iterable[str]) -> str:
    """What could be wrong with the address of a target, or nothing."""
    segments = urlsplit(url).path.strip("/").split("/")
    beginnings = [path.strip("/").split("/") for path in paths]
    for at in range(len(segments)):
        end = segments[at:]
        if end != [""] and any(path[: len(end)] == end for path in beginnings):
            doubled = "/".join(end)
            return (
                f"--target ends with /{doubled}, with which a path of the contract begins, so it is doubled: "
                "leave it out"
            )
    return ""
