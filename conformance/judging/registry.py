"""What a check is, and the words that checks share."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from ..contract.document import Contract
from ..requests.classify import RequestClass
from ..transport.exchange import Response

HOLDS: Final = ""
Outcome = str | None
"""`HOLDS`, or what the rule expects where it is broken, or None where nothing is decided."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the exchange itself."""

    contract: Contract
    broken: Collection[str] = ()
    """The rules that were seen broken before."""
    accepted: Collection[str] = ()
    """The statuses that updates of enrollments were seen to set."""
    accepted_plainly: Collection[str] = ()
    """Those of them that were set with ids of version 4 in lower case."""
    refused_plainly: Collection[str] = ()
    """The statuses that were refused with nothing unusual about the request."""
    valid_elsewhere: bool = False
    """Whether the same request was found valid with ids of the same kinds that nobody has."""
    key_is_good: bool = False
    """Whether the full key opens the door just now, so that a 401 or a 403 refuses something else."""

    def refuses_the_key(self, response: Response) -> bool:
        """Whether an answer to a full key may be about the key, and so says nothing of the rest."""
        return response.status in {401, 403} and not self.key_is_good


Check = Callable[[RequestClass, Response, Known], Outcome]

CHECKS: dict[str, Check] = {}
"""The check of each rule that one exchange can decide."""


def decides(rule: str) -> Callable[[Check], Check]:
    """Make a function the check of a rule."""

    def register(check: Check) -> Check:
        CHECKS[rule] = check
        return check

    return register


def judge(request_class: RequestClass, response: Response, known: Known) -> dict[str, str]:
    """The outcome by rule of every check that decides something."""
    return {
        rule: outcome
        for rule, check in CHECKS.items()
        if rule in known.contract.rules and (outcome := check(request_class, response, known)) is not None
    }


def expect(expected: str, *, that: bool) -> str:
    """The outcome of a rule that is decided: it holds, or what was expected."""
    return HOLDS if that else expected


def is_inconclusive(response: Response) -> bool:
    """Whether an answer tells nothing about the request: too many came, or the server failed."""
    return response.status == 429 or response.status >= 500 or response.code == "RATE_LIMIT_EXCEEDED"


def accepts(response: Response) -> bool:
    """Whether the request was found valid: it succeeded, or its ids were looked up in vain."""
    return 200 <= response.status < 300 or is_not_found(response)


def is_not_found(response: Response) -> bool:
    """Whether the answer says that no such record exists."""
    return response.status == 404 or (400 <= response.status < 500 and response.code == "NOT_FOUND")


def has_paths(response: Response) -> bool:
    """Whether a validation error has the documented list of errors, each with a path."""
    paths = _paths(response)
    return paths is not None and all(isinstance(path, list) for path in paths)


def named_fields(response: Response) -> set[str]:
    """The fields that a validation error names first in a `path`."""
    return {str(path[0]) for path in _paths(response) or () if isinstance(path, list) and path}


def _paths(response: Response) -> list[object] | None:
    """What stands for the `path` of each error of a list of errors, or None where there is no list."""
    errors = response.body.get("errors") if isinstance(response.body, dict) else None
    if not isinstance(errors, list):
        return None
    return [error.get("path") if isinstance(error, dict) else None for error in errors]
