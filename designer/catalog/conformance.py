"""Contracts are kept at both doors: what goes in and what comes out."""

from typing import Any

from designer.catalog.failures import ContractViolation
from designer.graph import Contract, Schema, Violation, violations

SHOWN = 3


def conform_input(contract: Contract, value: Any) -> Any:
    """The value, if it is what the contract asks for.

    Raises ContractViolation.
    """
    return _conform(contract.input, value, "input")


def conform_output(contract: Contract, value: Any) -> Any:
    """The value, if it is what the contract promises.

    Raises ContractViolation.
    """
    return _conform(contract.output, value, "output")


def _conform(schema: Schema, value: Any, place: str) -> Any:
    found = violations(schema, value)
    if found:
        raise ContractViolation(_sentence(place, found))
    return value


def _sentence(place: str, found: tuple[Violation, ...]) -> str:
    shown = "; ".join(f"{_at(place, violation.path)} {violation.message}" for violation in found[:SHOWN])
    rest = len(found) - SHOWN
    return f"{shown}; and {rest} more" if rest > 0 else shown


def _at(place: str, path: str) -> str:
    if not path:
        return place
    return f"{place}{path}" if path.startswith("[") else f"{place}.{path}"
