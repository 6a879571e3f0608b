"""A request as a curl line that a person can run."""

import hashlib
import shlex
from pathlib import PurePath

from ..requests.request import Request
from .target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE, Target, header_variable

LONGEST = 1600
"""Bytes of a body that stand in the line. A longer body is in a file that the line names."""
REPORTS = "conformance-report"


def curl(request: Request, target: Target, key_header: str, directory: str = REPORTS) -> str:
    """The curl line of a request. A key is named by its variable, or masked.

    A long body is in a file of a directory, for which `attachment` has the name and the content.
    """
    words = ["curl", *(["--head"] if request.method == "HEAD" else ["-X", request.method])]
    words += ["--globoff"] if set(request.url) & set("[]{}") else []
    words += ["--path-as-is"] if "/." in request.url else []
    words += [f'-H "{name}: ${header_variable(name)}"' for name, _ in target.headers]
    for name, value in request.headers:
        text = value.decode("latin-1")
        if name.lower() == key_header and text == target.key:
            words.append(f'-H "{name}: ${KEY_VARIABLE}"')
        elif name.lower() == key_header and text == target.restricted_key:
            words.append(f'-H "{name}: ${RESTRICTED_KEY_VARIABLE}"')
        else:
            # curl reads "name:" as a header to leave out, and "name;" as one without a value.
            header = f"{name}: {target.mask(text)}" if text else f"{name};"
            words += ["-H", _quote(header.encode("latin-1"))]
    if request.content and request.header("content-type") is None:
        words += ["-H", "content-type:"]  # curl would add one of its own
    url, attached = shlex.quote(target.mask(request.url)), attachment(request, target)
    if attached is not None:
        return " ".join([*words, "--data-binary", shlex.quote(f"@{PurePath(directory) / attached[0]}"), url])
    content = _masked(request, target)
    return _piped(content) + " ".join([*words, *_data(content), url])


def attachment(request: Request, target: Target) -> tuple[str, bytes] | None:
    """The name and the content of the file with a body, without keys, if the body is too long for a line."""
    if len(request.content) <= LONGEST:
        return None
    content = _masked(request, target)
    return f"body-{hashlib.sha256(content).hexdigest()[:12]}.bin", content


def _masked(request: Request, target: Target) -> bytes:
    text = request.content.decode("utf-8", "surrogateescape")
    return target.mask(text).encode("utf-8", "surrogateescape")


def _data(content: bytes) -> list[str]:
    """The words that send a body. No argument can hold every byte, so some bodies come through a pipe."""
    if not content:
        return []
    text = _printable(content)
    return ["--data-binary", "@-"] if text is None else ["--data-raw", shlex.quote(text)]


def _piped(content: bytes) -> str:
    if not content or _printable(content) is not None:
        return ""
    escaped = "".join(chr(byte) if _is_plain(byte) else f"\\{byte:03o}" for byte in content)
    return f"printf -- '{escaped}' | "


def _printable(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _quote(content: bytes) -> str:
    text = _printable(content)
    if text is not None:
        return shlex.quote(text)
    return "$'" + "".join(chr(byte) if _is_plain(byte) else f"\\x{byte:02x}" for byte in content) + "'"


def _is_plain(byte: int) -> bool:
    return 32 <= byte < 127 and byte not in b"'\\%"
