"""Tests of `conformance.requests`.

Imports `requests`, `contract` and the mock.
"""
