"""Tests of `conformance.reporting` and `conformance.compare`.

Imports `reporting` and what is below it, the mock, and `command` of `runner.recorder`.
"""
