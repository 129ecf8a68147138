"""Where the paths of one field look: at the data before them, at the context, and at the variables."""

from dataclasses import dataclass
from typing import Any

from .flow import RUNTIME, FlowError, Seen
from .paths import Path, explained, read_path
from .scanning import Unreadable

MISSING: Any = object()
_LONGEST_EXCERPT = 200  # characters of data in a sentence


@dataclass(frozen=True, slots=True)
class View:
    """What `$` means in a field, and the rest that can be seen there."""

    data: Any
    seen: Seen

    def find(self, path: Path) -> Any:
        """What the path points at, or MISSING. A path to many places gives a list, which may be empty."""
        root = self._root(path)
        found = [] if root is MISSING else path.find(root)
        if not path.definite:
            return found
        return found[0] if found else MISSING

    def read(self, path: Path, field: str) -> Any:
        """What the path points at.

        Raises FlowError.
        """
        found = self.find(path)
        if found is MISSING:
            raise FlowError(RUNTIME, self._lost(path, field))
        return found

    def look_up(self, text: Any, field: str) -> Any:
        """The same, for a path that is still to be read."""
        return self.read(readable(text, field), field)

    def _root(self, path: Path) -> Any:
        if path.variable is not None:
            return self.seen.variables.get(path.variable, MISSING)
        return self.seen.context if path.of_context else self.data

    def _lost(self, path: Path, field: str) -> str:
        if path.variable is not None and path.variable not in self.seen.variables:
            return f"The variable ${path.variable}, which {field} reads, has no value."
        place = "the context" if path.of_context else "the variable" if path.variable else "the input"
        root = str(self._root(path))
        excerpt = root if len(root) <= _LONGEST_EXCERPT else f"{root[:_LONGEST_EXCERPT]}..."
        return f"The path {path.text}, which {field} reads, could not be found in {place}: {excerpt}"


def readable(text: Any, field: str) -> Path:
    """The path that this text is.

    Raises FlowError.
    """
    if not isinstance(text, str):
        raise FlowError(RUNTIME, f"{field} should be a path, and is {text!r}.")
    try:
        return read_path(text)
    except Unreadable as error:
        raise FlowError(RUNTIME, f"{field}: {explained(text, error)}") from None
