"""Writes the client from the contract: the generator, its templates, and the runtime that is copied.

Imports `conformance.contract`, and `findings` of `scripts.contract`; the runtime imports neither.
"""
