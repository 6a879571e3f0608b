"""What is asked of a target."""
