"""The form that starts a run: the input that a version expects, sent once."""

import hashlib
import json
import re
from uuid import uuid4

from .schema_form import SchemaForm

ONCE = re.compile("[0-9a-f]{32}")


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
