"""Tests of `generated_client`.

Imports the client and its generator, `contract` and the mock.
"""
