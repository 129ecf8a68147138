"""Every status a run or a step can have is shown by a word, a shape and a tone."""

import pytest

from runs.wording import KIND_ICONS, RUN, STEP, TONES, Wording, run_wording, step_wording
from tests.front.sprite import ICONS

RUN_STATUSES = {"ready", "running", "undoing", "succeeded", "failed", "cancelled"}
STEP_STATUSES = {
    "", "ready", "running", "waiting", "succeeded", "failed", "skipped",
    "cancelled", "abandoned", "undoing", "undone", "undo_failed",
}  # fmt: skip
WORDINGS = [wording for table in (RUN, STEP) for reasons in table.values() for wording in reasons.values()]


def test_every_run_status_has_words() -> None:
    assert set(RUN) == RUN_STATUSES


def test_every_step_status_has_words() -> None:
    assert set(STEP) == STEP_STATUSES


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording.word)
def test_its_shape_and_tone_exist(wording: Wording) -> None:
    assert wording.icon in ICONS
    assert wording.tone in TONES


@pytest.mark.parametrize("table", [RUN, STEP])
def test_each_status_can_do_without_a_reason(table: dict[str, dict[str, Wording]]) -> None:
    assert all("" in reasons for reasons in table.values())


def test_words_are_not_told_apart_by_colour_alone() -> None:
    shown = {(wording.word, wording.icon) for wording in RUN["failed"].values()}
    assert len(shown) == len(RUN["failed"])


def test_a_reason_changes_the_word() -> None:
    assert run_wording("failed", "rolled_back").word == "Failed, rolled back"
    assert run_wording("running", "awaiting_review").word == "Needs review"


def test_a_reason_without_words_falls_back_to_its_status() -> None:
    assert step_wording("failed", "something_new") == STEP["failed"][""]
    assert step_wording("succeeded", None).word == "Succeeded"


def test_an_unknown_status_is_an_error() -> None:
    with pytest.raises(KeyError):
        run_wording("lost")


def test_every_kind_has_an_icon() -> None:
    assert set(KIND_ICONS.values()) <= ICONS
