"""Judges traffic that somebody else recorded, by the checks and the state model of a run; sends nothing.

Imports the layers of the suite; nothing imports it.
"""
