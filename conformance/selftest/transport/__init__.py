"""Tests of `conformance.transport`.

Imports `transport` and what is below it.
"""
