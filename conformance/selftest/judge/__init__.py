"""Tests of `conformance.judge`.

Imports the judge and `judging`.
"""
