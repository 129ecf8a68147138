"""The catalog of step types: the only door for plug-ins.

A plug-in is any Django app with a `steps.py`; this module is all it needs to import.
"""

from designer.catalog.compatibility import Change, Level, compatibility
from designer.catalog.conformance import conform_input, conform_output
from designer.catalog.constraints import (
    Description,
    Format,
    Ge,
    Le,
    MaxLen,
    MinLen,
    Pattern,
    Sensitive,
    Title,
)
from designer.catalog.context import Context, Phase
from designer.catalog.declare import step, step_type_of
from designer.catalog.failures import (
    ContractViolation,
    DeclarationRefused,
    NotRetryable,
    Retryable,
    StepError,
    StepTypeNotFound,
    step_error,
)
from designer.catalog.icons import ICONS
from designer.catalog.registry import (
    Registry,
    all,
    find,
    get,
    loose_ends,
    names,
    register,
    register_temporarily,
    resolve,
)
from designer.catalog.semver import Semver, parse_range, parse_version
from designer.catalog.step_type import StepType
from designer.graph import Contract, Effect, ErrorSpec

__all__ = [
    "ICONS",
    "Change",
    "Context",
    "Contract",
    "ContractViolation",
    "DeclarationRefused",
    "Description",
    "Effect",
    "ErrorSpec",
    "Format",
    "Ge",
    "Le",
    "Level",
    "MaxLen",
    "MinLen",
    "NotRetryable",
    "Pattern",
    "Phase",
    "Registry",
    "Retryable",
    "Semver",
    "Sensitive",
    "StepError",
    "StepType",
    "StepTypeNotFound",
    "Title",
    "all",
    "compatibility",
    "conform_input",
    "conform_output",
    "find",
    "get",
    "loose_ends",
    "names",
    "parse_range",
    "parse_version",
    "register",
    "register_temporarily",
    "resolve",
    "step",
    "step_error",
    "step_type_of",
]
