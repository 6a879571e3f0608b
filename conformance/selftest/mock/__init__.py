"""Tests of `conformance.mock`."""
