"""The tests that run against a target: each makes cases, sends them through the session and decides facts.

Imports every layer of the suite; `test_client` also imports the client.
"""
