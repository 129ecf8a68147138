"""Databases that earlier versions have left are brought to this one: what they tell is so, and their runs go on."""

from pathlib import Path

import pytest

from tests.bench.apart import told_by
from tests.histories.record import HERE, NAMES, restore, surroundings
from tests.reliability.references import REFERENCES
from tests.settings import CHOSEN

KEPT = sorted(HERE.glob(f"*/{NAMES[CHOSEN]}"))


@pytest.mark.django_db
@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: kept.parent.name)
def test_what_an_earlier_version_has_left_goes_on(kept: Path, tmp_path: Path):
    url = restore(kept, tmp_path)
    told = told_by("tests.histories.playing.finish", folder=str(tmp_path), **surroundings(tmp_path, url))
    assert told["broken"] == []
    assert told["left"] == []
    assert told["runs"] > told["finished before"] >= len(REFERENCES)
    ends = {
        f"{kind}-{number}": reference.status
        for number, reference in enumerate(REFERENCES.values())
        for kind in ("whole", "half")
    }
    assert {key: end for key, end in told["ends"].items() if key in ends} == ends


def test_there_is_at_least_one():
    assert KEPT
