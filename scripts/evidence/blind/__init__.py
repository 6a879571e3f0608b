"""Servers with faults whose authors had not seen the suite, and what the suite finds of them.

Imports the run of a fault from `scripts.evidence`; the servers import nothing of the project.
"""
