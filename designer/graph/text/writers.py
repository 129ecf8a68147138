"""Documents written as text, so that reading gives them back."""

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml


def write_json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_yaml(document: Mapping[str, Any]) -> str:
    """``document`` as YAML that readers of YAML 1.1 understand as well."""
    written = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    assert isinstance(written, str)
    return written


class _Dumper(yaml.CSafeDumper):
    """Texts that either YAML would read as something else are quoted; longer ones become blocks."""

    # ``on`` is a field of retry and catch. Only YAML 1.1 takes it for a truth value.
    yaml_implicit_resolvers = {
        first: [
            (tag, re.compile(r"(?i:yes|no|true|false|off)\Z") if tag.endswith(":bool") else pattern)
            for tag, pattern in resolvers
        ]
        for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
    }

    def ignore_aliases(self, data: Any) -> bool:
        return True  # our own reader refuses them


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    lines = text.split("\n")
    block = len(lines) > 1 and text.isprintable() is False and all(_fits_block(line) for line in lines[:-1])
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if block else None)


def _fits_block(line: str) -> bool:
    return line.isprintable() and line == line.strip()


_Dumper.add_representer(str, _represent_text)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"0o[0-7]+\Z"), ["0"])
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z"),
    list("-+0123456789."),
)
