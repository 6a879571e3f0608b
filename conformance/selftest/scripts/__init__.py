"""Tests of `scripts.evidence`.

Imports the scripts, `contract` and the mock.
"""
