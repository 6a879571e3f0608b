"""The OpenAPI file, read: operations, schemas, examples and rules.

Imports nothing else of the suite.
"""
