"""Brings the plugin to the suite, so that `pytest conformance/suite` needs no option to load it."""

from conformance.plugin import *  # noqa: F403 - the hooks and fixtures of the plugin, all of them
