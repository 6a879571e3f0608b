"""Checks and compares contracts, and holds ours against the documented facts."""
