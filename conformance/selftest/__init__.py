"""What proves the project itself: tests in folders named for what they test, and modules that they share.

Imports everything, the client and `scripts` too.
"""
