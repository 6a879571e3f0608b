"""Imports everything that a run of the suite needs, once, in the process that forks the runs."""

from importlib.metadata import entry_points

import carecycle_client.models  # noqa: F401 - the suite's test of the client imports it
import schemathesis

import conformance.runner.plugin  # noqa: F401 - every run imports it
from conformance.contract.document import load
from conformance.reporting.page import template

schemathesis.openapi.from_dict(dict(load().raw))
template("page.html.jinja")
for plugin in entry_points(group="pytest11"):
    plugin.load()
