"""The OpenAPI file, read into operations, schemas, examples and rules.

Imports nothing else of the suite.
"""
