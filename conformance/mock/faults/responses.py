"""Faults in the bodies of answers."""

from .changes import alters, on, without
from .fault import Fault

RESPONSES = (
    Fault(
        "leaves_out_the_code_of_a_404",
        "LOOKUP-03",
        "The body of a 404 has no `code`.",
        alters(on(404), without("code")),
        also=("RESPONSE-03",),
    ),
    Fault(
        "leaves_out_the_errors",
        "RESPONSE-04",
        "The body of a 422 has no `errors`.",
        alters(on(422), without("errors")),
        also=("RESPONSE-06",),
    ),
)
