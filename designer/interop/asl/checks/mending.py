"""Retry and Catch."""

from collections.abc import Mapping
from typing import Any

from designer.dataflow import Language
from designer.graph import described
from designer.interop.asl.fields import LONGEST_SECONDS
from designer.interop.asl.problem import Code, Place

from .shapes import is_number, listing, one_of, required, text, whole_number

EVERYTHING = "States.ALL"
RETRIER = frozenset({
    "ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment",
})  # fmt: skip
CATCHER = {
    Language.JSONPATH: frozenset({"ErrorEquals", "Next", "ResultPath", "Assign", "Comment"}),
    Language.JSONATA: frozenset({"ErrorEquals", "Next", "Output", "Assign", "Comment"}),
}
OWN_ERRORS = frozenset({
    "States.ALL", "States.BranchFailed", "States.DataLimitExceeded", "States.ExceedToleratedFailureThreshold",
    "States.HeartbeatTimeout", "States.IntrinsicFailure", "States.ItemReaderFailed",
    "States.NoChoiceMatched", "States.ParameterPathFailure", "States.Permissions", "States.QueryEvaluationError",
    "States.ResultPathMatchFailure", "States.ResultWriterFailed", "States.Runtime", "States.TaskFailed",
    "States.Timeout",
})  # fmt: skip


def check_mending(state: Mapping[str, Any], language: Language, place: Place) -> None:
    if "Retry" in state:
        _check_each(state["Retry"], place.at("Retry"), "retriers", _check_retrier, RETRIER)
    if "Catch" in state:
        _check_each(state["Catch"], place.at("Catch"), "catchers", _check_catcher, CATCHER[language])


def _check_each(written: Any, place: Place, what: str, check: Any, fields: frozenset[str]) -> None:
    # An empty list of either is a way of saying that there are none.
    entries = listing(written, place, what) if written != [] else []
    for index, entry in enumerate(entries):
        here = place.at(index)
        if not isinstance(entry, dict):
            here.say(Code.WRONG_TYPE, f"This is an object with “ErrorEquals”, not {described(entry)}.")
            continue
        for name in entry.keys() - fields:
            here.at(name).say(Code.UNKNOWN_FIELD, f"There is no field “{name}” here.", stops=False)
        if required(entry, ("ErrorEquals",), here):
            _check_errors(entry["ErrorEquals"], here.at("ErrorEquals"), last=index == len(entries) - 1)
        check(entry, here)


def _check_errors(written: Any, place: Place, *, last: bool) -> None:
    names = listing(written, place, "names of errors")
    for index, name in enumerate(names):
        if not text(name, place.at(index)):
            return
        if name.startswith("States.") and not name.startswith("States.Http.") and name not in OWN_ERRORS:
            message = (
                f"“{name}” is no error of the language, and names that begin with “States.” are its own."
            )
            place.at(index).say(Code.BAD_ERROR_NAMES, message, stops=False)
    if EVERYTHING in names and (len(names) > 1 or not last):
        message = f"{EVERYTHING} stands alone, and in the last entry: what comes after it is never asked."
        place.say(Code.BAD_ERROR_NAMES, message, stops=False)


def _check_retrier(entry: Mapping[str, Any], place: Place) -> None:
    if "IntervalSeconds" in entry:
        whole_number(entry["IntervalSeconds"], (1, LONGEST_SECONDS), place.at("IntervalSeconds"))
    if "MaxAttempts" in entry:
        whole_number(entry["MaxAttempts"], (0, LONGEST_SECONDS), place.at("MaxAttempts"))
    if "MaxDelaySeconds" in entry:
        whole_number(entry["MaxDelaySeconds"], (1, 31_622_400), place.at("MaxDelaySeconds"))
    if "JitterStrategy" in entry:
        one_of(entry["JitterStrategy"], ("FULL", "NONE"), place.at("JitterStrategy"))
    rate = entry.get("BackoffRate", 1)
    if not is_number(rate):
        place.at("BackoffRate").say(Code.WRONG_TYPE, f"This is a number, not {described(rate)}.")
    elif not 1 <= rate <= 1_000:
        place.at("BackoffRate").say(
            Code.WRONG_VALUE, f"This is a number from 1 to 1000, not {described(rate)}."
        )


def _check_catcher(entry: Mapping[str, Any], place: Place) -> None:
    if required(entry, ("Next",), place):
        text(entry["Next"], place.at("Next"))
