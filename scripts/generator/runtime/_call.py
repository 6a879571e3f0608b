"""One call of an operation: what its attempts have in common, and what follows from the outcome of each.

Nothing here waits or sends; `exchange` does, once for synchronous callers and once for asynchronous ones.
"""

# pyright: reportPrivateUsage=false
# The modules of this package share what is not for its users.

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar, cast

import httpx2

from ._base import BaseClient
from ._causes import NEVER_SENT, RETRYABLE, BodyTooLongError, hint, is_untrusted, without_key
from ._checks import KEY_AS_HEADER, checked_cookies, checked_count, checked_headers, checked_timeout
from ._hidden import shown
from ._limits import Limits
from ._operation import Operation, Request
from ._options import merged
from ._place import Place
from ._received import Received, printable, read
from ._retries import STATUSES, STATUSES_OF_NOTHING_DONE, wait_as_asked, wait_without_advice
from ._secret import Key
from .errors import APIConnectionError, APIError, APITimeoutError, UnexpectedResponseError, error_class
from .types import UNSET, Response

S = TypeVar("S")
E = TypeVar("E")
Raised = TypeVar("Raised", bound=APIError)

logger = logging.getLogger(__package__)
_url = functools.lru_cache(httpx2.URL)  # parsing one takes as long as a whole check of a body

BODY_LIMIT = 16 * 1024 * 1024
_JSON = {"Content-Type": "application/json"}
_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_REDIRECTS = 10
_MESSAGE_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt without a whole response."""

    error: APIError
    retryable: bool
    """Whether the next attempt may go better."""


Outcome = Received | Failure


class Call(Generic[S, E]):
    """A call on its way."""

    def __init__(  # noqa: PLR0913 - the options of a call, each by its name
        self,
        client: BaseClient,
        operation: Operation[S, E],
        request: Request,
        *,
        given: httpx2.Client | httpx2.AsyncClient | None,
        timeout: float | httpx2.Timeout | None,
        max_retries: int | None,
        headers: Mapping[str, str] | None,
    ) -> None:
        timeout = client.timeout if timeout is None else checked_timeout(timeout)
        self._given = given is not None
        if timeout is None and given is not None:
            timeout = given.timeout
        self._limits = Limits(timeout)
        self.remaining = self._limits.remaining
        self._client = client
        self._operation = operation
        self._url = _url(client.base_url + request.path)
        self._params = request.params or None
        self._cookies = client.cookies
        if request.cookies:
            self._cookies = {**client.cookies, **checked_cookies(request.cookies)}
        self._content: bytes | None = None
        implied: dict[str, str] = {}
        if request.body is not UNSET:
            self._content = _ENCODER.encode(request.body).encode()
            implied = _JSON
        own = [
            checked_headers(group, client._api.key_header)
            for group in (request.headers, headers)
            if group is not None and shown(group)
        ]
        known = given is None and client.headers == client._pool.headers
        self._headers = merged(implied, {} if known else client.headers, *own)
        self._retries_left = (
            client.max_retries if max_retries is None else checked_count("max_retries", max_retries)
        )
        self._key: Key | None = None
        self._attempt = 0
        self._redirects = 0
        self._size = 0
        self._started = 0.0
        self._note = ""
        self._logged: Callable[[], str] = str
        self.place = Place(client._pacer, self.remaining, self._error)

    def begin(self, build: Callable[..., httpx2.Request]) -> httpx2.Request:
        """The request of the next attempt, still without the key.

        Raises:
            APITimeoutError: The time of the call is up.
            ValueError: The HTTP client has a header with a key.

        """
        if self.remaining() <= 0:
            raise self._error(APITimeoutError, "the time is up")
        self._attempt += 1
        self._started = monotonic()
        self._size = 0
        if self._client._secret is not None:
            self._key = self._client._secret.of_attempt()
        request = build(
            self._operation.method,
            self._url,
            params=self._params,
            content=self._content,
            headers=self._headers,
            cookies=self._cookies or None,
            extensions={"timeout": self._limits.of_attempt()},
        )
        if self._client._api.key_header in request.headers:
            raise ValueError(KEY_AS_HEADER.format(self._client._api.key_header))
        return request

    def sign(self, request: httpx2.Request) -> None:
        """Give the request its key, for as long as it is on its way."""
        if self._key is not None:
            request.headers[self._client._api.key_header] = self._key.reveal()

    def unsign(self, request: httpx2.Request) -> None:
        """Take the key away: who catches an exception of the HTTP library has the request in hand."""
        if self._key is not None:
            del request.headers[self._client._api.key_header]

    def redirected(self, response: httpx2.Response) -> httpx2.Request | None:
        """The next request, if the response redirects to one that may be followed.

        One to another origin is not: it would take the key there.
        """
        following = response.next_request
        if following is None or not self._client.follow_redirects or self._redirects == _REDIRECTS:
            return None
        if following.method != response.request.method:
            return None  # its response would be that to another request
        self._redirects += 1
        here, there = response.request.url, following.url
        return following if (there.scheme, there.netloc) == (here.scheme, here.netloc) else None

    def received(self, size: int) -> None:
        """Count what came of the body.

        Raises:
            BodyTooLongError: it is too long.
            TimeoutError: it takes too long.

        """
        self._size += size
        if self._size > BODY_LIMIT:
            raise BodyTooLongError(f"the body is longer than {BODY_LIMIT} bytes")
        if self.remaining() <= 0:
            raise TimeoutError("the time is up, and the response has not ended")

    def response_received(self, response: httpx2.Response, body: bytes) -> Received:
        """The outcome of an attempt with a whole response."""
        received = read(response, body, self._operation.responses, self._key)
        self._log(received.logged)
        return received

    def failure(self, error: Exception, response: httpx2.Response | None, body: bytes) -> Failure:
        """The outcome of an attempt without a response, or without all of it."""
        kind: type[APIError] = APIConnectionError
        if isinstance(error, TimeoutError | httpx2.TimeoutException):
            kind = APITimeoutError
        if response is None:
            self._log(lambda: type(error).__name__)
            retryable = isinstance(error, RETRYABLE if self._operation.idempotent else NEVER_SENT)
            retryable = retryable and not is_untrusted(error)
            # A client that was closed meanwhile has sent nothing; the next attempt gets another of ours.
            retryable = retryable or (isinstance(error, RuntimeError) and not self._given)
            return Failure(self._caused(kind, error), retryable=retryable)
        part = read(response, body, {}, self._key)
        self._log(lambda: f"{part.logged()}, {type(error).__name__}")
        if part.status >= 400:
            kind = error_class(part.status)
            retryable = self._is_retried(part.status)
        elif isinstance(error, httpx2.DecodingError | BodyTooLongError):
            kind, retryable = UnexpectedResponseError, False
        else:
            retryable = self._operation.idempotent and kind is APIConnectionError
        return Failure(self._caused(kind, error, part), retryable=retryable)

    def wait_after(self, outcome: Outcome) -> float | None:
        """The seconds to wait before the next attempt, or nothing if the outcome is final."""
        if self._retries_left <= 0 or not self._is_retryable(outcome):
            return None
        asked = outcome.error.retry_after if isinstance(outcome, Failure) else outcome.retry_after
        self._retries_left -= 1
        longest, remaining = self._client.max_retry_wait, self.remaining()
        wait = wait_without_advice(self._attempt, longest) if asked is None else asked
        if wait > longest:
            self._note = f"the server asks to wait {wait:g} s, longer than max_retry_wait ({longest:g} s)"
        elif wait > remaining:
            self._note = f"to be tried again in {wait:g} s, when the time is up"
        else:
            if asked is not None:
                wait = min(wait_as_asked(asked), remaining)
            method, path = self._operation.method, self._operation.path
            logger.info("%s %s: %s, again in %.3g s", method, path, self._logged(), wait)
            return wait
        return None

    def _is_retryable(self, outcome: Outcome) -> bool:
        return outcome.retryable if isinstance(outcome, Failure) else self._is_retried(outcome.status)

    def _is_retried(self, status: int) -> bool:
        statuses = self._client.retry_statuses
        if statuses is None:
            statuses = STATUSES if self._operation.idempotent else STATUSES_OF_NOTHING_DONE
        return status in statuses

    def result(self, outcome: Outcome) -> S:
        """The model of the success.

        Raises:
            APIError: there was none.

        """
        if isinstance(outcome, Failure):
            raise self._failed(outcome)
        if outcome.is_success and not outcome.problem:
            return cast(S, outcome.parsed)
        raise self._refused(outcome)

    def response(self, outcome: Outcome) -> Response[S | E]:
        """The response, whatever its status.

        Raises:
            APIError: There was none; or its status is a success and its body is not the documented one; or
                its status is not documented, and the client has `raise_on_unexpected_status`.

        """
        if isinstance(outcome, Failure):
            raise self._failed(outcome)
        unexpected = not outcome.documented and self._client.raise_on_unexpected_status
        if unexpected or (outcome.is_success and outcome.problem):
            raise self._refused(outcome)
        return Response(outcome.status, outcome.body, outcome.headers, cast("S | E | None", outcome.parsed))

    def _failed(self, failure: Failure) -> APIError:
        if self._note:
            failure.error.args = (f"{failure.error}, {self._note}",)
        return failure.error

    def _refused(self, received: Received) -> APIError:
        words = ", ".join(filter(None, [received.described(), self._note]))
        return self._error(error_class(received.status), words, received)

    def _caused(self, kind: type[Raised], cause: Exception, received: Received | None = None) -> Raised:
        words = self._limits.exceeded(cause, begun=received is not None) or str(cause)
        words += "" if self._given else hint(cause, self._client._pool.proxies)
        error = self._error(kind, f"{type(cause).__name__}: {words}", received)
        error.__cause__ = without_key(cause, self._key)
        return error

    def _error(self, kind: type[Raised], words: str, received: Received | None = None) -> Raised:
        if self._key is not None:
            words = self._key.masked(words)
        tried = f" (attempt {self._attempt})" if self._attempt > 1 else ""
        return kind(
            f"{self._operation.method} {self._operation.path}: {printable(words[:_MESSAGE_LIMIT])}{tried}",
            method=self._operation.method,
            url=str(self._url),
            attempts=self._attempt,
            **(received.kept() if received else {}),
        )

    def _log(self, outcome: Callable[[], str]) -> None:
        self._logged = outcome
        if logger.isEnabledFor(logging.DEBUG):
            elapsed = monotonic() - self._started
            method, path = self._operation.method, self._operation.path
            logger.debug("%s %s: %s, attempt %d, %.3f s", method, path, outcome(), self._attempt, elapsed)
