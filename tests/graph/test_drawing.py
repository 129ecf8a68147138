"""The ladder: every step once, in the order of a run, with rails that nowhere break."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from designer.graph import Graph, Rung, Segment, decode, ladder

from .strategies import OPENERS, fewer, flawed_graphs, graphs

any_graphs = graphs(openers=OPENERS) | graphs() | flawed_graphs()
hidden = st.sampled_from([(), ("choice",), ("parallel", "choice"), ("set", "review", "parallel")])


def drawn(steps: dict[str, Any], hide: tuple[str, ...] = ()) -> tuple[Rung, ...]:
    return ladder(decode({"choreo": 1, "key": "demo", "start": next(iter(steps)), "steps": steps}), hide=hide)


def picture(rungs: tuple[Rung, ...]) -> list[str]:
    """Each row as text: its label, its lane, its title's indentation and key."""
    return [f"{rung.label}|{rung.lane}|{'  ' * rung.depth}{rung.key}" for rung in rungs]


ORDER = {
    "validate": {"kind": "action", "next": "prepare"},
    "prepare": {
        "kind": "parallel",
        "branches": {
            "stock": {"title": "Stock", "start": "reserve", "steps": {"reserve": {"kind": "action"}}},
            "price": {"start": "quote", "steps": {"quote": {"kind": "action"}}},
        },
        "next": "is_risky",
    },
    "is_risky": {
        "kind": "choice",
        "choose": [{"when": "${ steps.score.output.risk >= 70 }", "next": "review"}],
        "otherwise": "charge",
    },
    "review": {"kind": "review", "outcomes": {"approve": {"next": "charge"}, "reject": {"next": "rejected"}}},
    "charge": {"kind": "action", "catch": [{"on": ["Declined"], "next": "rejected"}], "next": "done"},
    "done": {"kind": "succeed"},
    "rejected": {"kind": "fail"},
}


@fewer
@given(any_graphs, hidden)
def test_every_step_that_is_not_hidden_is_drawn_once(graph: Graph, hide: tuple[str, ...]) -> None:
    keys = [rung.key for rung in ladder(graph, hide=hide)]
    assert sorted(keys) == sorted(key for key, step in graph.steps.items() if step.kind not in hide)


@fewer
@given(any_graphs, hidden)
def test_rails_do_not_break(graph: Graph, hide: tuple[str, ...]) -> None:
    """What leaves a row at its lower edge enters the next row at its upper edge, in the same lane."""
    entering: set[tuple[int, tuple[str, str]]] = set()
    for rung in ladder(graph, hide=hide):
        assert {(s.lane_from, way) for s in rung.segments if s.part != "bottom" for way in s.ways} == entering
        assert all(s.lane_to == rung.lane for s in rung.segments if s.part == "top")
        assert all(s.lane_from == rung.lane for s in rung.segments if s.part == "bottom")
        entering = {(s.lane_to, way) for s in rung.segments if s.part != "top" for way in s.ways}
    assert not entering


@fewer
@given(any_graphs, hidden)
def test_each_way_begins_and_ends_at_its_own_steps(graph: Graph, hide: tuple[str, ...]) -> None:
    for rung in ladder(graph, hide=hide):
        for segment in rung.segments:
            for origin, target in segment.ways:
                assert (segment.part == "bottom") == (origin == rung.key)
                assert (segment.part == "top") == (target == rung.key)


@fewer
@given(any_graphs)
def test_no_line_passes_through_a_dot(graph: Graph) -> None:
    for rung in ladder(graph):
        assert all(s.lane_to != rung.lane for s in rung.segments if s.part == "through")


@fewer
@given(graphs() | graphs(openers=OPENERS))
def test_steps_stand_below_what_leads_to_them_unless_the_way_goes_back(graph: Graph) -> None:
    rungs = ladder(graph)
    place = {rung.key: number for number, rung in enumerate(rungs)}
    for step in graph.steps.values():
        if step.scope:
            assert place[step.key] > place[graph.opener(step.scope)[0].key]
        if step.kind != "parallel":
            back = rungs[place[step.key]].back_to
            assert all(place[way.next] > place[step.key] or way.next in back for way in step.exits())


@fewer
@given(graphs() | graphs(openers=OPENERS))
def test_every_step_of_a_sound_graph_hangs_on_a_rail(graph: Graph) -> None:
    first, *rest = ladder(graph)
    assert first.key == graph.start
    reached = {target for rung in (first, *rest) for s in rung.segments for _, target in s.ways}
    joined = {key for key in reached if graph.step(key).scope == ""}
    ends_badly = any(step.kind in ("fail", "succeed") for step in graph.steps.values())
    assert ends_badly or joined == {step.key for step in graph.within("")} - {graph.start}


@fewer
@given(any_graphs)
def test_the_same_graph_is_drawn_the_same(graph: Graph) -> None:
    assert ladder(graph) == ladder(graph)


def test_the_example_reads_as_in_the_picture() -> None:
    assert picture(drawn(ORDER)) == [
        "|0|validate",
        "|0|prepare",
        "in parallel · Stock|0|  reserve",
        "|1|  quote",
        "|0|is_risky",
        "if risk ≥ 70|1|  review",
        "|0|charge",
        "|0|done",
        "|2|rejected",
    ]


def test_steps_can_be_left_out_and_are_passed_through() -> None:
    rungs = drawn(ORDER, hide=("parallel", "choice"))
    assert picture(rungs)[:5] == [
        "|0|validate",
        "in parallel · Stock|0|  reserve",
        "|1|  quote",
        "if risk ≥ 70|2|  review",
        "|0|charge",
    ]
    assert rungs[0].segments == (Segment("bottom", 0, 0, (("validate", "reserve"), ("validate", "quote"))),)
    assert rungs[1].segments[:2] == (
        Segment("top", 0, 0, (("validate", "reserve"),)),
        Segment("through", 0, 1, (("validate", "quote"),)),
    )


def test_hidden_steps_that_go_round_are_passed_through_once() -> None:
    round_trip = {"kind": "choice", "choose": [{"when": "x", "next": "d"}], "otherwise": "c"}
    steps = {"a": {"kind": "action", "next": "c"}, "c": {**round_trip}, "d": {**round_trip}}
    assert [(rung.key, rung.segments) for rung in drawn(steps, hide=("choice",))] == [("a", ())]


def test_a_way_back_is_named_and_not_drawn() -> None:
    first, second = drawn({"a": {"kind": "action", "next": "b"}, "b": {"kind": "action", "next": "a"}})
    assert (second.back_to, second.segments) == (("a",), (Segment("top", 0, 0, (("a", "b"),)),))
    assert first.lanes == second.lanes == 1


def test_what_nothing_leads_to_comes_last() -> None:
    steps = {
        "a": {"kind": "action", "next": "c"},
        "lost": {"kind": "action", "next": "c"},
        "c": {"kind": "action"},
    }
    rungs = drawn(steps)
    assert [rung.key for rung in rungs] == ["a", "c", "lost"]
    assert rungs[-1].back_to == ("c",)


def test_conditions_are_shortened_and_errors_named() -> None:
    steps = {
        "which": {
            "kind": "choice",
            "choose": [
                {"when": "input.vip && vars.total != 0", "next": "a"},
                {"when": "${ " + "x" * 80 + " }", "next": "b"},
                {"when": "${ true }", "label": "always", "next": "c"},
            ],
            "otherwise": "d",
        },
        "a": {"kind": "action", "catch": [{"next": "e"}]},
        **{key: {"kind": "set"} for key in "bcde"},
    }
    assert {rung.key: rung.label for rung in drawn(steps)} == {
        "which": "",
        "a": "if vip and total ≠ 0",
        "b": f"if {'x' * 47}…",
        "c": "if always",
        "d": "",
        "e": "on any error",
    }


def test_a_long_chain_of_conditions_is_drawn() -> None:
    steps = {f"c{n}": {"kind": "choice", "choose": [{"when": "x", "next": f"c{n + 1}"}]} for n in range(499)}
    rungs = drawn(steps)
    assert rungs[-1].depth == 498


def test_a_branch_comes_below_those_it_needs() -> None:
    def branch(step: str, *needs: str, **said: str) -> dict[str, Any]:
        return {"needs": list(needs), "start": step, "steps": {step: {"kind": "action"}}, **said}

    branches = {
        "mail": branch("send", "price", "stock"),
        "stock": branch("reserve"),
        "price": branch("quote", title="Price", when="${ input.amount > 0 }"),
    }
    steps = {"p": {"kind": "parallel", "branches": branches, "next": "z"}, "z": {"kind": "succeed"}}
    rungs = drawn(steps)
    assert [rung.key for rung in rungs] == ["p", "quote", "reserve", "send", "z"]
    assert [rung.label for rung in rungs] == [
        "",
        "Price · if amount > 0",
        "",
        "in parallel · after Price, stock",
        "",
    ]
    led = {way for rung in rungs for segment in rung.segments for way in segment.ways}
    assert led == {("p", "quote"), ("p", "reserve"), ("quote", "send"), ("reserve", "send"), ("send", "z")}


def test_bodies_are_named() -> None:
    inner = {"start": "a", "steps": {"a": {"kind": "set"}}}
    each, again = {"kind": "map", **inner}, {"kind": "loop", "start": "b", "steps": {"b": {"kind": "set"}}}
    rungs = drawn({"each": {**each, "next": "again"}, "again": again})
    assert [(rung.key, rung.label) for rung in rungs if rung.label] == [
        ("a", "for each item"),
        ("b", "in rounds"),
    ]
