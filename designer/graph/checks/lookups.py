"""What schemas say, asked once: many steps share a contract, and every expression asks about it again."""

from collections.abc import Mapping
from typing import Any

from designer.graph.contracts import Schema
from designer.graph.matching import accepts
from designer.graph.paths import Path
from designer.graph.schema_paths import MISSING, Answer, schema_at, types_of


class Lookups:
    """Answers by the identity of the schemas, which are kept so that none can take another's place."""

    def __init__(self) -> None:
        self._kept: list[Any] = []
        self._at: dict[tuple[int, Path], Answer] = {}
        self._types: dict[int, frozenset[str] | None] = {}
        self._accepts: dict[tuple[int, int], str | None] = {}

    def at(self, schema: Schema, path: Path) -> Answer:
        """`schema_at`, a part at a time."""
        if not path:
            return schema
        asked = (id(schema), path)
        if asked not in self._at:
            above = self.at(schema, path[:-1])
            known = isinstance(above, Mapping)
            self._kept.append(schema)
            self._at[asked] = schema_at(above, path[-1:]) if known else above  # type: ignore[arg-type]
        return self._at[asked]

    def missing(self, schema: Schema, path: Path) -> int:
        """How long the part of ``path`` is that the schema rules out; it does."""
        return next(length for length in range(1, len(path) + 1) if self.at(schema, path[:length]) is MISSING)

    def types(self, schema: Schema) -> frozenset[str] | None:
        if id(schema) not in self._types:
            self._kept.append(schema)
            self._types[id(schema)] = types_of(schema)
        return self._types[id(schema)]

    def accepts(self, producer: Schema, consumer: Schema) -> str | None:
        asked = (id(producer), id(consumer))
        if asked not in self._accepts:
            self._kept += [producer, consumer]
            self._accepts[asked] = accepts(producer, consumer)
        return self._accepts[asked]
