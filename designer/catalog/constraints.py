"""Limits an author writes beside a type hint: `Annotated[str, MaxLen(160)]`."""

from dataclasses import dataclass
from typing import Any

from designer.catalog.failures import DeclarationRefused


@dataclass(frozen=True, slots=True)
class MaxLen:
    value: int


@dataclass(frozen=True, slots=True)
class MinLen:
    value: int


@dataclass(frozen=True, slots=True)
class Ge:
    value: float


@dataclass(frozen=True, slots=True)
class Le:
    value: float


@dataclass(frozen=True, slots=True)
class Pattern:
    value: str


@dataclass(frozen=True, slots=True)
class Format:
    value: str


@dataclass(frozen=True, slots=True)
class Title:
    value: str


@dataclass(frozen=True, slots=True)
class Description:
    value: str


@dataclass(frozen=True, slots=True)
class Sensitive:
    """Workers have it whole; people without the role for it see dots."""

    value: bool = True


Constraint = MaxLen | MinLen | Ge | Le | Pattern | Format | Title | Description | Sensitive

KEYWORDS: dict[type, dict[str, str]] = {
    MaxLen: {"string": "maxLength", "array": "maxItems", "object": "maxProperties"},
    MinLen: {"string": "minLength", "array": "minItems", "object": "minProperties"},
    Ge: {"integer": "minimum", "number": "minimum"},
    Le: {"integer": "maximum", "number": "maximum"},
    Pattern: {"string": "pattern"},
    Format: {"string": "format"},
}
LABELS: dict[type, str] = {Title: "title", Description: "description", Sensitive: "sensitive"}


def constrain(schema: dict[str, Any], constraint: Constraint, place: str) -> dict[str, Any]:
    """The schema with the constraint's keyword added."""
    label = LABELS.get(type(constraint))
    if label:
        return schema | {label: constraint.value}
    keyword = _keyword(schema, constraint)
    if keyword is None:
        raise DeclarationRefused(
            f"{place}: {type(constraint).__name__} does not apply to {schema.get('type', 'this type')}; "
            f"it limits {', '.join(KEYWORDS[type(constraint)])}."
        )
    return schema | {keyword: constraint.value}


def _keyword(schema: dict[str, Any], constraint: Constraint) -> str | None:
    declared = schema.get("type")
    types = declared if isinstance(declared, list) else [declared]
    found = [KEYWORDS[type(constraint)][name] for name in types if name in KEYWORDS[type(constraint)]]
    return found[0] if found else None
