"""A server that keeps the contract, or breaks one named rule of it."""
