"""Tests of the repository as a whole: its settings, workflows, texts and habits.

Imports `scripts`, and of the suite and the client what the texts name.
"""
