"""Faults in who is let in."""

from .changes import waives
from .fault import Fault

AUTHENTICATION = (
    Fault(
        "ignores_the_key",
        "AUTH-01",
        "Requests are let in with any key and with none.",
        waives("key"),
        also=("AUTH-02", "AUTH-04"),
    ),
)
