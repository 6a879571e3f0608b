"""Tests of `conformance.runner`."""
