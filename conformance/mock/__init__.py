"""A mock server that keeps the contract, or breaks one named rule of the contract.

Imports `contract` and nothing else of the suite, so that the mock and the suite share no bug.
"""
