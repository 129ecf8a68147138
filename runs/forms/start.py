"""The form that starts a run: the input that a version expects, sent once."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from .schema_form import SchemaForm
from .schema_tree import ANYTHING

ONCE = re.compile("[0-9a-f]{32}")


def input_schema(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a published document asks for. One from another language does not say it, and takes any value."""
    schema: Mapping[str, Any] = document.get("input", {})
    has_flows = any("flow" in step for step in document.get("steps", {}).values())
    return ANYTHING if has_flows and not schema else schema


class StartForm(SchemaForm):
    @property
    def once(self) -> str:
        """Sent along by the page, so that a doubled click starts one run."""
        sent = (self.data or {}).get("_once", "")
        return sent if ONCE.fullmatch(sent) else uuid4().hex

    @property
    def idempotency_key(self) -> str:
        """Of a valid form: another input, typed after going back to the page, is another run."""
        typed = json.dumps(self.value, sort_keys=True).encode()
        return f"{self.once}-{hashlib.sha256(typed).hexdigest()[:32]}"
