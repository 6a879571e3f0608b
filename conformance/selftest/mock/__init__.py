"""Tests of `conformance.mock`.

Imports the mock, `new_id` of `requests`, and the script that runs the suite against the faults.
"""
