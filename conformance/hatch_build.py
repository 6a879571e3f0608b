"""Hooks of the build: the version and the contract come from the repository, or from the sdist that has them.

Both distributions use it. Hatchling imports this file; the suite does not.
"""

import os
import re
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

VERSION = re.compile(r"(?m)^  version: (?P<version>\S+)$")


def find(root: str, name: str, folder: str = "") -> Path:
    """A file of the repository: in a folder in a checkout, beside the project in an sdist.

    Raises:
        StopIteration: the file is in none of these places.

    """
    here = Path(root)
    places = (here / name, here / folder / name, here.parent / folder / name)
    return next(path for path in places if path.is_file())


class VersionHook(MetadataHookInterface):
    """Takes the version from the contract, and the project's addresses from GitHub where it builds."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the version, and the addresses if the build knows its repository.

        Raises:
            ValueError: the contract has no version where it is looked for.

        """
        found = VERSION.search(find(self.root, "carecycle.yaml", "openapi").read_text(encoding="utf-8"))
        if found is None:
            raise ValueError("the contract has no line `  version: N` under `info`")
        metadata["version"] = found["version"]
        server, repository = (os.environ.get(name) for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY"))
        if server and repository:
            home = f"{server}/{repository}"
            changelog = f"{home}/blob/v{found['version']}/CHANGELOG.md"
            metadata["urls"] = {"Source": home, "Issues": f"{home}/issues", "Changelog": changelog}


class FilesHook(BuildHookInterface[Any]):
    """Adds the contract and the license, which lie outside this folder in a checkout."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling gives it
        """Add the files."""
        for name, folder in (("carecycle.yaml", "openapi"), ("LICENSE", "")):
            build_data["force_include"][str(find(self.root, name, folder))] = name


def get_metadata_hook() -> type[MetadataHookInterface]:
    """What hatchling asks for."""
    return VersionHook


def get_build_hook() -> type[BuildHookInterface[Any]]:
    """What hatchling asks for."""
    return FilesHook
