"""Imports everything that a run of the suite needs, once, in the process that forks the runs."""

import contextlib
import io

import pytest
import schemathesis

import conformance.runner.plugin  # noqa: F401 - every run imports it
from conformance.contract.document import load

schemathesis.openapi.from_dict(dict(load().raw))
with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
    pytest.main(["--version"])  # loads the installed plugins
