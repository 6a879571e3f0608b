"""Measurements and comparisons with peers."""
