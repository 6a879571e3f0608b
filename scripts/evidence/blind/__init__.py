"""Servers with faults whose authors had not seen the suite, and what the suite finds of them."""
