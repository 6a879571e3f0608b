"""The statuses that the contract documents."""

from ..contract.document import Contract


def statuses(contract: Contract) -> tuple[str, ...]:
    """Every status."""
    return tuple(contract.schema("CampaignStatus")["enum"])


def terminal_statuses(contract: Contract) -> tuple[str, ...]:
    """The statuses that a request may set."""
    return tuple(contract.schema("TerminalCampaignStatus")["enum"])


def non_terminal_statuses(contract: Contract) -> tuple[str, ...]:
    """The statuses that are well-formed and rejected."""
    return tuple(status for status in statuses(contract) if status not in terminal_statuses(contract))
