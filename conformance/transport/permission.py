"""Which records a request could change, read from the bytes that would be sent."""

import re
from collections.abc import Collection
from urllib.parse import unquote

from ..requests import new_ids
from ..requests.access import Enrollment

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_NAME_OR_ID = re.compile(
    r"(?P<name>customer|campaign)[_-]?id|(?P<id>[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})", re.IGNORECASE
)


class UnsafeRequestError(Exception):
    """A request could change a record that no `--enrollment` names. This is a bug of the suite.

    Nothing was sent.
    """


def named_enrollment(
    url: str, content: bytes, enrollments: Collection[Enrollment], *, may_swap: bool
) -> Enrollment | None:
    """The enrollment that a request names, or None if its ids can name no record: it takes two to name one.

    Args:
        url: the URL of the request. Escapes are read before ids are looked for.
        content: its body.
        enrollments: the enrollments that it may name.
        may_swap: whether it may name the two ids of an enrollment in each other's place.

    Raises:
        UnsafeRequestError: the ids could name another record.

    """
    text = f"{url} {content.decode('utf-8', 'replace')}"
    if "%" in text or "\\" in text:
        text = unquote(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text))
    possible = new_ids.possible_record_ids(text)
    if len(possible) < 2:
        return None
    named = [each for each in enrollments if frozenset(possible) == frozenset(each.pair)]
    if not named:
        raise UnsafeRequestError("a request names two ids that are neither new nor of one --enrollment")
    in_order = [each for each in named if _is_in_order(text, *each.pair)]
    if not in_order and not may_swap:
        raise UnsafeRequestError("a request names the ids of an --enrollment in each other's place")
    return (in_order or named)[0]


def _is_in_order(text: str, customer: str, campaign: str) -> bool:
    """Whether each id follows the name of its own field.

    Ids without a name must come in the order of the pair.
    """
    expected, role = "customer", ""
    for match in _NAME_OR_ID.finditer(text):
        if match["name"]:
            role = match["name"].lower()
        elif match["id"].lower() in {customer, campaign}:
            role = role or expected
            if match["id"].lower() != (customer if role == "customer" else campaign):
                return False
            expected, role = "campaign" if role == "customer" else "customer", ""
    return True
