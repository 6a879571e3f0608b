"""Tests of `conformance.requests`."""
