"""Tests of `conformance.runner` and `conformance.testing`, and of whole runs.

Imports every layer and the mock.
"""
