"""Checks of the repository itself: commit messages and releases."""
