"""Reads a contract from a file, a git revision, or an address that publishes it."""

import ipaddress
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from conformance.contract.document import DEFAULT_PATH, REPOSITORY, ContractError

LARGEST = 20_000_000
"""How many bytes a published contract may have."""
SECONDS = 30
"""How long each read from an address may take."""


@dataclass(frozen=True, slots=True)
class Source:
    """A contract that was read, and its changelog."""

    raw: dict[str, Any]
    changelog: str | None = None


def read(source: str) -> Source:
    """The contract of a file, of `REVISION`, of `REVISION:PATH`, or of an address.

    Raises:
        ContractError: the contract cannot be read.

    """
    try:
        if "://" in source:
            return Source(_parsed(source, _fetched(source)))
        if Path(source).exists():
            path = Path(source)
            beside = path.resolve().parent.parent / "CHANGELOG.md"
            changelog = beside.read_text(encoding="utf-8") if beside.is_file() else None
            return Source(_parsed(source, path.read_text(encoding="utf-8")), changelog)
        revision, colon, path_there = source.partition(":")
        path_there = path_there if colon else DEFAULT_PATH.relative_to(REPOSITORY).as_posix()
        return Source(_parsed(source, _shown(f"{revision}:{path_there}")), _changelog(revision))
    except subprocess.CalledProcessError as error:
        raise ContractError(f"cannot read {source}: {error.stderr.strip()}") from error
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError) as error:
        raise ContractError(f"cannot read {source}: {error}") from error


def _parsed(source: str, text: str) -> dict[str, Any]:
    raw = yaml.safe_load(text)
    if not isinstance(raw, dict):
        raise ContractError(f"cannot read {source}: it is not a YAML mapping")
    return raw


def _shown(name: str) -> str:
    command = ["git", "show", "--end-of-options", name]
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout  # noqa: S603 - git reads what its user names


def _changelog(revision: str) -> str | None:
    try:
        return _shown(f"{revision}:CHANGELOG.md")
    except subprocess.CalledProcessError:
        return None


def _fetched(address: str) -> str:
    """The text that an address publishes, with a limit on its size and on each read.

    Raises:
        ValueError: the address is neither https nor loopback, or the text is too large.

    """
    _require_safe(address)
    opener = urllib.request.build_opener(_SafeRedirects)
    with opener.open(address, timeout=SECONDS) as response:
        body: bytes = response.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise ValueError(f"the document is larger than {LARGEST} bytes")
    return body.decode("utf-8")


def _require_safe(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        return
    raise ValueError("only https is allowed, or http on this machine")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows only redirects to addresses that may be read."""

    def redirect_request(self, *arguments: Any) -> urllib.request.Request | None:  # noqa: ANN401 - urllib passes positional arguments
        """Follow a redirect if its address, the last argument, may be read."""
        _require_safe(arguments[-1])
        return super().redirect_request(*arguments)
