"""Checks of commit messages, and a comparison of the verdicts in two reports.

Imports nothing of the project.
"""
