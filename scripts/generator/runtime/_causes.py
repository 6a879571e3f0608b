"""The exception that ended an attempt: whose it is, and what led to it."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Sequence
from types import FrameType
from typing import cast

import httpx2

from ._secret import Key

# What may go better next time; and of that, what never reached the server.
RETRYABLE = (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError, httpx2.ProxyError)
NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
# Code that runs below a call besides the caller's own hooks and transports.
_LIBRARIES = frozenset(
    {__name__.partition(".")[0], "httpx2", "httpcore2", "anyio", "h11", "h2", "hpack", "socksio"}
)
_FAKE = f"{__package__}.testing"  # it raises what a test gives it
_OF_TRANSPORTS = frozenset({"handle_request", "handle_async_request", "__iter__", "__aiter__"})
_STANDARD = sys.stdlib_module_names - {"test", "unittest"}  # these are parts of a fake


class BodyTooLongError(Exception):
    """A body is longer than the client reads."""


# What the HTTP library raises, and what it lets through of names, ports and groups of errors.
FAILURES = (
    httpx2.RequestError,
    httpx2.InvalidURL,
    OSError,
    ValueError,
    OverflowError,
    ExceptionGroup,
    BodyTooLongError,
    RuntimeError,
)


def is_failure(error: Exception, sent: httpx2.Request, *, closed: bool) -> bool:
    """Whether an exception is a failed attempt, and not a mistake of a hook, a transport or a fake.

    An error of httpx2 is a failure if it is about the request that was sent, and no hook raised it. A
    transport or a fake can raise one to stand for a broken network. A hook that raises one, or sends a
    request of its own, is another matter. Other exceptions are a failure if only code of the HTTP library had
    a part in them. A `RuntimeError` of httpx2 says that its client was closed.
    """
    frames = _frames(error)
    if isinstance(error, httpx2.RequestError):
        if vars(error).get("_request") is not sent:
            return False
        of_transport = any(frame.f_code.co_name in _OF_TRANSPORTS for frame in frames)
        return of_transport or not frames or _is_of_library(frames[-1])
    if isinstance(error, RuntimeError) and not closed:
        return False
    return all(map(_is_of_library, frames))


def _frames(error: Exception) -> list[FrameType]:
    """The frames that an exception came through, the one that raised it last."""
    frames: list[FrameType] = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame)
        trace = trace.tb_next
    return frames


def _is_of_library(frame: FrameType) -> bool:
    name = str(frame.f_globals.get("__name__"))
    package = name.partition(".")[0]
    return (package in _LIBRARIES or package in _STANDARD) and name != _FAKE


def is_untrusted(error: BaseException) -> bool:
    """Whether the certificate of the server is not trusted, which another attempt would not change."""
    return any(isinstance(one, ssl.SSLCertVerificationError) for one in chain(error))


def chain(error: BaseException) -> list[BaseException]:
    """An exception and all that led to it."""
    found: list[BaseException] = []
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is None or one in found:
            continue
        found.append(one)
        left += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            left += cast("BaseExceptionGroup[BaseException]", one).exceptions
    return found


def without_key(error: Exception, key: Key | None) -> Exception | None:
    """An exception without the frames of the HTTP library, as their locals hold the key.

    A server that sent the key back in broken HTTP has it in the exception itself. Then there is none.
    """
    found = chain(error)
    for one in found:
        one.__traceback__ = None
    if key is None:
        return error
    shown = " ".join(f"{one!r} {one} {vars(one)}" for one in found)
    return error if key.masked(shown) == shown else None


def hint(error: Exception, proxies: Sequence[str]) -> str:
    """The settings that a failed connection may be due to."""
    if not isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
        return ""
    words = f" (a proxy is set by {', '.join(proxies)})" if proxies else ""
    return words + (" (verify_ssl says whom to trust)" if is_untrusted(error) else "")
