"""Checks contracts, compares them, and keeps the documented facts a second time."""
