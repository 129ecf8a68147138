"""The promises, in the order in which they are looked at."""

from . import between, history, steps, undoing, values, waiting
from .promise import LATE, PEOPLE, REPORT, STUCK, Promise

PROMISES = (
    Promise("I2", history.the_end_is_final, REPORT),
    Promise("I3", history.the_journal_has_no_gap, REPORT),
    Promise("I4", history.the_journal_explains_the_state, REPORT),
    Promise("I4", history.rows_say_what_the_state_says, REPORT),
    Promise("I5", steps.a_scope_has_one_token, REPORT),
    Promise("I5", steps.items_are_what_the_journal_says, REPORT),
    Promise("I5", steps.a_join_fires_once, LATE),
    Promise("I6", steps.attempts_are_counted_and_closed_once, LATE),
    Promise("I6", steps.the_policy_is_kept, LATE),
    Promise("I7", steps.an_attempt_has_one_holder, LATE),
    Promise("I8", steps.a_claim_has_its_fence, REPORT),
    Promise("I10", undoing.undoing_goes_backwards_alone_and_once, LATE),
    Promise("I10", undoing.an_incomplete_rollback_says_so, REPORT),
    Promise("I11", steps.timers_fire_once_and_never_early, LATE),
    Promise("I12", waiting.attempts_and_timers_are_ordered, STUCK),
    Promise("I12", waiting.a_living_run_awaits_something, STUCK),
    Promise("I12", waiting.people_are_asked_what_is_open, STUCK),
    Promise("I12", waiting.who_waits_for_a_signal_is_subscribed, STUCK),
    Promise("I12", between.runs_that_are_awaited_will_say_when_they_end, STUCK),
    Promise("I12", between.locks_are_what_the_state_says, STUCK),
    Promise("I14", waiting.a_review_is_decided_once_and_by_the_right_person, PEOPLE),
    Promise("I16", waiting.a_signal_is_received_once, LATE),
    Promise("I16", waiting.what_is_emitted_is_published_once, LATE),
    Promise("I16", between.a_run_is_started_once, LATE),
    Promise("I22", values.what_is_referred_to_is_stored, REPORT),
    Promise("I22", values.stored_values_are_whole, REPORT),
)
