"""The definitions of the corpus, each with its name, and what is known of some of them."""

import gzip
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def corpus(name: str) -> list[dict[str, Any]]:
    """The cases of one of the corpus's files."""
    found: Any = json.loads(gzip.decompress((HERE / "corpus" / f"{name}.json.gz").read_bytes()))
    cases: list[dict[str, Any]] = found["cases"] if isinstance(found, dict) else found
    return cases


def exceptions(name: str) -> dict[str, str]:
    """Cases that are another thing than they seem, each with the reason."""
    found: dict[str, str] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return found
