"""Maps: the same for each item, so many at a time, joined like branches."""

from datetime import timedelta
from typing import Any

import pytest

from designer.graph import Join, OnBranchFailure, OnExhausted, Rest, SetVariables, Succeed
from runs.engine import Resolution, Status
from runs.engine import events as e

from .flows import REFUSED, act, chain, each, flow, fork, saga
from .play import Play, drive, go_on

LIST: Any = "${ input.list }"


def one(key: str = "one", **more: Any) -> Any:
    return act(key, inputs={"n": "${ item }"}, **more)


def mapped(numbers: list[Any], *after: Any, body: list[Any] | None = None, **more: Any) -> Play:
    follows = after[0].key if after else None
    graph = flow(each("all", LIST, body or [one()], follows, **more), *after)
    play = Play(graph, input={"list": numbers})
    play.start()
    return play


def inputs_of(play: Play) -> list[Any]:
    return [order.inputs["n"] for order in play.orders.values()]


def test_so_many_items_are_under_way_at_once() -> None:
    play = mapped([1, 2, 3, 4], max_concurrency=2)
    assert inputs_of(play) == [1, 2]
    first = next(iter(play.orders))
    play.begin(first, 1)
    play.report(first, 1, {"n": 1})
    assert inputs_of(play) == [2, 3]


def test_its_output_is_a_list_in_the_order_of_the_items() -> None:
    done = Succeed(key="done", output="${ steps.all.output }")
    play = mapped([1, 2, 3], done)
    for no in sorted(play.orders, reverse=True):
        play.begin(no, 1)
        play.report(no, 1, no)
    assert play.output == [2, 3, 4]


def test_an_item_knows_its_number() -> None:
    done = Succeed(key="done", output="${ steps.all.output }")
    numbered = Succeed(key="numbered", output="${ {'number': index, 'of': item} }")
    assert mapped(["a", "b"], done, body=[numbered]).output == [
        {"number": 0, "of": "a"},
        {"number": 1, "of": "b"},
    ]


def test_no_items_are_done_at_once() -> None:
    done = Succeed(key="done", output="${ steps.all.output }")
    play = mapped([], done)
    assert (play.end, play.output) == (("succeeded", None), [])


@pytest.mark.parametrize("items", [None, "abc", {"a": 1}, 7])
def test_what_is_no_list_fails_with_a_sentence(items: Any) -> None:
    play = mapped(items)
    assert play.told(e.StepFailed)[0].fault.message == "The items of a map must be a list."


def test_too_many_items_are_refused() -> None:
    play = mapped(list(range(10_001)))
    assert play.told(e.StepFailed)[0].fault.name == "TooManyItems"


def test_a_batch_is_a_list_of_items() -> None:
    play = mapped([1, 2, 3], batch=2)
    assert inputs_of(play) == [[1, 2], [3]]


def test_a_failed_item_fails_the_map_and_cancels_the_others() -> None:
    play = mapped([1, 2, 3], max_concurrency=2)
    play.report_first(REFUSED)
    assert play.fate("one") is Status.CANCELLED
    assert play.end[0] == "failed"


@pytest.mark.parametrize(
    ("tolerate", "failing", "end"), [(1, 1, "succeeded"), (1, 2, "failed"), ("50%", 2, "succeeded")]
)
def test_failures_are_tolerated_up_to_a_number(tolerate: int | str, failing: int, end: str) -> None:
    join = Join(tolerate=tolerate, on_failure=OnBranchFailure.WAIT)
    graph = flow(each("all", LIST, [one()], join=join))
    play = drive(graph, {"one": [REFUSED] * failing}, input={"list": [1, 2, 3, 4]})
    assert play.end[0] == end


def test_errors_are_handed_on() -> None:
    done = Succeed(key="done", output="${ steps.all.errors.map(e, string(e.index) + ' ' + e.name) }")
    graph = flow(each("all", LIST, [one()], "done", join=Join(on_failure=OnBranchFailure.CONTINUE)), done)
    play = drive(graph, {"one": [{}, REFUSED, REFUSED]}, input={"list": [1, 2, 3]})
    assert play.output == ["1 Refused", "2 Refused"]


def test_any_goes_on_with_the_first_and_absorbs_the_rest() -> None:
    join = Join(wait_for="any", rest=Rest.ABSORB)
    play = mapped([1, 2], act("after"), join=join)
    play.report_first({"n": 1})
    assert sorted(play.keys[no] for no in play.orders) == ["after", "one"]
    play.finish("one", {"n": 2})
    assert play.end[0] == "running"
    play.finish("after")
    assert play.end[0] == "succeeded"


def test_a_retried_map_does_again_only_what_had_failed() -> None:
    graph = flow(
        each(
            "all",
            LIST,
            [one()],
            on_exhausted=OnExhausted.DEAD_LETTER,
            join=Join(on_failure=OnBranchFailure.WAIT),
        )
    )
    play = drive(graph, {"one": [{}, REFUSED, {}, REFUSED]}, input={"list": [1, 2, 3, 4]})
    assert play.find("all").fault is not None
    play.resolve("all", Resolution.RETRY)
    assert inputs_of(play) == [2, 4]
    go_on(play)
    assert play.end[0] == "succeeded"


def test_items_may_be_added_until_somebody_closes_the_list() -> None:
    play = mapped([1], open_ended=True)
    play.report_first({"n": 1})
    assert play.end[0] == "running"
    play.add_items("all", 2, 3)
    assert inputs_of(play) == [2, 3]
    play.close_items("all")
    assert play.add_items("all", 4).ignored == "the list of items is closed"
    go_on(play)
    assert (play.end[0], play.output) == ("succeeded", [{"n": 1}, {}, {}])


def test_after_an_item_that_is_cancelled_from_outside_the_others_are_begun() -> None:
    body = each("all", LIST, [one()], max_concurrency=1)
    play = Play(
        flow(fork("both", left=[act("stop", cancels=("one",))], right=body)), input={"list": [1, 2, 3]}
    )
    play.start()
    play.finish("stop")
    assert inputs_of(play) == [2]
    go_on(play)
    assert (play.end[0], play.output) == ("succeeded", {"left": None, "right": [None, {}, {}]})


def test_what_was_added_and_has_ended_at_once_is_in_the_output() -> None:
    done = Succeed(key="done", output="${ steps.all.output }")
    counted = Succeed(key="counted", output="${ item }")
    play = mapped([1], done, body=[counted], open_ended=True, join=Join(wait_for=2))
    play.add_items("all", 2, 3)
    assert (play.end[0], play.output) == ("succeeded", [1, 2, None])


def test_items_may_be_added_to_a_map_that_is_retried() -> None:
    graph = flow(each("all", LIST, [one()], open_ended=True, on_exhausted=OnExhausted.DEAD_LETTER))
    play = drive(graph, {"one": [REFUSED]}, input={"list": [1]})
    play.resolve("all", Resolution.RETRY)
    play.report_first({"n": 1})
    play.add_items("all", 2, 3)
    assert inputs_of(play) == [2, 3]


def test_a_failure_is_not_the_one_that_is_waited_for_while_items_may_be_added() -> None:
    join = Join(wait_for="any", on_failure=OnBranchFailure.CONTINUE)
    play = mapped([1], open_ended=True, join=join)
    play.report_first(REFUSED)
    assert play.end[0] == "running"
    play.add_items("all", 2)
    play.report_first({"n": 2})
    assert (play.end[0], play.output) == ("succeeded", [None, {"n": 2}])


def test_a_person_may_have_it_go_on_with_what_there_is() -> None:
    play = mapped([1, 2, 3], max_concurrency=2)
    play.report_first({"n": 1})
    play.force("all")
    assert (play.end[0], play.output) == ("succeeded", [{"n": 1}, None, None])


def test_each_items_steps_are_undone_with_what_they_read() -> None:
    body = chain(act("look", inputs={"n": "${ item }"}), saga("change"))
    play = drive(
        flow(each("all", LIST, body, "last", max_concurrency=1), act("last")),
        {"last": REFUSED},
        input={"list": [1, 2]},
    )
    assert play.end == ("failed", "rolled_back")
    assert play.steps_told(e.UndoEntered) == ["change", "change"]


def test_the_deadline_stops_all_items() -> None:
    play = mapped([1, 2, 3], max_concurrency=2, deadline=timedelta(minutes=1))
    play.fire("all", "deadline")
    assert play.told(e.StepFailed)[-1].fault.name == "DeadlinePassed"
    assert not play.orders


def test_the_state_holds_only_what_is_under_way() -> None:
    play = mapped(list(range(300)), max_concurrency=3)
    sizes = []
    for _ in range(290):
        play.report_first({})
        sizes.append((len(play.state.steps), len(play.state.scopes), len(play.state.visits)))
    assert len(set(sizes)) == 1


def test_maps_may_lie_in_maps() -> None:
    inner = each("inner", "${ item }", [Succeed(key="leaf", output="${ item * 10 }")])
    graph = flow(each("all", LIST, inner))
    assert drive(graph, input={"list": [[1, 2], [], [3]]}).output == [[10, 20], [], [30]]


def test_a_step_cancels_another_branch_and_what_it_does_there() -> None:
    left, right = [act("stop", cancels=("all",))], each("all", LIST, [one()])
    play = Play(flow(fork("both", left=left, right=[right[0]]), right[1]), input={"list": [1, 2]})
    play.start()
    play.finish("stop")
    assert play.fate("all") is Status.CANCELLED
    assert play.end[0] == "succeeded"
    assert play.output == {"left": None}


def test_variables_of_items_stay_apart() -> None:
    body = chain(
        SetVariables(key="note", assign={"seen": "${ item }"}), Succeed(key="tell", output="${ vars.seen }")
    )
    assert mapped([1, 2], body=body).output == [1, 2]
