"""Brings the plugin to the suite, so that `pytest conformance/suite` needs no option to load it."""

import sys

from ..contract.document import REPOSITORY
from ..runner.fixtures import *  # noqa: F403 - all fixtures
from ..runner.plugin import *  # noqa: F403 - all hooks

# pytest misses the settings of this repository where an option names a directory elsewhere.
sys.path.append(str(REPOSITORY / "generated_client"))
