"""The suite under pytest: the plugin, the options, the session that the tests share, the workers.

Imports every other layer.
"""
