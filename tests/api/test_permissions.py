"""Who may do what: one table for every address of the interface, so that a new one without an answer fails."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import URLPattern, URLResolver, reverse

from choreo_site.api.urls import urlpatterns
from designer.models import Version
from runs.actions import create_trigger
from runs.models import DeadLetter, Review, Run
from tests.api.asking import Program, program, refused
from tests.api.conftest import ORDER
from tests.people import CAST, person

pytestmark = pytest.mark.django_db

ALL, DESIGN = set(CAST), {"designer", "admin"}
OPERATE, DECIDE = {"operator", "admin"}, {"reviewer", "admin"}
TRIGGER = {"workflow": "order", "kind": "webhook", "title": "Shop"}
MACHINE = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
PUBLISH, START = {"note": "n", "revision": 1}, {"workflow": "order", "input": {"order_id": "O"}}
# The name of the address, the method, what it is about, a body, and who may.
ROUTES: dict[tuple[str, str], tuple[str, Any, set[str]]] = {
    ("designer-api:workflows", "GET"): ("", None, ALL),
    ("designer-api:workflows", "POST"): ("", {**ORDER, "key": "other"}, DESIGN),
    ("designer-api:workflow", "GET"): ("workflow", None, ALL),
    ("designer-api:draft", "GET"): ("workflow", None, ALL),
    ("designer-api:draft", "PUT"): ("workflow", ORDER, DESIGN),
    ("designer-api:imports", "POST"): ("", MACHINE, DESIGN),
    ("designer-api:import", "GET"): ("workflow", None, ALL),
    ("designer-api:bind", "POST"): ("workflow", {"bindings": {"one": {"way": "stub"}}}, DESIGN),
    ("designer-api:machine", "GET"): ("workflow", None, ALL),
    ("designer-api:check-draft", "GET"): ("workflow", None, ALL),
    ("designer-api:publish", "POST"): ("workflow", PUBLISH, DESIGN),
    ("designer-api:versions", "GET"): ("workflow", None, ALL),
    ("designer-api:version", "GET"): ("version", None, ALL),
    ("designer-api:version-document", "GET"): ("version", None, ALL),
    ("designer-api:check-document", "POST"): ("", ORDER, DESIGN),
    ("designer-api:step-types", "GET"): ("", None, ALL),
    ("designer-api:step-type", "GET"): ("step type", None, ALL),
    ("runs-api:runs", "GET"): ("", None, ALL),
    ("runs-api:runs", "POST"): ("", START, OPERATE),
    ("runs-api:simulate", "POST"): ("", {"definition": MACHINE, "input": {}}, ALL),
    ("runs-api:run", "GET"): ("run", None, ALL),
    ("runs-api:step", "GET"): ("step", None, ALL),
    ("runs-api:items", "GET"): ("run", None, ALL),
    ("runs-api:add-items", "POST"): ("step run", {"items": [1]}, OPERATE),
    ("runs-api:close-items", "POST"): ("step run", None, OPERATE),
    ("runs-api:force-join", "POST"): ("step run", {"reason": "r"}, OPERATE),
    ("runs-api:journal", "GET"): ("run", None, ALL),
    ("runs-api:cancel", "POST"): ("run", {}, OPERATE),
    ("runs-api:value", "GET"): ("value", None, ALL),
    ("runs-api:reviews", "GET"): ("", None, DECIDE),
    ("runs-api:review", "GET"): ("review", None, DECIDE),
    ("runs-api:claim", "POST"): ("review", None, DECIDE),
    ("runs-api:release", "POST"): ("review", None, DECIDE),
    ("runs-api:hand-over", "POST"): ("review", {"to": "ada"}, DECIDE),
    ("runs-api:decide", "POST"): ("review", {"outcome": "approve"}, DECIDE),
    ("runs-api:dead-letters", "GET"): ("", None, ALL),
    ("runs-api:dead-letter", "GET"): ("letter", None, ALL),
    ("runs-api:retry", "POST"): ("letter", {"reason": "r"}, OPERATE),
    ("runs-api:skip", "POST"): ("letter", {"reason": "r"}, OPERATE),
    ("runs-api:done", "POST"): ("letter", {"reason": "r"}, OPERATE),
    ("runs-api:signals", "GET"): ("", None, ALL),
    ("runs-api:signals", "POST"): ("", {"name": "order.paid", "key": "ORD-1"}, OPERATE),
    ("runs-api:triggers", "GET"): ("", None, ALL),
    ("runs-api:triggers", "POST"): ("", TRIGGER, DESIGN),
    ("runs-api:trigger", "GET"): ("trigger", None, ALL),
    ("runs-api:trigger", "DELETE"): ("trigger", None, DESIGN),
    ("runs-api:enable-trigger", "POST"): ("trigger", None, DESIGN),
    ("runs-api:disable-trigger", "POST"): ("trigger", None, DESIGN),
    ("runs-api:rotate-secret", "POST"): ("trigger", None, DESIGN),
    ("runs-api:limits", "GET"): ("workflow", None, ALL),
    ("runs-api:limits", "PUT"): ("workflow", {"max_running": 5}, DESIGN),
}
# Whoever comes: they say what there is, not what is in it.
OPEN = {"api-schema", "api-docs", "api-nowhere"}


@pytest.fixture
def about(order: Version, run: Run, asked: Review, letter: DeadLetter) -> dict[str, list[str]]:
    made = create_trigger(workflow=order.workflow, by=None, kind="webhook", title="Shop")
    return {
        "trigger": [str(made.trigger.pk)],
        "": [],
        "workflow": ["order"],
        "version": ["order", "1"],
        "step type": ["acme.echo"],
        "run": [str(run.pk)],
        "step": [str(run.pk), "one"],
        "step run": [str(run.pk), "1"],
        "value": [str(run.pk), "1"],
        "review": [str(asked.pk)],
        "letter": [str(letter.pk)],
    }


def routes(patterns: list[Any], space: str = "") -> list[tuple[str, Callable[..., Any]]]:
    found = []
    for each in patterns:
        if isinstance(each, URLResolver):
            found += routes(each.url_patterns, f"{each.namespace}:")
        elif isinstance(each, URLPattern):
            found.append((f"{space}{each.name}", each.callback))
    return found


def ask(asking: Program, route: tuple[str, str], about: dict[str, list[str]]) -> Any:
    (name, method), (what, body, _) = route, ROUTES[route]
    if method == "GET":
        return asking.get(reverse(name, args=about[what]))
    return getattr(asking, method.lower())(reverse(name, args=about[what]), body)


def test_every_route_and_method_has_an_answer():
    offered = {
        (name, method.upper())
        for name, view in routes(urlpatterns)
        if name not in OPEN
        for method in view.cls.http_method_names
        if hasattr(view.cls, method) and method != "head"
    }
    assert offered == set(ROUTES)


def test_every_route_asks_for_a_permission():
    for name, view in routes(urlpatterns):
        if name not in OPEN:
            assert {method for each, method in ROUTES if each == name} == set(view.cls.needs), name


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_who_may(route: tuple[str, str], about):
    for role in sorted(CAST):
        cache.clear()
        answer = ask(program(person(role)), route, about)
        assert answer.status_code != 401
        assert (answer.status_code == 403) == (role not in ROUTES[route][2]), role
        if answer.status_code == 403:
            refused(answer, 403, "forbidden", "This needs the role")


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_strangers_are_asked_who_they_are(route: tuple[str, str], about):
    refused(ask(Program(), route, about), 401, "unauthenticated")
