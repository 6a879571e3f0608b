"""What a run found, for people and for programs: the ledger and the reports that are written from it.

Imports `judging` and what is below it.
"""
