"""Step types as the editor offers them: by the reference that a step would write."""

from designer import catalog
from designer.graph import Contract


def offered_contracts() -> dict[str, Contract]:
    """The newest contract of each major, by reference; retired ones are left out."""
    offered: dict[str, Contract] = {}
    for step_type in catalog.all():  # newest first
        if not step_type.contract.retired:
            offered.setdefault(reference_to(step_type.contract), step_type.contract)
    return offered


def reference_to(contract: Contract) -> str:
    """How a step asks for this contract and its compatible successors: ``payments.charge@^2``."""
    major, minor, _ = contract.version.split(".")
    return f"{contract.key}@^{major}" if major != "0" else f"{contract.key}@^0.{minor}"


def undoing(contract: Contract | None) -> str:
    """The reference to what undoes a contract; empty where nothing does."""
    found = catalog.find(contract.undone_by) if contract and contract.undone_by else None
    return reference_to(found.contract) if found else ""
