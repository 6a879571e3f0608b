"""Two servers of the endpoint that share no code with the project, and the suite run against them.

Imports the path of the repository from `conformance.contract`, and runs everything else as commands.
"""
