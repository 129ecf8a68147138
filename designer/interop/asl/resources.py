"""What the resource of a Task names: a function, an activity, or an action of a service and how its end is told."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Pattern(StrEnum):
    """How a Task learns that what it called has ended."""

    ANSWER = "answer"  # by the answer of the call
    SYNC = "sync"  # when what was begun has ended (.sync)
    TOKEN = "token"  # when somebody gives the token back (.waitForTaskToken)
    ACTIVITY = "activity"  # when a worker that asked for it reports


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource, taken apart; ``service`` is empty where it could not be."""

    written: str
    service: str = ""  # lambda, sns, states, aws-sdk:s3, ...
    action: str = ""  # invoke, publish, startExecution, ...
    pattern: Pattern = Pattern.ANSWER
    version: str = ""  # of the pattern: startExecution.sync:2 gives JSON, where .sync gives a text

    @property
    def name(self) -> str:
        """What it is called in a report."""
        if self.service in ("function", "activity"):
            return f"the {self.service} {self.action}" if self.action else f"a {self.service}"
        return f"{self.service}:{self.action}" if self.service else self.written or "nothing"


_INTEGRATION = re.compile(
    r"arn:[^:]*:states:[^:]*:[^:]*:(?P<service>aws-sdk:[\w-]+|[\w-]+):(?P<action>[\w-]+)"
    r"(?:\.(?P<pattern>sync|waitForTaskToken)(?::(?P<version>\d))?)?"
)
_SUBSTITUTION = re.compile(r"\$\{[^{}]*\}")
_FUNCTION = re.compile(r"arn:[^:]*:lambda:[^:]*:[^:]*:function:(?P<name>[\w-]+)(?::(?P<alias>[\w$-]+))?")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_ALIAS = re.compile(r"\$LATEST|[A-Za-z0-9_-]+")
_ACTIVITY = re.compile(r"arn:[^:]*:states:[^:]*:[^:]*:activity:(?P<name>.+)")
# What the services that Step Functions integrates by name can do. What is not named here is not judged.
ACTIONS: Mapping[str, frozenset[str]] = {
    "dynamodb": frozenset({"getItem", "putItem", "deleteItem", "updateItem"}),
    "lambda": frozenset({"invoke"}),
    "sns": frozenset({"publish"}),
    "sqs": frozenset({"sendMessage"}),
    "events": frozenset({"putEvents"}),
    "states": frozenset({"startExecution"}),
    "http": frozenset({"invoke"}),
    "apigateway": frozenset({"invoke"}),
    "batch": frozenset({"submitJob"}),
    "ecs": frozenset({"runTask"}),
    "glue": frozenset({"startJobRun"}),
    "databrew": frozenset({"startJobRun"}),
    "mediaconvert": frozenset({"createJob"}),
    "bedrock": frozenset({"invokeModel", "createModelCustomizationJob"}),
    "athena": frozenset({"startQueryExecution", "stopQueryExecution", "getQueryExecution", "getQueryResults"}),
}  # fmt: skip


def resource_text(written: Any) -> str:
    """A resource as text: what CloudFormation writes as an object, as JSON."""
    return written if isinstance(written, str) else json.dumps(written, separators=(",", ":"))


def resource_value(text: str) -> Any:
    """The inverse of `resource_text`."""
    if text.startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def read_resource(text: str) -> Resource:
    """A resource taken apart. Never fails: what nobody knows has no service."""
    filled = _filled(text[2:-1] if text.startswith("${arn:") and text.endswith("}") else text)
    if found := _ACTIVITY.fullmatch(filled):
        return Resource(text, "activity", found["name"], Pattern.ACTIVITY)
    if found := _INTEGRATION.fullmatch(filled):
        pattern = {"sync": Pattern.SYNC, "waitForTaskToken": Pattern.TOKEN}.get(
            found["pattern"] or "", Pattern.ANSWER
        )
        return Resource(text, found["service"], found["action"], pattern, found["version"] or "")
    if found := _FUNCTION.fullmatch(filled):
        return Resource(text, "function", found["name"])
    guessed = text.lower()
    if "activity" in guessed:
        return Resource(text, "activity", "", Pattern.ACTIVITY)
    if "function" in guessed or "lambda" in guessed or guessed.endswith(("arn}", "fn}")):
        return Resource(text, "function")
    return Resource(text)


def resource_name(text: str) -> str:
    """A resource as people call it: lambda:invoke."""
    return read_resource(text).name


def resource_flaw(text: str) -> str:
    """Why no service would know a resource, as a sentence; empty where one may."""
    filled = _filled(text)
    if "${" in filled:
        return "The substitution in this resource is not closed: it begins with “${” and no “}” follows."
    if text.startswith("{") or (filled != text and not filled.startswith("arn:")):
        return ""
    parts = filled.split(":")
    if not _URI.fullmatch(filled) or (parts[0] == "arn" and len(parts) < 6):
        return "A resource is a URI, at AWS an ARN: arn:aws:states:::sns:publish, for instance."
    if parts[0] != "arn":
        return ""
    if parts[2] == "lambda":
        alias = parts[7] if len(parts) > 7 else None
        if alias is not None and not _ALIAS.fullmatch(alias):
            return "What stands behind the function’s name is no alias and no version of a function."
    found = read_resource(text)
    if found.service in ACTIONS and found.action not in ACTIONS[found.service]:
        offered = ", ".join(sorted(ACTIONS[found.service]))
        return f"“{found.service}” has no “{found.action}”; it has {offered}. All others begin with aws-sdk:."
    return ""


def _filled(text: str) -> str:
    """The text with a word for each substitution, those within others too."""
    for _ in range(5):
        text, count = _SUBSTITUTION.subn("x", text)
        if not count:
            break
    return text
