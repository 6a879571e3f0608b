"""Measurements, and comparisons with other tools."""
