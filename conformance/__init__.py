"""The conformance suite: does a server keep the contract in `openapi/carecycle.yaml`?"""
