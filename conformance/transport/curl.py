"""A request as a curl line that a person can run."""

import shlex

from ..requests.request import Request
from .target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE, Target, header_variable
from .untrusted import LONGEST_SHOWN


def curl(request: Request, target: Target, key_header: str) -> str:
    """The curl line of a request. A key is named by its variable, or masked."""
    words = ["curl", "-X", request.method]
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
    shown = _shorten(request.content)
    content = target.mask(shown.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    line = " ".join([*words, *_data(content), shlex.quote(target.mask(request.url))])
    cut = "" if shown == request.content else f"  # {len(shown)} of {len(request.content)} bytes"
    return _piped(content) + line + cut


def _shorten(content: bytes) -> bytes:
    return content if len(content) <= 4 * LONGEST_SHOWN else content[:LONGEST_SHOWN]


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
