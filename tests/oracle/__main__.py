"""How much of the corpus comes out as it was recorded: `make oracle` prints the figures of all its manifests.

`make oracle ARGS=--families` counts the executions by family and by need. With a part of an id, or with ``--all``, what
is not as expected is told of each that fails; with ``--back`` every definition is exported and imported first.
"""

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from .definitions import corpus
from .figures import MICRO, all_figures
from .running import flaws_of


def main(arguments: list[str]) -> None:
    if arguments:
        executions(arguments)
        return
    for figure in all_figures():
        print(figure)


def executions(arguments: list[str]) -> None:
    back = "--back" in arguments
    part = next((each for each in arguments if not each.startswith("--")), None)
    cases = [case for case in corpus("asl_oracle") if part is None or part in case["id"]]
    failing = {case["id"]: flaws for case in cases if (flaws := flaws_of(case, there_and_back=back))}
    for name, flaws in failing.items() if part is not None or "--all" in arguments else ():
        print(name, *(flaw[:600] for flaw in flaws), sep="\n    ")
    count("all", cases, failing)
    count("without micro-cases", [case for case in cases if case["family"] not in MICRO], failing)
    by("family", cases, failing, lambda case: [case["family"]])
    by("needs", cases, failing, lambda case: case["needs"])


def count(name: str, cases: list[dict[str, Any]], failing: Mapping[str, Any]) -> None:
    passed = sum(case["id"] not in failing for case in cases)
    print(f"{name:40} {passed:4} of {len(cases):4}  {100 * passed / max(1, len(cases)):6.2f} %")


def by(
    title: str, cases: list[dict[str, Any]], failing: Mapping[str, Any], names: Callable[[Any], list[str]]
) -> None:
    print(f"\nby {title}")
    counted = Counter(name for case in cases for name in names(case))
    for name, _ in counted.most_common():
        count(f"  {name}", [case for case in cases if name in names(case)], failing)


main(sys.argv[1:])
