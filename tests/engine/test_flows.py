"""Steps with flows: what each is given, what it hands on, and what its errors are called."""

import json
from datetime import timedelta
from typing import Any

import pytest

from designer.dataflow import DataFlow, Language
from designer.graph import (
    AnyStep,
    Awaited,
    Catch,
    Choice,
    Emit,
    Fail,
    Option,
    Outcome,
    Retry,
    Review,
    RunWorkflow,
    SetVariables,
    Succeed,
    Undoing,
    Wait,
)
from runs.engine import (
    ItemOf,
    Needs,
    PerformStep,
    TokenOf,
    Values,
    decide,
)
from runs.engine import events as e

from .flows import BUSY, REFUSED, act, chain, each, fault, flow, fork, saga
from .play import NOON, Play, drive

ON_ALL = ("States.ALL",)


def by_path(**fields: Any) -> DataFlow:
    return DataFlow(language=Language.JSONPATH, fields=fields)


def by_jsonata(**fields: Any) -> DataFlow:
    return DataFlow(language=Language.JSONATA, fields=fields)


BARE = by_path()


def work(key: str, next: str | None = None, *, flow: DataFlow = BARE, **more: Any) -> AnyStep:
    return act(key, next, flow=flow, **more)


def passing(key: str, next: str | None = None, **fields: Any) -> AnyStep:
    return SetVariables(key=key, next=next, flow=by_path(**fields))


# --- what is given and handed on ------------------------------------------------------------------------------


def test_each_step_is_given_what_the_one_before_it_handed_on():
    play = drive(flow(chain(work("one"), work("two"), work("three"))), {"one": [[1]], "two": "x"}, {"n": 1})
    assert [play.inputs[no, "do"] for no in (1, 2, 3)] == [{"n": 1}, [1], "x"]


def test_the_last_one_leaves_the_output_of_the_run():
    play = drive(flow(chain(work("one"), passing("two", Result={"fine": True}))), {"one": 7})
    assert play.output == {"fine": True}


def test_any_json_is_handed_on_null_too():
    play = drive(flow(chain(work("one"), work("two"))), {"one": None})
    assert play.inputs[2, "do"] is None


def test_a_step_keeps_what_it_was_given_beside_its_result():
    flowing = by_path(Parameters={"order.$": "$.n"}, ResultSelector={"id.$": "$.charge"}, ResultPath="$.paid")
    play = drive(flow(work("one", flow=flowing)), {"one": {"charge": "c1", "more": 1}}, {"n": 3})
    assert play.inputs[1, "do"] == {"order": 3}
    assert play.output == {"n": 3, "paid": {"id": "c1"}}


def test_inputs_may_be_mapped_from_the_arguments():
    mapped = work("one", does="demo.count@1.0.0", inputs={"n": "${ arguments.size + 1 }"})
    assert drive(flow(mapped), input={"size": 2}).inputs[1, "do"] == {"n": 3}


def test_a_step_without_a_flow_leaves_the_token_where_it_is():
    play = drive(flow(chain(work("one"), act("plain"), work("two"))), {"one": {"n": 1}, "plain": {"n": 2}})
    assert play.inputs[3, "do"] == {"n": 1}


def test_a_run_that_is_started_is_given_the_arguments():
    play = Play(
        flow(RunWorkflow(key="book", runs="order", flow=by_path(InputPath="$.room"))),
        input={"room": {"n": 7}},
    )
    play.start()
    assert play.child("book").order.inputs == {"n": 7}
    play.end_child("book", {"fine": True})
    assert play.output == {"fine": True}


def test_what_is_no_object_starts_no_run():
    play = drive(flow(RunWorkflow(key="book", runs="order", flow=BARE)), input=[1])
    assert play.state.ending.fault.name == "InputRefused"


def test_a_signal_carries_the_arguments():
    emit = Emit(key="tell", signal="paid", correlation="${ arguments.id }", flow=by_path(InputPath="$.order"))
    play = drive(flow(emit), input={"order": {"id": "o1"}})
    assert [(one.key, one.data) for one in play.published.values()] == [("o1", {"id": "o1"})]


def test_a_wait_hands_on_what_the_signal_carries():
    wait = Wait(
        key="hear", signal=Awaited(name="paid", key="${ arguments.id }"), flow=by_path(ResultPath="$.paid")
    )
    play = drive(flow(wait), input={"id": "o1"})
    assert play.subscriptions[1, ""].key == "o1"
    play.signal("hear", data={"sum": 3})
    assert play.output == {"id": "o1", "paid": {"sum": 3}}


def test_a_review_shows_and_hands_on():
    ask = Review(
        key="ask",
        outcomes=(Outcome("yes"),),
        edit={"n": "${ arguments.n }"},
        flow=by_path(ResultPath="$.said"),
    )
    play = drive(flow(ask), input={"n": 3})
    assert play.reviews[1].editable == {"n": 3}
    play.decide_review("ask", "yes")
    assert play.output == {"n": 3, "said": {"outcome": "yes", "reason": "", "by": "rosa", "data": {"n": 3}}}


def test_a_timed_wait_passes_on_what_it_was_given():
    play = drive(flow(Wait(key="nap", flow=by_path(SecondsPath="$.pause"))), input={"pause": 90})
    assert (play.now, play.output) == (NOON + timedelta(seconds=90), {"pause": 90})


def test_a_wait_ends_at_a_moment():
    play = drive(
        flow(Wait(key="nap", flow=by_path(TimestampPath="$.at"))), input={"at": "2026-11-22T13:00:00Z"}
    )
    assert play.now == NOON + timedelta(hours=1)


# --- choices --------------------------------------------------------------------------------------------------


def rule(**said: Any) -> str:
    return json.dumps(said)


def choosing(*, otherwise: str | None = "no", flow: DataFlow = BARE) -> Choice:
    option = Option(rule(Variable="$.n", NumericGreaterThan=2), "yes")
    return Choice(key="big", options=(option,), otherwise=otherwise, flow=flow)


@pytest.mark.parametrize(("n", "led"), [(3, "yes"), (2, "no")])
def test_a_choice_goes_where_its_rule_leads(n: int, led: str):
    play = drive(flow(choosing(), passing("yes"), passing("no")), input={"n": n})
    assert play.steps_told(e.StepEntered) == ["big", led]
    assert play.output == {"n": n}


def test_where_no_rule_holds_and_nothing_else_is_said_it_fails():
    play = drive(flow(choosing(otherwise=None), passing("yes")), input={"n": 1})
    assert play.state.ending.fault.name == "States.NoChoiceMatched"


def test_an_option_assigns_what_it_says():
    flowing = by_jsonata(Choices=[{"Assign": {"size": "{% $states.input.n * 2 %}"}}])
    choice = Choice(
        key="big", options=(Option("{% $states.input.n > 2 %}", "yes"),), otherwise="yes", flow=flowing
    )
    play = drive(flow(choice, SetVariables(key="yes", flow=by_jsonata(Output="{% $size %}"))), input={"n": 3})
    assert play.output == 6


# --- errors ---------------------------------------------------------------------------------------------------


def caught(step: AnyStep, *on: str, **fields: Any) -> Any:
    catch = Catch(on=on or ON_ALL, next="after")
    flowing = by_path(**fields, Catch=[{"ResultPath": "$.error"}])
    return flow(act("one", flow=flowing, catch=(catch,)) if step is None else step, work("after"))


def test_a_fallback_is_given_the_error_beside_what_the_step_was_given():
    play = drive(caught(None), {"one": REFUSED}, {"n": 1})
    assert play.inputs[2, "do"] == {"n": 1, "error": {"Error": "Refused", "Cause": "Not today."}}


def test_a_run_that_has_been_caught_reads_the_error_from_its_row():
    play = drive(caught(None), {"one": REFUSED, "after": BUSY}, {"n": 1})
    assert play.handed_on[1]["error"]["Error"] == "Refused"


def test_a_timeout_is_called_as_asl_calls_it():
    play = drive(caught(None, "States.Timeout"), {"one": fault("Timeout")}, {})
    assert play.told(e.StepFailed)[0].fault.name == "States.Timeout"
    assert play.end == ("succeeded", None)


def test_a_timeout_is_no_failure_of_the_work():
    assert drive(caught(None, "States.TaskFailed"), {"one": fault("Timeout")}, {}).end == ("failed", None)


def test_what_cannot_be_worked_out_fails_the_step():
    play = drive(flow(work("one", flow=by_path(InputPath="$.nowhere"))), input={})
    assert play.state.ending.fault.name.startswith("States.")
    assert play.end == ("failed", None)


def test_what_was_done_and_could_not_be_noted_is_owed():
    one = saga("one", flow=by_path(ResultSelector={"id.$": "$.nowhere"}))
    play = drive(flow(chain(passing("zero"), one)), {"one": {"n": 1}})
    assert play.steps_told(e.CompensationOwed) == ["one"]


def test_what_was_done_and_could_not_be_noted_may_be_tried_again():
    flowing = by_jsonata(Output="{% $states.result.n > 1 ? $states.result.n : $error('no') %}")
    retry = Retry(attempts=2, jitter=False, on=ON_ALL)
    play = drive(flow(work("one", flow=flowing, retry=retry)), {"one": [{"n": 1}, {"n": 2}]})
    assert play.output == 2
    assert [event.tries for event in play.told(e.AttemptOrdered)] == [1, 2]


def test_what_can_be_undone_is_not_done_again_but_owed_once():
    retry = Retry(attempts=2, jitter=False, on=ON_ALL)
    one = saga("one", flow=by_path(ResultSelector={"id.$": "$.nowhere"}), retry=retry)
    play = drive(flow(one, undoing=Undoing(failed_step=True)), {"one": {"n": 1}})
    assert (play.steps_told(e.RetryOrdered), play.steps_told(e.UndoEntered)) == ([], ["one"])
    assert play.end == ("failed", "rolled_back")


def test_each_try_sees_how_many_there_were_before():
    flowing = by_path(Parameters={"count.$": "$$.State.RetryCount"})
    play = drive(flow(work("one", flow=flowing, tries=3)), {"one": [BUSY, BUSY, {}]})
    assert play.inputs[1, "do"] == {"count": 2}


def test_fail_says_what_its_flow_says():
    step = Fail(key="no", flow=by_path(ErrorPath="$.name", CausePath="$.why"))
    play = drive(flow(step), input={"name": "TooBig", "why": "Far too big."})
    assert (play.state.ending.fault.name, play.state.ending.fault.message) == ("TooBig", "Far too big.")


def test_the_texts_of_fail_are_no_templates():
    step = Fail(key="no", error="", message="${ nothing }", flow=BARE)
    told = drive(flow(step)).state.ending.fault
    assert (told.name, told.message) == ("", "${ nothing }")


def test_the_limit_of_the_run_is_a_timeout():
    nap = Wait(key="nap", flow=by_path(Seconds=600))
    play = drive(flow(nap, deadline=timedelta(minutes=1)))
    play = Play(flow(nap, deadline=timedelta(minutes=1)), input={})
    play.start()
    play.time_is_up()
    assert play.state.ending.fault.name == "States.Timeout"


def test_a_wait_may_take_so_long_each_time():
    flowing = by_path(TimeoutSeconds=30, ResultPath="$.paid")
    retry = Retry(attempts=2, wait=timedelta(seconds=5), jitter=False, on=("States.Timeout",))
    wait = Wait(key="hear", signal=Awaited(name="paid", key="k"), flow=flowing, retry=retry)
    play = drive(flow(wait))
    assert play.now == NOON + timedelta(seconds=65)
    assert play.state.ending.fault.name == "States.Timeout"


def test_an_attempt_may_take_as_long_as_the_flow_says():
    play = drive(flow(work("one", flow=by_path(TimeoutSecondsPath="$.limit"))), {"one": BUSY}, {"limit": 12})
    assert play.told(e.AttemptOrdered)
    play = Play(play.graph, input={"limit": 12})
    play.start()
    assert play.commands(PerformStep)[0].timeout == timedelta(seconds=12)


# --- variables ------------------------------------------------------------------------------------------------


def test_a_variable_is_read_in_its_scope_and_inside_it():
    graph = flow(
        passing("set", "both", Assign={"total.$": "$.n"}),
        fork("both", flow=BARE, left=[passing("a", Parameters={"sum.$": "$total"})], right=[passing("b")]),
    )
    assert drive(graph, input={"n": 3}).output == [{"sum": 3}, {"n": 3}]


def test_what_a_branch_assigns_is_its_own():
    graph = flow(
        passing("set", "both", Assign={"total": 1}),
        fork("both", "after", flow=BARE, left=[passing("a", Assign={"own": 2})], right=[passing("b")]),
        passing("after", Parameters={"total.$": "$total"}),
    )
    play = drive(graph)
    assert play.output == {"total": 1}
    assert (play.variable("own"), play.variable("own", "both#2/left")) != (2, None)


# --- parallels and maps ---------------------------------------------------------------------------------------


def test_branches_are_given_what_the_parallel_is_and_leave_a_list():
    graph = flow(fork("both", flow=by_path(Parameters={"m.$": "$.n"}), right=[work("b")], left=[work("a")]))
    play = drive(graph, {"a": "left", "b": "right"}, {"n": 1})
    assert (play.inputs[2, "do"], play.inputs[3, "do"]) == ({"m": 1}, {"m": 1})
    assert play.output == ["right", "left"]


def test_what_the_branches_left_is_put_where_it_belongs():
    graph = flow(fork("both", flow=by_path(ResultPath="$.both"), left=[work("a")], right=[work("b")]))
    assert drive(graph, {"a": 1, "b": 2}, {"n": 0}).output == {"n": 0, "both": [1, 2]}


def test_each_item_is_what_its_scope_begins_with():
    graph = flow(each("all", None, [work("one")], flow=by_path(ItemsPath="$.list")))
    play = drive(graph, input={"list": [1, "two", None]})
    assert [play.inputs[no, "do"] for no in (2, 3, 4)] == [1, "two", None]


def test_an_item_is_read_alone_and_not_with_its_list():
    graph = flow(
        each(
            "all",
            None,
            [work("one", "two"), work("two")],
            flow=by_path(ItemsPath="$.list"),
            max_concurrency=1,
        )
    )
    play = Play(graph, input={"list": list(range(50))})
    play.start()
    play.begin(2, 1)
    asked = decide(
        graph, play.state, e.AttemptSucceeded(at=NOON, no=2, attempt=1, output={}), Values(run={"id": "r"})
    )
    assert isinstance(asked, Needs) and asked.references == {ItemOf(1, 0)}


def test_the_items_see_their_place():
    selector = {"place.$": "$$.Map.Item.Index", "value.$": "$$.Map.Item.Value", "all.$": "$.size"}
    graph = flow(each("all", None, [passing("one")], flow=by_path(ItemsPath="$.list", ItemSelector=selector)))
    assert drive(graph, input={"list": ["a"], "size": 1}).output == [{"place": 0, "value": "a", "all": 1}]


def test_how_many_at_a_time_and_how_many_may_fail():
    flowing = by_path(ItemsPath="$.list", MaxConcurrencyPath="$.most", ToleratedFailureCountPath="$.spare")
    graph = flow(each("all", None, [work("one")], flow=flowing))
    play = Play(graph, input={"list": [1, 2, 3], "most": 2, "spare": 1})
    play.start()
    assert (len(play.orders), play.state.fans[1].tolerate) == (2, 1)
    play.report_first(REFUSED)
    play.report_first({})
    play.report_first(REFUSED)
    assert play.state.ending.fault.name == "States.ExceedToleratedFailureThreshold"


def test_a_map_is_tried_again_with_all_its_items():
    retry = Retry(attempts=2, on=ON_ALL, jitter=False)
    graph = flow(each("all", None, [work("one")], flow=by_path(ItemsPath="$.list"), retry=retry))
    play = drive(graph, {"one": [1, BUSY, 3, 4]}, {"list": ["a", "b"]})
    assert (play.output, play.inputs[5, "do"]) == ([3, 4], "b")


def test_a_parallel_hands_its_error_to_its_fallback():
    catch = Catch(on=("Refused",), next="after")
    graph = flow(
        fork("both", flow=BARE, catch=(catch,), left=[work("a")], right=[work("b")]), passing("after")
    )
    play = drive(graph, {"b": REFUSED})
    assert play.output == {"Error": "Refused", "Cause": "Not today."}


# --- what is looked up ----------------------------------------------------------------------------------------


def test_nothing_is_looked_up_that_is_not_read():
    graph = flow(chain(passing("set", Assign={"a": 1}), work("one"), succeed("two")))
    play = Play(graph, input={})
    play.start()
    play.begin(2, 1)
    asked = decide(
        graph, play.state, e.AttemptSucceeded(at=NOON, no=2, attempt=1, output={}), Values(run={"id": "r"})
    )
    assert isinstance(asked, Needs) and asked.references == {TokenOf(1)}


def succeed(key: str) -> AnyStep:
    return Succeed(key=key, flow=BARE)


def test_the_context_is_there_for_who_reads_it():
    flowing = by_path(
        Parameters={"me.$": "$$.State.Name", "input.$": "$$.Execution.Input", "id.$": "$$.Execution.Id"}
    )
    play = drive(flow(work("one", flow=flowing)), input={"n": 1})
    assert play.inputs[1, "do"] == {"me": "one", "input": {"n": 1}, "id": "run-1"}
