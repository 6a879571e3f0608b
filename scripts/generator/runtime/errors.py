"""What a call can raise: one tree, named as other clients name theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from httpx2 import Headers


class APIError(Exception):
    """A call did not end in the documented success. Its text is one line, fit for a log.

    Attributes:
        method: The method of the request.
        url: The URL of the request.
        status: The status code of the response, if one came.
        headers: The headers of the response, if one came.
        body: The raw body of the response, as far as it came.
        parsed: The documented model of the response, if the body is one.
        request_id: The id that the server gave the request, if it sent one.
        retry_after: The seconds that the server said to wait, if it did.
        attempts: How often the request was sent.

    """

    def __init__(  # noqa: PLR0913 - all that is known, each by its name
        self,
        message: str = "",
        *,
        method: str = "",
        url: str = "",
        status: int | None = None,
        headers: Headers | None = None,
        body: bytes = b"",
        parsed: Any = None,  # noqa: ANN401 - a model of the contract
        request_id: str | None = None,
        retry_after: float | None = None,
        attempts: int = 0,
    ) -> None:
        super().__init__(message)
        self.method = method
        self.url = url
        self._status = status
        self._headers = headers
        self.body = body
        self.parsed = parsed
        self.request_id = request_id
        self.retry_after = retry_after
        self.attempts = attempts

    @property
    def status(self) -> int | None:
        """The status code of the response, if one came."""
        return self._status

    @property
    def headers(self) -> Headers | None:
        """The headers of the response, if one came."""
        return self._headers


class APIConnectionError(APIError):
    """No whole response came: the connection failed, or broke."""


class APITimeoutError(APIConnectionError):
    """No whole response came in time."""


class APIResponseError(APIError):
    """A response came, and is not the documented success."""

    @property
    def status(self) -> int:
        """The status code of the response."""
        return cast(int, self._status)

    @property
    def headers(self) -> Headers:
        """The headers of the response."""
        return cast("Headers", self._headers)


class APIStatusError(APIResponseError):
    """The server refused the request, or failed."""


class BadRequestError(APIStatusError):
    """400."""


class AuthenticationError(APIStatusError):
    """401."""


class PermissionDeniedError(APIStatusError):
    """403."""


class NotFoundError(APIStatusError):
    """404."""


class UnprocessableEntityError(APIStatusError):
    """422."""


class RateLimitError(APIStatusError):
    """429."""


class InternalServerError(APIStatusError):
    """5xx."""


class UnexpectedResponseError(APIResponseError):
    """The response is not one that the contract allows."""


_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def error_class(status: int, *, documented: bool) -> type[APIResponseError]:
    """What a response of this status is raised as, unless it is the documented success."""
    if 500 <= status < 600:
        return InternalServerError
    return _BY_STATUS.get(status, APIStatusError if documented and status >= 400 else UnexpectedResponseError)
