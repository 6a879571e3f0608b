"""A mock server that keeps the contract, or breaks one named rule of the contract."""
