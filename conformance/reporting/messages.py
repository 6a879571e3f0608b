"""A request and a response as the HTTP messages that they are, without keys."""

from urllib.parse import urlsplit

from ..requests.request import Request
from ..transport.exchange import Response
from ..transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE, Target

LONGEST = 4000
"""How many characters of a body are kept."""


def show_request(request: Request, target: Target, key_header: str) -> str:
    """A request with its headers and its body."""
    parts = urlsplit(request.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{request.method} {path} HTTP/1.1", f"host: {parts.netloc}"]
    lines += [f"{name}: {show_key(name, value, target, key_header)}" for name, value in request.headers]
    return _message(lines, request.content, target)


def show_response(response: Response, target: Target) -> str:
    """A response with its headers and its body."""
    return _message(
        [f"HTTP/1.1 {response.status}", *(f"{name}: {value}" for name, value in response.headers)],
        response.content,
        target,
    )


def show_key(name: str, value: bytes, target: Target, key_header: str) -> str:
    """The value of a header: the variable that holds it where it is a key of the target."""
    text = value.decode("latin-1")
    if name.lower() == key_header and text in {target.key, target.restricted_key}:
        return f"${KEY_VARIABLE if text == target.key else RESTRICTED_KEY_VARIABLE}"
    return target.mask(text)


def _message(head: list[str], content: bytes, target: Target) -> str:
    text = target.mask(content.decode("utf-8", "backslashreplace"))
    cut = f"… ({len(content)} bytes)" if len(text) > LONGEST else ""
    return "\n".join([*map(target.mask, head), "", text[:LONGEST] + cut])
