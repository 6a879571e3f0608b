"""How a request is sent: the target, the gate with its budget and pace, the connection, the exchange.

Imports `requests` and `contract`.
"""
