"""Checks: what is wrong with a graph, in sentences that say what would be right.

Each check is a small function over a `View` of the graph; this table gives it its code and its severity. Errors
keep a draft from being published, warnings do not. A check never raises, however flawed the graph is.
"""

from collections.abc import Collection, Mapping

from designer.graph.contracts import Contract
from designer.graph.model import Graph

from . import (
    branches,
    children,
    data,
    flows,
    inputs,
    naming,
    promises,
    rounds,
    secrecy,
    shapes,
    times,
    waits,
    wiring,
)
from .children import output_schema
from .offers import Offer, offers, sample_values
from .problem import Check, Fix, Problem, Severity
from .promises import ENGINE_ERRORS
from .view import View

ERROR, WARNING = Severity.ERROR, Severity.WARNING

CHECKS: tuple[Check, ...] = (
    Check("no_start", ERROR, wiring.no_start),
    Check("unknown_start", ERROR, wiring.unknown_start),
    Check("dangling_next", ERROR, wiring.dangling_next),
    Check("leads_nowhere", ERROR, wiring.leads_nowhere),
    Check("unreachable_step", ERROR, wiring.unreachable_step),
    Check("no_way_to_end", ERROR, wiring.no_way_to_end),
    Check("cycle_without_exit", ERROR, wiring.cycle_without_exit),
    Check("choice_without_options", ERROR, shapes.choice_without_options),
    Check("option_without_condition", ERROR, shapes.option_without_condition),
    Check("choice_without_otherwise", WARNING, shapes.choice_without_otherwise),
    Check("choice_too_deep", WARNING, shapes.choice_too_deep),
    Check("no_branches", ERROR, branches.no_branches),
    Check("one_branch", WARNING, branches.one_branch),
    Check("maybe_no_branch", WARNING, branches.maybe_no_branch),
    Check("unknown_need", ERROR, branches.unknown_need),
    Check("needs_in_a_circle", ERROR, branches.needs_in_a_circle),
    Check("join_out_of_range", ERROR, branches.join_out_of_range),
    Check("tolerates_in_vain", WARNING, branches.tolerates_in_vain),
    Check("absorbed_by_the_end", WARNING, branches.absorbed_by_the_end),
    Check("share_of_an_open_list", WARNING, branches.share_of_an_open_list),
    Check("map_without_items", ERROR, rounds.map_without_items),
    Check("items_not_a_list", ERROR, rounds.items_not_a_list),
    Check("rounds_unclear", ERROR, rounds.rounds_unclear),
    Check("times_not_a_number", ERROR, rounds.times_not_a_number),
    Check("more_times_than_allowed", ERROR, rounds.more_times_than_allowed),
    Check("never_ends_before_its_limit", WARNING, rounds.never_ends_before_its_limit),
    Check("cancels_unknown", ERROR, branches.cancels_unknown),
    Check("review_without_outcomes", ERROR, shapes.review_without_outcomes),
    Check("unknown_on_due", ERROR, shapes.unknown_on_due),
    Check("on_due_without_due", WARNING, shapes.on_due_without_due),
    Check("set_without_assign", WARNING, shapes.set_without_assign),
    Check("fail_without_error", ERROR, shapes.fail_without_error),
    Check("timeout_missing", WARNING, times.timeout_missing),
    Check("timeout_beyond_deadline", ERROR, times.timeout_beyond_deadline),
    Check("wait_unclear", ERROR, waits.wait_unclear),
    Check("arrival_unclear", ERROR, waits.arrival_unclear),
    Check("person_without_title", WARNING, waits.person_without_title),
    Check("signal_without_name", ERROR, waits.signal_without_name),
    Check("signal_without_key", ERROR, waits.signal_without_key),
    Check("signal_nobody_emits", WARNING, waits.signal_nobody_emits),
    Check("unreadable_time", ERROR, times.unreadable_time),
    Check("bad_flow", ERROR, flows.bad_flow),
    Check("unbound_step", ERROR, flows.unbound_step),
    Check("flow_reads_unknown_variable", ERROR, flows.flow_reads_unknown_variable),
    Check("unknown_step_type", ERROR, promises.unknown_step_type),
    Check("unknown_workflow", ERROR, children.unknown_workflow),
    Check("starts_itself_for_ever", WARNING, children.starts_itself_for_ever),
    Check("lock_in_a_lock", WARNING, children.lock_in_a_lock),
    Check("retired_step_type", WARNING, promises.retired_step_type),
    Check("unknown_compensation", ERROR, promises.unknown_compensation),
    Check("not_undone", WARNING, promises.not_undone),
    Check("retry_not_idempotent", WARNING, promises.retry_not_idempotent),
    Check("retry_on_undeclared_error", WARNING, promises.retry_on_undeclared_error),
    Check("catch_of_undeclared_error", WARNING, promises.catch_of_undeclared_error),
    Check("bad_expression", ERROR, data.bad_expression),
    Check("name_not_known_here", ERROR, data.name_not_known_here),
    Check("unknown_step", ERROR, data.unknown_step),
    Check("value_not_always_there", ERROR, data.value_not_always_there),
    Check("unknown_variable", ERROR, data.unknown_variable),
    Check("variable_not_always_set", ERROR, data.variable_not_always_set),
    Check("unknown_path", ERROR, data.unknown_path),
    Check("condition_not_boolean", ERROR, data.condition_not_boolean),
    Check("secret_not_whole", ERROR, secrecy.secret_not_whole),
    Check("business_key_tells", ERROR, secrecy.business_key_tells),
    Check("unknown_secret", ERROR, secrecy.unknown_secret),
    Check("missing_input", ERROR, inputs.missing_input),
    Check("unknown_input", ERROR, inputs.unknown_input),
    Check("bad_constant", ERROR, inputs.bad_constant),
    Check("type_mismatch", ERROR, inputs.type_mismatch),
    Check("too_coarse", WARNING, naming.too_coarse),
    Check("missing_owner", WARNING, naming.missing_owner),
    Check("bad_key", ERROR, naming.bad_key),
    Check("bad_branch_name", ERROR, naming.bad_branch_name),
    Check("bad_variable_name", ERROR, naming.bad_variable_name),
    Check("too_many_steps", ERROR, naming.too_many_steps),
    Check("unusable_input_schema", ERROR, naming.unusable_input_schema),
    Check("constant_business_key", WARNING, naming.constant_business_key),
)


def check(
    graph: Graph,
    available: Mapping[str, Contract] | None = None,
    secrets: Collection[str] | None = None,
    signals: Collection[str] | None = None,
) -> tuple[Problem, ...]:
    """Every problem of the graph: errors first, then in the order of the definition.

    ``available`` are the contracts that fixes may offer, by any name; without it, those the graph has. ``secrets``
    are the names of those that are kept, ``signals`` of those that are published; without them no name is questioned.
    """
    view = View(graph, graph.contracts if available is None else available, secrets, signals)
    problems = [
        Problem(each.code, each.severity, found.message, found.step, found.field, found.fix)
        for each in CHECKS
        for found in each.find(view)
    ]
    place = {key: number for number, key in enumerate(graph.steps)}
    return tuple(
        sorted(problems, key=lambda problem: (problem.severity != ERROR, place.get(problem.step or "", -1)))
    )


__all__ = [
    "CHECKS",
    "ENGINE_ERRORS",
    "Check",
    "Fix",
    "Offer",
    "Problem",
    "Severity",
    "check",
    "offers",
    "output_schema",
    "sample_values",
]
