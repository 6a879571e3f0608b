"""Tests of `conformance.contract` and `scripts.contract`.

Imports these two.
"""
