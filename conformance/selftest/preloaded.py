"""Imported once, by the process from which the runs of the selftests are forked: all that they import."""

import contextlib
import io

import pytest
import schemathesis

import conformance.runner.plugin  # noqa: F401 - what a run imports
from conformance.contract.document import load

schemathesis.openapi.from_dict(dict(load().raw))
with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
    pytest.main(["--version"])  # loads the plugins that are installed
