"""What a call can raise: one tree of errors, with the usual names.

There is no `response` object: an error has what was received as its own attributes, so that it can be pickled
and shows no key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from httpx2 import Headers


class APIError(Exception):
    """A call did not end in the documented success.

    The text is one printable line with the method, the path, the status, the code and the request id.

    Attributes:
        method: The method of the request.
        url: The URL of the request.
        status: The status code of the response, if there was one.
        headers: The headers of the response, if there was one; names in any letter case.
        body: The bytes of the body, as far as they were received.
        parsed: The documented model of the response, if the body is one.
        code: The `code` of a JSON body, of an undocumented status too.
        request_id: The id that the server gave the request: `X-Request-Id` or a similar header.
        retry_after: The seconds to wait before the next request, if the response had them.
        attempts: How often the request was sent.

    """

    def __init__(  # noqa: PLR0913 - each attribute by its name
        self,
        message: str = "",
        *,
        method: str = "",
        url: str = "",
        status: int | None = None,
        headers: Headers | None = None,
        body: bytes = b"",
        parsed: Any = None,  # noqa: ANN401 - a model of the contract
        code: str | None = None,
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
        self.code = code
        self.request_id = request_id
        self.retry_after = retry_after
        self.attempts = attempts

    @property
    def status(self) -> int | None:
        """The status code of the response, if there was one."""
        return self._status

    @property
    def headers(self) -> Headers | None:
        """The headers of the response, if there was one."""
        return self._headers


class APIConnectionError(APIError):
    """No whole response was received: the connection failed, or broke."""


class APITimeoutError(APIConnectionError):
    """No whole response was received in time."""


class APIResponseError(APIError):
    """A response was received that is not the documented success."""

    @property
    def status(self) -> int:
        """The status code of the response."""
        return cast(int, self._status)

    @property
    def headers(self) -> Headers:
        """The headers of the response."""
        return cast("Headers", self._headers)


class APIStatusError(APIResponseError):
    """The status is a 4xx or a 5xx, documented or not. A 4xx without a class of its own is of this class."""


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
    """The status is no error, and the response is not one that the contract allows."""


_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def error_class(status: int) -> type[APIResponseError]:
    """The class of the error for a response of this status that is not the documented success."""
    if 500 <= status < 600:
        return InternalServerError
    return _BY_STATUS.get(status, APIStatusError if 400 <= status < 500 else UnexpectedResponseError)
