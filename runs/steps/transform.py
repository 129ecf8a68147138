"""Values put together anew."""

from typing import Any

from designer.catalog import Context, NotRetryable, step
from designer.graph import check_schema, violations

SHOWN = 3


@step(
    "data.transform",
    version="1.0.0",
    icon="braces",
    title="Transform values",
    owner="choreo",
    idempotent=True,
    errors=[NotRetryable("SchemaMismatch", "The values are not what the schema asks for.")],
)
def transform(
    values: dict[str, Any], schema: dict[str, Any] | None = None, *, context: Context
) -> dict[str, Any]:
    """Put an object together from expressions, and hold it against a schema.

    Unlike `set`, which names variables, it gives an output of its own: one that is checked before anybody uses it.
    """
    if schema is None:
        return values
    if flaws := check_schema(schema):
        raise context.error("SchemaMismatch", f"The schema itself is not usable: {flaws[0].message}")
    found = violations(schema, values)
    if found:
        said = "; ".join(
            f"{violation.path or 'the whole'}: {violation.message}" for violation in found[:SHOWN]
        )
        raise context.error("SchemaMismatch", said)
    return values
