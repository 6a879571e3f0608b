"""Tests of `scripts.generator`, and of the clients that it generates from changed contracts.

Imports the generator and `contract`.
"""
