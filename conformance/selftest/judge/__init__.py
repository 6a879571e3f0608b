"""What proves `conformance.judge`."""
