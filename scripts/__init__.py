"""What is run by hand or by CI to keep the contract and the client true to each other.

Imports `conformance`; nothing but the selftests imports `scripts`.
"""
