"""Imports everything that a run of the suite needs, once, in the process that forks the runs."""

import importlib
from importlib.metadata import entry_points

import schemathesis

from conformance.contract.document import load
from conformance.reporting.page import template

for module in (
    "carecycle_client.api.customers.update_customer_campaign_status",
    "conformance.requests.screening",
    "conformance.requests.strategies",
    "conformance.runner.plugin",
    "schemathesis.pytest.xdist",
    "schemathesis.reporting.html.writer",
    "schemathesis.reporting.junitxml",
    "schemathesis.reporting.recorders",
    "uvicorn.protocols.http.auto",
):
    importlib.import_module(module)
schemathesis.openapi.from_dict(dict(load().raw))
template("page.html.jinja")
for plugin in entry_points(group="pytest11"):
    plugin.load()
