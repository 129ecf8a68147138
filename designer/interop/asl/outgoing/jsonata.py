"""Expressions and templates of ours in JSONata, wherever that says exactly the same."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from designer.graph import ExpressionError, pieces

from .cel import (
    Call,
    Either,
    Item,
    Joined,
    Listed,
    Literal,
    Mapped,
    Member,
    Name,
    Node,
    Prefixed,
    Untranslatable,
)
from .cel import read_expression as read_cel

_PLAIN = re.compile(r"[A-Za-z_]\w*")
_WORDS = frozenset({"and", "or", "in", "true", "false", "null", "function"})
_SIGNS = {"||": "or", "&&": "and", "==": "=", "!=": "!=", "in": "in"}
_NUMERIC = frozenset({"-", "*", "/", "%"})
_TRUTHS = frozenset({"||", "&&", "==", "!=", "<", "<=", ">", ">=", "in"})
INPUT = "$states.context.Execution.Input"
_RUN = {
    "id": "$states.context.Execution.Id",
    "key": "$states.context.Execution.Name",
    "started_at": "$states.context.Execution.StartTime",
}


@dataclass(frozen=True, slots=True)
class Tongue:
    """What the names of an expression are called where a state stands."""

    outputs: Mapping[str, str]  # by step: the variable that has its output
    variables: Mapping[str, str]
    item: str = ""  # the variable that has the item of the map around the state
    index: str = ""
    result: str = "$states.result"
    tested: set[str] = field(default_factory=set)  # variables that are asked for before they may have a value

    def value(self, template: Any) -> Any:
        """A template as JSON with JSONata in it. Raises Untranslatable."""
        match template:
            case str():
                return self._text(template)
            case dict():
                return {name: self.value(inner) for name, inner in template.items()}
            case list() | tuple():
                return [self.value(inner) for inner in template]
        return template

    def condition(self, text: str) -> str:
        """A condition, which may be written bare or as ``${ ... }``. Raises Untranslatable."""
        found = pieces(text.strip()) if text.strip().startswith("${") else ()
        written = found[0] if len(found) == 1 else text
        if isinstance(written, ExpressionError):
            raise Untranslatable("it cannot be read")
        return bracketed(self.say(read_cel(written if isinstance(written, str) else written.text)))

    def _text(self, text: str) -> str:
        found = pieces(text) if "${" in text else (text,)
        if any(isinstance(part, ExpressionError) for part in found):
            raise Untranslatable("it cannot be read")
        if all(isinstance(part, str) for part in found):
            plain = "".join(part for part in found if isinstance(part, str))
            jsonata = plain.startswith("{%") or plain.endswith("%}")
            return bracketed(json.dumps(plain, ensure_ascii=False)) if jsonata else plain
        said = [
            json.dumps(part, ensure_ascii=False) if isinstance(part, str) else self.say(read_cel(part.text))
            for part in found
        ]
        return bracketed(said[0]) if len(said) == 1 else bracketed(" & ".join(f"({part})" for part in said))

    # --- trees ---------------------------------------------------------------------------------------------

    def say(self, node: Node) -> str:
        """Raises Untranslatable."""
        match node:
            case Literal(value):
                return json.dumps(value, ensure_ascii=False)
            case Name() | Member() | Item():
                return self._path(node)
            case Prefixed("!", part):
                return f"$not({self.say(part)})"
            case Prefixed(_, part):
                return f"-({self.say(part)})"
            case Either(condition, yes, no):
                return f"({self.say(condition)} ? {self.say(yes)} : {self.say(no)})"
            case Listed(parts) if any(map(_may_be_list, parts)):
                raise Untranslatable("JSONata would flatten a list of values that may be lists themselves")
            case Listed(parts):
                return f"[{', '.join(map(self.say, parts))}]"
            case Mapped(parts):
                return "{" + ", ".join(f"{self.say(name)}: {self.say(value)}" for name, value in parts) + "}"
            case Joined():
                return self._joined(node)
            case Call():
                return self._call(node)
        raise Untranslatable("it has no counterpart")

    def _joined(self, node: Joined) -> str:
        left, right = self.say(node.left), self.say(node.right)
        if node.sign == "/":
            raise Untranslatable("JSONata divides whole numbers into fractions")
        if node.sign != "+":
            return f"({left} {_SIGNS.get(node.sign, node.sign)} {right})"
        kinds = {kind_of(node.left), kind_of(node.right)}
        if "text" in kinds:
            return f"({left} & {right})"
        if "number" in kinds:
            return f"({left} + {right})"
        raise Untranslatable("whether “+” adds numbers or joins texts is only known when it runs")

    def _call(self, node: Call) -> str:
        said = [self.say(part) for part in node.parts] if node.name != "has" else []
        match (node.name, node.on, node.parts):
            case ("has", None, (Member() as path,)):
                return self._has(path)
            case ("size", None, (_,)) | ("size", _, ()):
                value = said[0] if said else self.say(node.on)  # type: ignore[arg-type]
                counted = f"$type({value}) = 'object' ? $count($keys({value})) : $count({value})"
                return f"($type({value}) = 'string' ? $length({value}) : {counted})"
            case ("string", None, (part,)) if kind_of(part) in ("number", "truth", "text"):
                return f"$string({said[0]})"
            case ("double", None, (_,)):
                return f"$number({said[0]})"
            case ("contains", on, (_,)) if on is not None:
                return f"$contains({self.say(on)}, {said[0]})"
            case ("startsWith", on, (_,)) if on is not None:
                return f"($substring({self.say(on)}, 0, $length({said[0]})) = {said[0]})"
        raise Untranslatable(f"{node.name}() has no exact counterpart")

    def _has(self, path: Member) -> str:
        match path:
            case Member(Member(Name("steps"), key), "output") if key in self.outputs:
                self.tested.add(self.outputs[key])
                return f"(${self.outputs[key]} != null)"
            case Member(Name("vars"), name) if name in self.variables:
                self.tested.add(self.variables[name])
                return f"(${self.variables[name]} != null)"
        return f"$exists({self._path(path)})"

    def _path(self, node: Node) -> str:
        match node:
            case Name(name):
                return self._root(name)
            case Member(Name("vars"), name):
                return self._variable(self.variables, name, f"vars.{name}")
            case Member(Member(Name("steps"), key), "output"):
                return self._variable(self.outputs, key, f"steps.{key}")
            case Member(Name("error"), name) if name in ("name", "message"):
                return "$caught.Error" if name == "name" else "$caught.Cause"
            case Member(Name("run"), name) if name in _RUN:
                return _RUN[name]
            case Member(Name("secret"), name):
                return json.dumps(f"${{secret_{name}}}")
            case Member(of, name):
                return f"{self._path(of)}.{quoted(name)}"
            case Item(of, Literal(key)) if isinstance(key, str):
                return f"{self._path(of)}.{quoted(key)}"
            case Item(of, key):
                return f"{self._path(of)}[{self.say(key)}]"
        return f"({self.say(node)})"

    def _root(self, name: str) -> str:
        match name:
            case "input":
                return INPUT
            case "output":
                return self.result
            case "item" if self.item:
                return f"${self.item}"
            case "index" if self.index:
                return f"${self.index}"
        raise Untranslatable(f"“{name}” has no counterpart there")

    def _variable(self, known: Mapping[str, str], name: str, said: str) -> str:
        if name not in known:
            raise Untranslatable(f"“{said}” cannot be read from there")
        return f"${known[name]}"


def bracketed(text: str) -> str:
    return f"{{% {text} %}}"


def quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name not in _WORDS else f"`{name}`"


def kind_of(node: Node) -> str:
    """text, number, truth, or nothing where only a run knows."""
    match node:
        case Literal(value):
            kinds: dict[type, str] = {str: "text", bool: "truth", int: "number", float: "number"}
            return kinds.get(type(value), "")
        case Prefixed(sign, _):
            return "truth" if sign == "!" else "number"
        case Joined(sign, left, right):
            if sign in _TRUTHS:
                return "truth"
            return "number" if sign in _NUMERIC else kind_of(left) or kind_of(right)
        case Call(name, _, _):
            return {
                "string": "text",
                "size": "number",
                "double": "number",
                "int": "number",
                "has": "truth",
            }.get(name, "")
        case Either(_, yes, no):
            return kind_of(yes) if kind_of(yes) == kind_of(no) else ""
    return ""


def _may_be_list(node: Node) -> bool:
    # What a path finds is added item by item where it is a list; a list that is written out stays one.
    return not isinstance(node, Literal | Mapped | Listed) and not kind_of(node)
