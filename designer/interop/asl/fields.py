"""Which fields the language has: by type of state, and by query language."""

from collections.abc import Mapping
from dataclasses import dataclass

from designer.dataflow import Language

TELLING = frozenset({"Type", "Comment", "QueryLanguage"})
LEADING = frozenset({"Next", "End"})
MENDING = frozenset({"Retry", "Catch"})
MACHINE = frozenset({"Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"})
SUB_MACHINE = frozenset({"Comment", "StartAt", "States", "ProcessorConfig", "QueryLanguage"})
LONGEST_NAME = 80
LONGEST_SECONDS = 99_999_999

_PATHS = frozenset({"InputPath", "OutputPath"})
_RESULT = frozenset({"Parameters", "ResultSelector", "ResultPath"})


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one type of state."""

    both: frozenset[str] = frozenset()
    jsonpath: frozenset[str] = frozenset()
    jsonata: frozenset[str] = frozenset()
    leads_on: bool = True  # by Next or End
    required: tuple[str, ...] = ()

    def of(self, language: Language) -> frozenset[str]:
        own = self.jsonpath if language is Language.JSONPATH else self.jsonata
        return TELLING | (LEADING if self.leads_on else frozenset()) | self.both | own

    def of_other(self, language: Language) -> frozenset[str]:
        return self.jsonata if language is Language.JSONPATH else self.jsonpath


TYPES: Mapping[str, Fields] = {
    "Task": Fields(
        both=MENDING | {"Resource", "TimeoutSeconds", "HeartbeatSeconds", "Credentials", "Assign"},
        jsonpath=_PATHS | _RESULT | {"TimeoutSecondsPath", "HeartbeatSecondsPath"},
        jsonata=frozenset({"Arguments", "Output"}),
        required=("Resource",),
    ),
    "Pass": Fields(
        both=frozenset({"Assign"}),
        jsonpath=_PATHS | {"Result", "Parameters", "ResultPath"},
        jsonata=frozenset({"Output"}),
    ),
    "Wait": Fields(
        both=frozenset({"Seconds", "Timestamp", "Assign"}),
        jsonpath=_PATHS | {"SecondsPath", "TimestampPath"},
        jsonata=frozenset({"Output"}),
    ),
    "Choice": Fields(
        both=frozenset({"Choices", "Default", "Assign"}),
        jsonpath=_PATHS,
        jsonata=frozenset({"Output"}),
        leads_on=False,
        required=("Choices",),
    ),
    "Succeed": Fields(jsonpath=_PATHS, jsonata=frozenset({"Output"}), leads_on=False),
    "Fail": Fields(
        both=frozenset({"Error", "Cause"}),
        jsonpath=frozenset({"ErrorPath", "CausePath"}),
        leads_on=False,
    ),
    "Parallel": Fields(
        both=MENDING | {"Branches", "Assign"},
        jsonpath=_PATHS | _RESULT,
        jsonata=frozenset({"Arguments", "Output"}),
        required=("Branches",),
    ),
    "Map": Fields(
        both=MENDING
        | {
            "Iterator", "ItemProcessor", "ItemReader", "ItemSelector", "ItemBatcher", "ResultWriter", "Label",
            "MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage", "Assign",
        },
        jsonpath=_PATHS
        | _RESULT
        | {"ItemsPath", "MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath"},
        jsonata=frozenset({"Items", "Output"}),
    ),
}  # fmt: skip

# Of these pairs at most one may stand; of the last four, exactly one.
EITHER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Task": (("TimeoutSeconds", "TimeoutSecondsPath"), ("HeartbeatSeconds", "HeartbeatSecondsPath")),
    "Fail": (("Error", "ErrorPath"), ("Cause", "CausePath")),
    "Map": (
        ("MaxConcurrency", "MaxConcurrencyPath"),
        ("ToleratedFailureCount", "ToleratedFailureCountPath"),
        ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
        ("Iterator", "ItemProcessor"),
        ("Parameters", "ItemSelector"),
        ("ItemReader", "ItemsPath"),
    ),
}
WAITS = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")

# Whole numbers that may also be an expression, and the least and the most that they may say.
NUMBERS: Mapping[str, tuple[int, int]] = {
    "Seconds": (0, LONGEST_SECONDS),
    "TimeoutSeconds": (1, LONGEST_SECONDS),
    "HeartbeatSeconds": (1, LONGEST_SECONDS),
    "MaxConcurrency": (0, 2**31 - 1),
    "ToleratedFailureCount": (0, 2**31 - 1),
    "ToleratedFailurePercentage": (0, 100),
}
