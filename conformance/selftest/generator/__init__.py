"""Tests of `scripts.generator`."""
