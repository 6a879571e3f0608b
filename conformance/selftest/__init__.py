"""What proves the project itself."""
