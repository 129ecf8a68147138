from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer import catalog
from designer.catalog import Registry, StepType, StepTypeNotFound, step, step_type_of
from designer.catalog.semver import Semver
from tests.acme import steps as acme


def make(key: str, version: str, *, retired: bool = False, undone_by: str | None = None) -> StepType:
    noop = step_type_of(acme.noop)
    return replace(
        noop, contract=replace(noop.contract, key=key, version=version, retired=retired, undone_by=undone_by)
    )


def registry_of(*step_types: StepType) -> Registry:
    registry = Registry()
    for step_type in step_types:
        registry.register(step_type)
    return registry


ORDERS = registry_of(
    make("orders.validate", "1.0.0"),
    make("orders.validate", "1.4.2"),
    make("orders.validate", "2.1.0"),
    make("orders.validate", "2.2.0", retired=True),
    make("orders.void", "0.1.0", retired=True, undone_by="orders.missing"),
)


@pytest.mark.parametrize(
    ("reference", "version"),
    [
        ("orders.validate", "2.1.0"),
        ("orders.validate@^1", "1.4.2"),
        ("orders.validate@~1.0", "1.0.0"),
        ("orders.validate@2", "2.1.0"),
        ("orders.validate@2.1.0", "2.1.0"),
        ("orders.validate@2.2.0", "2.2.0"),
        ("orders.void", "0.1.0"),
    ],
)
def test_a_reference_finds_the_newest_that_fits_and_is_not_retired(reference, version):
    assert ORDERS.resolve(reference).version == version


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        (
            "orders.validat",
            "There is no step type orders.validat. Did you mean orders.validate or orders.void?",
        ),
        ("nothing.like_it", "There is no step type nothing.like_it. Is its app installed?"),
        ("", "There is no step type without a name. Is its app installed?"),
        ("orders.validate@^3", "No version of orders.validate fits ^3; there is 1.0.0, 1.4.2, 2.1.0, 2.2.0."),
        (
            "orders.validate@new",
            "orders.validate@new: 'new' is not a version range; write ^1, ~1.2, 1, 1.2 or 1.2.0.",
        ),
    ],
)
def test_what_is_not_found_is_a_sentence(reference, sentence):
    with pytest.raises(StepTypeNotFound) as caught:
        ORDERS.resolve(reference)
    assert str(caught.value) == sentence
    assert ORDERS.find(reference) is None


def test_all_lists_every_version_the_newest_first():
    assert [step_type.reference for step_type in ORDERS.all()] == [
        "orders.validate@2.2.0",
        "orders.validate@2.1.0",
        "orders.validate@1.4.2",
        "orders.validate@1.0.0",
        "orders.void@0.1.0",
    ]
    assert ORDERS.names() == ["orders.validate", "orders.void"]


def test_an_undoing_that_nobody_registered_is_a_loose_end():
    assert ORDERS.loose_ends() == ["orders.void@0.1.0 is undone by orders.missing, which is not registered."]


def test_what_is_registered_temporarily_is_gone_afterwards():
    before = catalog.names()
    with catalog.register_temporarily(make("acme.noop", "1.0.0"), make("acme.guest", "1.0.0")):

        @step("acme.visitor", version="1.0.0")
        def visitor() -> None: ...

        assert {"acme.guest", "acme.visitor"} <= set(catalog.names())
        assert catalog.get("acme.noop", "1").contract.title == step_type_of(acme.noop).contract.title
    assert catalog.names() == before
    assert catalog.find("acme.guest@1") is None
    assert catalog.resolve("acme.noop") is step_type_of(acme.noop)


@given(st.sets(st.builds(Semver, *[st.integers(0, 3)] * 3), min_size=1), st.integers(0, 3))
def test_a_caret_finds_the_highest_of_its_major_version(versions, major):
    registry = registry_of(*(make("a.b", str(version)) for version in versions))
    fitting = [version for version in versions if version.major == major]
    found = registry.find(f"a.b@^{major}")
    assert (found.version if found else None) == (str(max(fitting)) if fitting else None)
