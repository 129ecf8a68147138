"""`@step`: what a stranger writes, and what the catalog makes of it or says against it."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest

from designer.catalog import (
    Context,
    Contract,
    ContractViolation,
    DeclarationRefused,
    Effect,
    ErrorSpec,
    MaxLen,
    NotRetryable,
    Retryable,
    StepError,
    conform_input,
    conform_output,
    get,
    register_temporarily,
    step,
    step_error,
    step_type_of,
)
from designer.catalog.testing import perform
from tests.acme import steps as acme


@dataclass(frozen=True)
class Sent:
    message_id: str


@pytest.fixture(autouse=True)
def _own_registry():
    with register_temporarily():
        yield


def context(**given: Any) -> Context:
    return Context(**{"idempotency_key": "key-1", "run": "run-1", "step": "send"} | given)


def send_sms():
    @step(
        "pager.sms.send",
        version="1.2.0",
        owner="messaging",
        effect="undoable by pager.sms.recall",
        idempotent=True,
        errors=[Retryable("GatewayBusy", "The gateway is busy."), "NumberRefused"],
    )
    def send(to: str, body: Annotated[str, MaxLen(160)] = "Hello", *, context: Context) -> Sent:
        """Send a text message.

        To one number.
        """
        return Sent(f"{context.idempotency_key}/{to}/{body}")

    return send


def test_the_decorator_makes_a_contract_of_the_signature():
    contract = step_type_of(send_sms()).contract
    assert (contract.reference, contract.title, contract.owner) == (
        "pager.sms.send@1.2.0",
        "Send a text message",
        "messaging",
    )
    assert contract.summary.endswith("To one number.")
    assert (contract.effect, contract.undone_by) == (Effect.UNDOABLE, "pager.sms.recall")
    assert contract.errors == (
        ErrorSpec("GatewayBusy", True, "The gateway is busy."),
        ErrorSpec("NumberRefused", False),
    )
    assert contract.input == {
        "type": "object",
        "properties": {
            "to": {"type": "string"},
            "body": {"type": "string", "maxLength": 160, "default": "Hello"},
        },
        "required": ["to"],
        "additionalProperties": False,
    }
    assert contract.output["properties"] == {"message_id": {"type": "string"}}


def test_performing_gives_json_and_honours_defaults():
    assert step_type_of(send_sms()).perform({"to": "+49"}, context()) == {"message_id": "key-1/+49/Hello"}


def test_the_function_stays_a_function():
    assert send_sms()("+1", context=context()) == Sent("key-1/+1/Hello")


def test_it_is_registered():
    function = send_sms()
    assert get("pager.sms.send", "^1") is step_type_of(function)


def test_an_asynchronous_step_is_awaited():
    step_type = step_type_of(acme.async_echo)
    assert step_type.is_async
    assert asyncio.run(step_type.aperform({"value": 3}, context())) == 3
    with pytest.raises(TypeError, match=r"await aperform\(\) instead"):
        step_type.perform({"value": 3}, context())


def test_a_synchronous_step_cannot_be_awaited():
    with pytest.raises(TypeError, match=r"call perform\(\) instead"):
        asyncio.run(step_type_of(acme.echo).aperform({}, context()))


def test_schemas_may_be_given_by_hand():
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}

    @step("pager.raw", version="1.0.0", input=schema, output={"type": "integer"})
    def raw(**inputs):
        return inputs["a"]

    assert step_type_of(raw).contract.input == schema
    assert perform(raw, a=2) == 2


def test_a_title_may_be_given_and_falls_back_to_the_key():
    @step("pager.silent", version="1.0.0")
    def silent() -> None: ...

    assert step_type_of(silent).contract.title == "pager.silent"


def refused(**given: Any):
    """The sentence with which a declaration is refused."""
    key = given.pop("key", "pager.x")
    function = given.pop("function", acme.noop)
    with pytest.raises(DeclarationRefused) as caught:
        step(key, **{"version": "1.0.0"} | given)(function)
    return str(caught.value)


def unhinted(a) -> None: ...
def unreturned(a: int): ...
def starred(*a: int) -> None: ...
def positional(a: int, /) -> None: ...
def unreadable(a: "Nowhere") -> None: ...  # type: ignore[name-defined] # noqa: F821
def bad_default(a: Any = {1}) -> None: ...  # noqa: B006
def takes_a(a: int) -> None: ...
def takes_nothing() -> None: ...


OBJECT = {"type": "object"}


@pytest.mark.parametrize(
    ("given_arguments", "sentence"),
    [
        (
            {"version": "1.0"},
            "@step('pager.x'): '1.0' is not a semantic version; write three numbers such as 1.2.0.",
        ),
        ({"version": None}, "None is not a semantic version"),
        (
            {"key": "Pager"},
            "'Pager' is not a step type's key; write your app's name, a dot and a verb: acme.send.",
        ),
        (
            {"effect": "undoable"},
            'effect \'undoable\' is not known; write "none", "permanent", or "undoable by"',
        ),
        ({"effect": "undoable by Nobody"}, "effect 'undoable by Nobody' is not known"),
        ({"errors": ["not a name"]}, "'not a name' does not declare an error; write a name such as"),
        ({"errors": [ValueError]}, "does not declare an error"),
        ({"function": unhinted}, "parameter a has no type hint; a contract is made from type hints"),
        ({"function": unreturned}, "return value has no type hint"),
        ({"function": starred}, "*a: int cannot be an input; inputs are given by name."),
        ({"function": positional}, "cannot be an input"),
        ({"function": unreadable}, "a type hint cannot be read, name 'Nowhere' is not defined."),
        ({"function": bad_default}, "The default of @step('pager.x'), parameter a: set has no JSON form"),
        ({"input": {"type": "string"}}, 'the input schema must have "type": "object"'),
        (
            {"function": takes_nothing, "input": OBJECT | {"properties": {"b": {}}}},
            "the function has no parameter b",
        ),
        (
            {"function": takes_a, "input": OBJECT | {"properties": {"a": {}}}},
            "the function needs a, but its input schema",
        ),
        ({"output": {"type": "strin"}}, "the output schema is not usable at type: "),
        ({"output": {"$ref": "other.json"}}, "the output schema is not usable"),
    ],
)
def test_a_mistake_in_the_declaration_is_a_sentence(given_arguments, sentence):
    assert sentence in refused(**given_arguments)


def test_the_same_key_and_version_twice_is_refused_with_both_places():
    @step("pager.twice", version="1.0.0")
    def first() -> None: ...

    with pytest.raises(
        DeclarationRefused, match=r"pager\.twice@1\.0\.0 is registered already, by .*first; give .*second"
    ):

        @step("pager.twice", version="1.0.0")
        def second() -> None: ...


def test_an_ordinary_function_is_no_step_type():
    with pytest.raises(DeclarationRefused, match=r"is not a step type; decorate it with @step"):
        step_type_of(unhinted)


# Failing


def test_a_declared_error_keeps_the_contracts_word():
    with pytest.raises(StepError) as caught:
        perform(acme.fail, name="Busy")
    error = caught.value
    assert (error.name, error.message, error.retryable, error.declared) == (
        "Busy",
        "Acme is busy.",
        True,
        True,
    )
    assert str(error) == "Busy: Acme is busy."


def test_an_undeclared_error_is_allowed_and_marked():
    with pytest.raises(StepError) as caught:
        perform(acme.fail, name="Strange", message="What now?")
    error = caught.value
    assert (error.name, error.message, error.retryable, error.declared) == (
        "Strange",
        "What now?",
        False,
        False,
    )


def test_any_other_exception_may_be_tried_again():
    error = step_error(step_type_of(acme.explode).contract, ZeroDivisionError("Boom"))
    assert (error.name, error.message, error.retryable, error.declared) == (
        "ZeroDivisionError",
        "Boom",
        True,
        False,
    )


def test_an_exception_without_words_gets_some():
    error = step_error(step_type_of(acme.noop).contract, ValueError())
    assert error.message == "The step raised ValueError without a message."


def test_an_exception_class_of_a_declared_name_is_that_error():
    class Refused(Exception): ...

    error = step_error(step_type_of(acme.fail).contract, Refused("no"))
    assert (error.retryable, error.declared) == (False, True)


def test_a_step_error_stays_itself_and_a_violation_is_final():
    contract = step_type_of(acme.noop).contract
    told = StepError("Told")
    assert step_error(contract, told) is told
    violated = step_error(contract, ContractViolation("output is missing"))
    assert (violated.name, violated.message, violated.retryable) == (
        "ContractViolation",
        "output is missing",
        False,
    )


def test_a_long_message_is_clipped():
    assert len(StepError("Long", "x" * 10_000).message) == 2_000


def test_a_bare_name_and_not_retryable_say_the_same():
    @step("pager.bare", version="1.0.0", errors=["No", NotRetryable("Never", "Not ever.")])
    def bare() -> None: ...

    assert step_type_of(bare).contract.errors == (
        ErrorSpec("No", False),
        ErrorSpec("Never", False, "Not ever."),
    )


# Contracts are kept


def test_an_input_that_breaks_the_contract_is_named_by_its_path():
    contract = step_type_of(acme.add).contract
    assert conform_input(contract, {"a": 1, "b": 2.5}) == {"a": 1, "b": 2.5}
    with pytest.raises(ContractViolation, match=r"input\.a must be a number, not .*one"):
        conform_input(contract, {"a": "one", "b": 2})
    with pytest.raises(ContractViolation, match=r"input must be an object"):
        conform_input(contract, [])


def test_many_violations_are_counted():
    many = Contract(key="pager.many", version="1.0.0", input={"required": list("abcde")})
    with pytest.raises(
        ContractViolation, match=r"^input\.a is missing; input\.b is missing; .*; and 2 more$"
    ):
        conform_input(many, {})


def test_a_violation_inside_a_list_reads_as_a_path():
    numbers = Contract(key="pager.list", version="1.0.0", output={"items": {"type": "integer"}})
    with pytest.raises(ContractViolation, match=r"^output\[1\] must be a whole number"):
        conform_output(numbers, [1, "two"])


def test_an_output_that_breaks_the_contract_is_named_by_its_path():
    with pytest.raises(ContractViolation, match=r"output\.eta must be a number, not .*soon"):
        perform(acme.bad_output)
    with pytest.raises(ContractViolation, match=r"output\.eta: set has no JSON form"):
        step_type_of(acme.bad_output).perform({"eta": {1}}, context())
    assert conform_output(step_type_of(acme.bad_output).contract, {"eta": 3}) == {"eta": 3}


def test_an_input_its_type_does_not_take_is_a_violation():
    @step("pager.when", version="1.0.0", input=OBJECT | {"properties": {"at": {}}, "required": ["at"]})
    def when(at: datetime) -> int:
        return at.year

    with pytest.raises(ContractViolation, match=r"input\.at: Invalid isoformat string"):
        perform(when, at="soon")


# The context


def test_the_context_says_which_attempt_it_is():
    deadline = datetime(2026, 1, 1, tzinfo=UTC)
    told = perform(acme.whoami, attempt=3, idempotency_key="k", phase="undo", deadline=deadline)
    assert told | {"pid": 0} == {
        "idempotency_key": "k",
        "run": "test-run",
        "step": "test_step",
        "attempt": 3,
        "deadline": "2026-01-01T00:00:00+00:00",
        "phase": "undo",
        "pid": 0,
    }


def test_a_flaky_step_counts_attempts():
    with pytest.raises(StepError, match=r"Flaky: Attempt 2 of 2 that fail\."):
        perform(acme.flaky, times=2, attempt=2)
    assert perform(acme.flaky, times=2, attempt=3) == 3


def test_perform_takes_a_step_type_and_inputs_as_one_dict():
    assert perform(step_type_of(acme.async_echo), input={"value": [1]}) == [1]


def test_it_may_ask_for_one_of_the_icons():
    @step("acme.drive", version="1.0.0", icon="truck")
    def drive() -> None: ...

    @step("acme.walk", version="1.0.0")
    def walk() -> None: ...

    assert (get("acme.drive").icon, get("acme.walk").icon) == ("truck", "")
    with pytest.raises(DeclarationRefused, match=r"icon 'lorry' is not known; there is bell, box, .*truck\."):

        @step("acme.haul", version="1.0.0", icon="lorry")
        def haul() -> None: ...
