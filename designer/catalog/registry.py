"""The catalog: every step type there is, by key and version, old versions side by side with new ones."""

import difflib
from collections.abc import Iterator
from contextlib import contextmanager

from designer.catalog.failures import DeclarationRefused, StepTypeNotFound
from designer.catalog.semver import Semver, parse_range, parse_version
from designer.catalog.step_type import StepType


class Registry:
    def __init__(self) -> None:
        self._step_types: dict[str, dict[Semver, StepType]] = {}

    def register(self, step_type: StepType) -> StepType:
        versions = self._step_types.setdefault(step_type.key, {})
        version = parse_version(step_type.version)
        if version in versions:
            raise DeclarationRefused(
                f"{step_type.reference} is registered already, by {_origin(versions[version])}; "
                f"give {_origin(step_type)} another key or a new version."
            )
        versions[version] = step_type
        return step_type

    def resolve(self, reference: str) -> StepType:
        """The newest step type that answers to `orders.validate@^1`, `@2`, `@2.1.0` or no version at all."""
        key, _, wanted = reference.partition("@")
        return self.get(key, wanted)

    def get(self, key: str, range: str = "") -> StepType:
        """Retired versions stand back: they answer only where nothing else does."""
        versions = self._step_types.get(key)
        if not versions:
            raise StepTypeNotFound(self._unknown(key))
        try:
            wanted = parse_range(range)
        except ValueError as problem:
            raise StepTypeNotFound(f"{key}@{range}: {problem}") from None
        fitting = [version for version in versions if version in wanted]
        if not fitting:
            there = ", ".join(str(version) for version in sorted(versions))
            raise StepTypeNotFound(f"No version of {key} fits {range}; there is {there}.")
        return versions[max(fitting, key=lambda version: (not versions[version].contract.retired, version))]

    def find(self, reference: str) -> StepType | None:
        try:
            return self.resolve(reference)
        except StepTypeNotFound:
            return None

    def all(self) -> list[StepType]:
        """Every version of every step type, by key, the newest version first."""
        return [
            versions[version]
            for _, versions in sorted(self._step_types.items())
            for version in sorted(versions, reverse=True)
        ]

    def names(self) -> list[str]:
        return sorted(self._step_types)

    def loose_ends(self) -> list[str]:
        """Promises no one keeps: known only when every app has registered."""
        return [
            f"{step_type.reference} is undone by {step_type.contract.undone_by}, which is not registered."
            for step_type in self.all()
            if step_type.contract.undone_by and step_type.contract.undone_by not in self._step_types
        ]

    @contextmanager
    def register_temporarily(self, *step_types: StepType) -> Iterator[None]:
        """For tests: what is given, and what is registered inside the block, is gone after it."""
        before = {key: dict(versions) for key, versions in self._step_types.items()}
        for step_type in step_types:
            self._step_types.setdefault(step_type.key, {})[parse_version(step_type.version)] = step_type
        try:
            yield
        finally:
            self._step_types = before

    def _unknown(self, key: str) -> str:
        close = difflib.get_close_matches(key, self._step_types, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "Is its app installed?"
        return f"There is no step type {key or 'without a name'}. {hint}"


def _origin(step_type: StepType) -> str:
    return f"{step_type.function.__module__}.{step_type.function.__qualname__}"


THE_REGISTRY = Registry()
register = THE_REGISTRY.register
resolve = THE_REGISTRY.resolve
get = THE_REGISTRY.get
find = THE_REGISTRY.find
all = THE_REGISTRY.all
names = THE_REGISTRY.names
loose_ends = THE_REGISTRY.loose_ends
register_temporarily = THE_REGISTRY.register_temporarily
