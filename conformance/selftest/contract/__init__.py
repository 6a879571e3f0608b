"""Tests of `conformance.contract` and `scripts.contract`."""
