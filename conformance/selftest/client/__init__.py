"""Tests of `generated_client`."""
