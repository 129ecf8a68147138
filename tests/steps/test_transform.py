"""`data.transform`: values in, the same values out, if they are what the schema asks for."""

import pytest

from designer.catalog import StepError
from designer.catalog.testing import perform
from runs.steps.transform import transform

SCHEMA = {"type": "object", "required": ["total"], "properties": {"total": {"type": "number", "minimum": 0}}}


def test_the_output_is_what_was_put_together():
    values = {"total": 3, "lines": [{"sku": "a"}]}
    assert perform(transform, values=values) == values
    assert perform(transform, values=values, schema=SCHEMA) == values


@pytest.mark.parametrize(
    ("values", "schema", "said"),
    [
        ({"total": -1}, SCHEMA, "total: "),
        ({}, SCHEMA, "total: is missing"),
        ({}, {"type": "nothing"}, "The schema itself is not usable"),
        ({}, {"$ref": "http://127.0.0.1:1/schema.json"}, "The schema itself is not usable"),
    ],
)
def test_what_does_not_fit_is_a_failure_that_says_where(values: object, schema: object, said: str):
    with pytest.raises(StepError) as failed:
        perform(transform, values=values, schema=schema)
    assert (failed.value.name, failed.value.retryable) == ("SchemaMismatch", False)
    assert said in failed.value.message
