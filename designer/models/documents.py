"""A column for documents."""

import json
from typing import TYPE_CHECKING, Any

from django.db import models


class DocumentField(models.TextField):
    """JSON whose objects keep their order: of steps, branches and outcomes it means something.

    PostgreSQL's jsonb, which Django's JSONField uses, sorts the names of an object.
    """

    if TYPE_CHECKING:  # what django-stubs reads
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, *args: Any) -> Any:
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj), ensure_ascii=False)
