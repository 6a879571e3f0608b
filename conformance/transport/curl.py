"""A request as a curl line that a person can run.

A key is in no line. Where a request has a key, whole or changed as the suite changes keys, the line has the
environment variable of that key, so that a shell sends the same request. What else is secret is masked.
"""

import hashlib
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from ..requests.request import Request
from .target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE, Target, header_variable
from .untrusted import SHORTEST_PIECE

LONGEST = 1600
"""Bytes of a body that stand in the line. A longer body is in a file that the line names."""
REPORTS = "conformance-report"
_SWAP_CASE = "tr a-zA-Z A-Za-z"
_FIT_FOR_DOUBLE_QUOTES = re.compile(r"[\w :=,;./?&+-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a shell puts in the place of a key."""

    text: str
    """The expansion as it stands between double quotes."""


Part = bytes | Expansion


def curl(request: Request, target: Target, directory: str = REPORTS) -> str:
    """The curl line of a request, without keys.

    Args:
        request: what was sent.
        target: where it was sent, with the keys.
        directory: where the reports are. A long body is a file there, whose name `attachment` has.

    """
    words = ["curl", *(["--head"] if request.method == "HEAD" else ["-X", request.method])]
    words += ["--globoff"] if set(request.url) & set("[]{}") else []
    words += ["--path-as-is"] if "/." in request.url else []
    words += [f'-H "{name}: ${header_variable(name)}"' for name, _ in target.headers]
    for name, value in request.headers:
        # curl reads "name:" as a header to leave out, and "name;" as one without a value.
        header = f"{name}: ".encode("latin-1") + value if value else f"{name};".encode("latin-1")
        words += ["-H", _word(_parts(header, target))]
    if request.content and request.header("content-type") is None:
        words += ["-H", "content-type:"]  # curl would add one of its own
    url, attached = _word(_parts(request.url.encode(), target)), attachment(request, target)
    if attached is not None:
        return " ".join([*words, "--data-binary", shlex.quote(f"@{PurePath(directory) / attached[0]}"), url])
    content = _parts(request.content, target)
    return _piped(content) + " ".join([*words, *_data(content), url])


def attachment(request: Request, target: Target) -> tuple[str, bytes] | None:
    """The name and the content of the file with a body, masked, if the body is too long for a line."""
    if len(request.content) <= LONGEST:
        return None
    text = request.content.decode("utf-8", "surrogateescape")
    content = target.mask(text).encode("utf-8", "surrogateescape")
    return f"body-{hashlib.sha256(content).hexdigest()[:12]}.bin", content


def _expansions(target: Target) -> Mapping[str, Expansion]:
    """What stands for each key, and for each change of a key that the suite sends, in any POSIX shell."""
    found: dict[str, Expansion] = {}
    for name, key in ((KEY_VARIABLE, target.key), (RESTRICTED_KEY_VARIABLE, target.restricted_key)):
        if not key or not key.isascii():
            continue
        found.setdefault(key, Expansion(f"${{{name}}}"))
        without_prefix = f"${{{name}#???}}"
        changed = {
            key[:-1]: f"${{{name}%?}}",
            key[3:]: without_prefix,
            key.swapcase(): f'$(printf %s "${name}" | {_SWAP_CASE})',
            key[:3] + key[3:].swapcase(): (
                f'$(printf %.3s "${name}"; printf %s "{without_prefix}" | {_SWAP_CASE})'
            ),
        }
        for text, expansion in changed.items():
            if len(text) >= SHORTEST_PIECE:  # a shorter text can stand there by chance
                found.setdefault(text, Expansion(expansion))
    return found


def _parts(content: bytes, target: Target) -> Sequence[Part]:
    """The content, with an expansion in the place of each key. All other secrets are masked."""
    text, expansions = content.decode("utf-8", "surrogateescape"), _expansions(target)
    keys = sorted(expansions, key=len, reverse=True)
    pieces = re.split(f"({'|'.join(map(re.escape, keys))})", text) if keys else [text]
    return [
        expansions[piece] if number % 2 else target.mask(piece).encode("utf-8", "surrogateescape")
        for number, piece in enumerate(pieces)
        if piece
    ]


def _word(parts: Sequence[Part]) -> str:
    """One word of a command."""
    literals = [part for part in parts if isinstance(part, bytes)]
    if len(literals) < len(parts) and all(map(_fits_double_quotes, literals)):
        return f'"{"".join(_between_double_quotes(parts))}"'
    return "".join(f'"{part.text}"' if isinstance(part, Expansion) else _quote(part) for part in parts)


def _between_double_quotes(parts: Sequence[Part]) -> Iterator[str]:
    for part, after in zip(parts, [*parts[1:], b""], strict=True):
        if isinstance(part, bytes):
            yield part.decode("ascii")
        elif isinstance(after, bytes) and not re.match(rb"\w", after):
            yield re.sub(r"^\$\{(\w+)\}$", r"$\1", part.text)
        else:
            yield part.text


def _fits_double_quotes(content: bytes) -> bool:
    return _FIT_FOR_DOUBLE_QUOTES.fullmatch(content.decode("latin-1")) is not None


def _data(parts: Sequence[Part]) -> list[str]:
    """The words that send a body. No argument can hold every byte, so some bodies come through a pipe."""
    if not parts:
        return []
    return ["--data-raw", _word(parts)] if _is_printable(parts) else ["--data-binary", "@-"]


def _piped(parts: Sequence[Part]) -> str:
    """The command that writes a body into the pipe, or nothing."""
    if _is_printable(parts):
        return ""
    texts = ["%s" if isinstance(part, Expansion) else _octal(part) for part in parts]
    arguments = [f' "{part.text}"' for part in parts if isinstance(part, Expansion)]
    return f"printf -- '{''.join(texts)}'{''.join(arguments)} | "


def _is_printable(parts: Sequence[Part]) -> bool:
    return all(isinstance(part, Expansion) or _printable(part) is not None for part in parts)


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


def _octal(content: bytes) -> str:
    return "".join(chr(byte) if _is_plain(byte) else f"\\{byte:03o}" for byte in content)


def _is_plain(byte: int) -> bool:
    return 32 <= byte < 127 and byte not in b"'\\%"
