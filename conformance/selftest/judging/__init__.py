"""Tests of `conformance.judging`.

Imports `judging` and what is below it.
"""
