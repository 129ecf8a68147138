import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.catalog.semver import Semver, parse_range, parse_version

numbers = st.integers(0, 30)
versions = st.builds(Semver, numbers, numbers, numbers)


@given(versions)
def test_a_version_is_read_as_it_is_written(version):
    assert parse_version(str(version)) == version


@pytest.mark.parametrize("text", ["1", "1.2", "1.2.3.4", "v1.2.3", "1.2.x", "01.2.3", "1.2.3-rc1", "", "²"])
def test_what_is_not_three_numbers_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match=r"is not a semantic version; write three numbers such as 1\.2\.0"):
        parse_version(text)


@pytest.mark.parametrize("text", ["latest", ">=1", "^", "1.x", "1.2.3.4", "^1 || ^2"])
def test_what_is_not_a_range_is_refused_with_examples(text):
    with pytest.raises(ValueError, match="is not a version range; write"):
        parse_range(text)


@pytest.mark.parametrize(
    ("wanted", "inside", "outside"),
    [
        ("", ["0.0.1", "9.9.9"], []),
        ("^1", ["1.0.0", "1.9.9"], ["0.9.9", "2.0.0"]),
        ("^1.2", ["1.2.0", "1.9.0"], ["1.1.9", "2.0.0"]),
        ("^1.2.3", ["1.2.3", "1.3.0"], ["1.2.2", "2.0.0"]),
        ("^0.2", ["0.2.0", "0.2.9"], ["0.3.0", "0.1.0"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.2.2", "0.3.0"]),
        ("^0.0.3", ["0.0.3"], ["0.0.2", "0.0.4"]),
        ("^0.0", ["0.0.0", "0.0.9"], ["0.1.0"]),
        ("^0", ["0.0.0", "0.9.0"], ["1.0.0"]),
        ("~1", ["1.0.0", "1.9.0"], ["2.0.0"]),
        ("~1.2", ["1.2.0", "1.2.9"], ["1.3.0"]),
        ("~1.2.3", ["1.2.3", "1.2.9"], ["1.2.2", "1.3.0"]),
        ("2", ["2.0.0", "2.9.9"], ["1.9.9", "3.0.0"]),
        ("2.1", ["2.1.0", "2.1.9"], ["2.0.9", "2.2.0"]),
        ("2.1.0", ["2.1.0"], ["2.0.9", "2.1.1"]),
    ],
)
def test_ranges_hold_what_people_expect(wanted, inside, outside):
    found = parse_range(wanted)
    assert [text for text in inside if parse_version(text) not in found] == []
    assert [text for text in outside if parse_version(text) in found] == []


@given(versions, versions)
def test_an_exact_range_holds_one_version(version, other):
    assert (other in parse_range(str(version))) == (other == version)


@given(versions, versions)
def test_a_caret_never_crosses_a_major_version_nor_goes_back(version, other):
    if other in parse_range(f"^{version}"):
        assert other.major == version.major
        assert other >= version


def test_a_range_holds_versions_only():
    assert "1.0.0" not in parse_range("^1")
