"""Writes the client from the contract: the generator, its templates, and the runtime that is copied."""
