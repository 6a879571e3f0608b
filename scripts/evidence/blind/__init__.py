"""A Node server with faults whose author did not see the suite, and what the suite finds of them."""
