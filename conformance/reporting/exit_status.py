"""The exit status of every command that judges a target."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """How a run ended. Where pytest has an exit status of the same number, it means the same."""

    CONFORMS = 0
    DOES_NOT_CONFORM = 1
    """A response broke a rule. Nothing that goes wrong in the suite itself has this status."""
    INTERRUPTED = 2
    ERROR_IN_THE_SUITE = 3
    USAGE_ERROR = 4
    INCONCLUSIVE = 6

    @classmethod
    def _missing_(cls, _: object) -> "ExitStatus":
        """An exit status of pytest or of a plugin that the suite does not know is an error of the suite."""
        return cls.ERROR_IN_THE_SUITE

    @property
    def words(self) -> str:
        """The exit status in words, in capital letters."""
        return self.name.replace("_", " ")
