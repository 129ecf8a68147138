"""What the states of a machine are called: as their steps are, each name once."""

from collections.abc import Mapping

from designer.graph import Graph
from designer.interop.asl.fields import LONGEST_NAME


class Names:
    """The names of a machine's states: one for each step, and more for what takes several states to say."""

    def __init__(self, graph: Graph) -> None:
        self.taken: set[str] = set()
        self.of: Mapping[str, str] = {
            key: self.free(step.title or step.name) for key, step in graph.steps.items()
        }

    def free(self, wanted: str) -> str:
        """``wanted`` as a name that no other state has."""
        stem = wanted.strip()[:LONGEST_NAME] or "State"
        name, number = stem, 1
        while name in self.taken:
            number += 1
            name = f"{stem[: LONGEST_NAME - 5]} {number}"
        self.taken.add(name)
        return name


class Ways(dict[str, str]):
    """By step, the state that a way to it leads to. In a flawed draft that is nowhere."""

    def __missing__(self, key: str) -> str:
        return key
