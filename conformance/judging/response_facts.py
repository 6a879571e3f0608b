"""What a response shows about its request. The checks share these functions."""

from ..requests.request_class import Key, RequestClass
from ..transport.exchange import Response


def is_inconclusive(response: Response) -> bool:
    """Whether a response decides nothing: too many requests were sent, or the server failed."""
    return response.status == 429 or response.status >= 500 or response.code == "RATE_LIMIT_EXCEEDED"


def is_success(response: Response) -> bool:
    """Whether the request was carried out."""
    return 200 <= response.status < 300


def is_not_found(response: Response) -> bool:
    """Whether a response says that no such record exists."""
    return response.status == 404 or (400 <= response.status < 500 and response.code == "NOT_FOUND")


def passed_validation(response: Response) -> bool:
    """Whether the server found the request valid: it carried out the request, or it did not find the ids."""
    return is_success(response) or is_not_found(response)


def may_reject_the_key(request: RequestClass, response: Response) -> bool:
    """Whether a response may reject the full key. Then it decides nothing about the rest of the request."""
    return request.key is Key.FULL and response.status in {401, 403} and not request.key_is_verified


def has_paths(response: Response) -> bool:
    """Whether a validation error has the documented list of errors, each with a path."""
    paths = _paths(response)
    return paths is not None and all(isinstance(path, list) for path in paths)


def named_fields(response: Response) -> set[str]:
    """The fields that a validation error names: the first step of each `path`."""
    return {
        str(path[0])
        for path in _paths(response) or ()
        if isinstance(path, list) and path and isinstance(path[0], (str, int, float))
    }


def _paths(response: Response) -> list[object] | None:
    """The `path` of each error in the list of errors, or None if there is no list."""
    errors = response.member("errors")
    if not isinstance(errors, list):
        return None
    return [error.get("path") if isinstance(error, dict) else None for error in errors]
