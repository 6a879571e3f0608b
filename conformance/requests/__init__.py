"""What can be sent: new ids, kinds of values, strategies, cases and the screening; and what a request is.

Imports `contract`.
"""
