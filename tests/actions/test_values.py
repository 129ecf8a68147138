"""Values of any size: small ones in their place, large ones once, too large ones as a clean fault."""

import pytest

from runs.engine import RunStatus
from runs.models import Keeper, Run, StoredValue
from runs.queries.values import shown_output
from tests.actions.flows import branches, echo, flow, review
from tests.factories import Hand, a_run

pytestmark = pytest.mark.django_db

LARGE = "x" * 300_000
TWO = flow(
    one=echo(next="two"), two=echo("${ steps.one.output }", next="three"), three=echo("${ steps.two.output }")
)


@pytest.fixture
def run(hand: Hand) -> Run:
    run = a_run(TWO)
    hand.claim()
    return run


def test_a_large_output_is_stored_once_and_handed_on_by_reference(run: Run, hand: Hand):
    following = hand.succeed("one", LARGE)
    assert following is not None
    assert following.inputs == {"value": LARGE}
    following = hand.succeed("two", LARGE)
    assert following is not None
    assert following.inputs == {"value": LARGE}
    hand.succeed("three", {"all": LARGE, "n": 1})
    (stored,) = StoredValue.objects.all()
    assert stored.size == len(LARGE) + 2
    kept = {"stored": stored.pk}
    by_key = {step.key: (step.input, step.output) for step in run.step_runs.all()}
    assert by_key["one"][1] == kept
    assert by_key["two"] == ({"parts": {"value": kept}}, kept)
    run.refresh_from_db()
    assert run.output == {"parts": {"all": kept, "n": {"is": 1}}}
    assert Keeper(run).open(run.output) == {"all": LARGE, "n": 1}
    assert len(run.state) < 2_000


def test_what_is_large_only_as_a_whole_is_stored_whole(run: Run, hand: Hand):
    many = {f"name{n}": "y" * 900 for n in range(400)}
    following = hand.succeed("one", many)
    assert following is not None
    assert following.inputs == {"value": many}
    assert StoredValue.objects.count() == 1


def test_a_claim_after_a_crash_reads_the_large_input_again(run: Run, hand: Hand):
    hand.succeed("one", [LARGE], go_on=False)
    (held,) = Hand().claim()
    assert held.inputs == {"value": [LARGE]}


def test_a_page_names_it_by_its_size(run: Run, hand: Hand):
    hand.succeed("one", LARGE)
    step = run.step_runs.get(key="two")
    assert shown_output(run, step.input) == {"value": "(300,002 bytes, kept aside)"}


@pytest.mark.parametrize(("letters", "kept"), [(4_999, "is"), (5_000, "stored")])
def test_the_limit_counts_bytes(hand: Hand, settings, letters: int, kept: str):
    settings.CHOREO_INLINE_LIMIT = 10_000
    run = a_run(flow(one=echo()))
    hand.claim()
    hand.succeed("one", "ä" * letters)
    run.refresh_from_db()
    assert set(run.output) == {kept}


def test_an_input_that_grows_too_large_is_a_clean_fault(hand: Hand, settings):
    settings.CHOREO_INLINE_LIMIT, settings.CHOREO_VALUE_LIMIT = 1_000, 5_000
    twice = {"a": "${ steps.one.output }", "b": "${ steps.one.output }"}
    run = a_run(flow(one=echo(next="two"), two=echo(twice)))
    hand.claim()
    assert hand.succeed("one", "x" * 3_000) is None
    run.refresh_from_db()
    assert (run.status, run.fault["name"], run.fault["step"]) == (RunStatus.FAILED, "ValueRefused", "two")
    assert run.fault["message"] == "A value has 6,029 bytes as JSON, and the limit is 5,000."


@pytest.mark.parametrize(
    "flawed",
    [
        {"kind": "set", "assign": {"a": "${ input.text }${ input.text }"}},
        {"kind": "succeed", "output": {"a": "${ input.text }${ input.text }"}},
        review(
            show=[{"label": "a", "value": "${ input.text }${ input.text }"}], outcomes={"yes": {"next": ""}}
        ),
    ],
    ids=["set", "succeed", "review"],
)
def test_whatever_is_written_by_an_expression_keeps_the_limit(hand: Hand, settings, flawed):
    settings.CHOREO_INLINE_LIMIT, settings.CHOREO_VALUE_LIMIT = 1_000, 5_000
    run = a_run(flow(one=flawed), {"text": "x" * 3_000})
    assert hand.claim() == []
    run.refresh_from_db()
    assert (run.status, run.fault["name"], run.fault["step"]) == (RunStatus.FAILED, "ValueRefused", "one")


def test_an_expression_cannot_make_what_no_database_stores(hand: Hand):
    run = a_run(flow(one=echo("${ 'a\\u0000b' }")))
    assert hand.claim() == []
    run.refresh_from_db()
    assert (run.status, run.fault["name"]) == (RunStatus.FAILED, "ValueRefused")
    assert "NUL" in run.fault["message"]


def test_gathered_outputs_are_read_where_they_lie(hand: Hand):
    run = a_run(
        flow(all=branches(next="after", a=echo("a"), b=echo("b")), after=echo("${ steps.all.output }"))
    )
    hand.claim()
    hand.claim()
    hand.succeed("a", LARGE)
    following = hand.succeed("b", 2)
    assert following is not None
    assert following.inputs == {"value": {"a": LARGE, "b": 2}}
    both = run.step_runs.get(key="all")
    nos = dict(run.step_runs.values_list("key", "no"))
    assert both.output == {"gathered": {"a": nos["a"], "b": nos["b"]}}
    assert shown_output(run, both.output) == {"a": "(300,002 bytes, kept aside)", "b": 2}
    assert StoredValue.objects.count() == 1


def test_a_run_whose_last_step_is_a_parallel_gives_what_was_gathered(hand: Hand):
    run = a_run(flow(all=branches(a=echo("a"), b=echo("b"))))
    hand.claim()
    hand.claim()
    hand.succeed("a", 1)
    hand.succeed("b", 2)
    run.refresh_from_db()
    assert shown_output(run, run.output) == {"a": 1, "b": 2}


def test_many_large_values_are_read_by_one_statement(run: Run, django_assert_num_queries):
    keeper = Keeper(run)
    texts = [f"{number}{LARGE}" for number in range(4)]
    sealed = [*(keeper.seal(text) for text in texts[:3]), keeper.seal({"all": texts[3], "n": 1}), None]
    with django_assert_num_queries(1):
        assert Keeper(run).open_all(sealed) == [*texts[:3], {"all": texts[3], "n": 1}, None]
    with django_assert_num_queries(0):
        assert Keeper(run).open_all([{"is": 1}]) == [1]
