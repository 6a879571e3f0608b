"""Tests of `conformance.transport`."""
