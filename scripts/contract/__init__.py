"""Checks contracts, compares them, and keeps the documented facts a second time.

Imports `conformance.contract`; `client_names` also imports the generator.
"""
