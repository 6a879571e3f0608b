"""Measurements, and comparisons with other tools. Figures are in the `.md` file beside a script.

Imports everything.
"""
