"""/api/v1/triggers/ and /api/v1/workflows/<key>/limits/."""

from typing import Any

import pytest

from designer.models import Version
from runs.models import HookSecret, Limits, Trigger, Work
from tests.api.asking import Program, refused

pytestmark = pytest.mark.django_db
CRON = {
    "workflow": "order",
    "kind": "cron",
    "title": "At six",
    "cron": "0 6 * * 1-5",
    "zone": "Europe/Berlin",
}
HOOK = {"workflow": "order", "kind": "webhook", "title": "Shop", "headers": ["X-Shop"]}


def test_a_cron_is_created_read_switched_and_removed(designer: Program, viewer: Program, order: Version):
    made = designer.post("/triggers/", {**CRON, "catch_up": "all", "version": 1, "input": {"order_id": "O"}})
    assert made.status_code == 201
    told = made.json()
    assert (told["version"], told["catch_up"], told["address"], told["secret"]) == (1, "all", None, "")
    assert told["next_at"] and told["made_by"] == "dora"
    place = f"/triggers/{told['id']}/"
    assert viewer.get(place).json() == {name: value for name, value in told.items() if name != "secret"}
    assert designer.post(f"{place}disable/").json()["next_at"] is None
    assert not Work.objects.filter(run=None).exists()
    assert designer.post(f"{place}enable/").json()["enabled"] is True
    assert designer.delete(place).status_code == 204
    refused(viewer.get(place), 404, "not-found", "no such trigger")


def test_a_webhook_tells_its_secret_once(designer: Program, order: Version):
    made = designer.post("/triggers/", HOOK).json()
    assert made["secret"].startswith("whsec_")
    assert made["address"].endswith(f"/hooks/{made['id']}/")
    assert made["headers"] == ["x-shop"]
    assert "secret" not in designer.get(f"/triggers/{made['id']}/").json()
    rotated = designer.post(f"/triggers/{made['id']}/rotate/").json()
    assert rotated["secret"] not in ("", made["secret"])
    assert HookSecret.objects.filter(ends_at=None).count() == 1
    cron = designer.post("/triggers/", CRON).json()
    refused(designer.post(f"/triggers/{cron['id']}/rotate/"), 409, "conflict", "Only a webhook")


def test_they_are_listed_by_workflow_and_kind(designer: Program, order: Version):
    for body in (CRON, HOOK, {"workflow": "order", "kind": "signal", "title": "Paid", "signal": "paid"}):
        assert designer.post("/triggers/", body).status_code == 201
    titles = lambda query: [each["title"] for each in designer.get(f"/triggers/{query}").json()["items"]]  # noqa: E731
    assert titles("") == titles("?workflow=order") == ["At six", "Shop", "Paid"]
    assert titles("?kind=signal") == ["Paid"]
    assert titles("?workflow=nowhere") == []
    first = designer.get("/triggers/?limit=2").json()
    assert [each["title"] for each in designer.get(first["next"]).json()["items"]] == ["Paid"]


@pytest.mark.parametrize(
    ("body", "pointer", "said"),
    [
        ({**CRON, "cron": "99 * * * *"}, "#/cron", "minute makes no sense"),
        ({**CRON, "zone": "Mars"}, "#/zone", "time zone"),
        ({**CRON, "input": {"a": "${ steps.x.output }"}}, "#/input", "not known to a trigger"),
        ({**CRON, "signal": "paid"}, "#/signal", "A cron trigger has no signal"),
        ({**CRON, "workflow": "nowhere"}, "#/workflow", "no workflow"),
        ({**CRON, "version": 9}, "#/version", "no version 9"),
        ({**CRON, "kind": "magic"}, "#/kind", ""),
        ({**HOOK, "headers": ["no way"]}, "#/headers", "no name of a header"),
        ({"workflow": "order", "kind": "cron", "title": "T"}, "#/cron", "Say when"),
        ({"workflow": "order", "kind": "signal", "title": "T"}, "#/signal", "which signal"),
        ({**CRON, "crom": ""}, "#/crom", "Did you mean “cron”?"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_place(
    designer: Program, order: Version, body: dict[str, Any], pointer: str, said: str
):
    problem = refused(designer.post("/triggers/", body), 422, "invalid", said)
    assert problem["errors"][0]["pointer"] == pointer
    assert not Trigger.objects.exists()


def test_limits_are_set_as_a_whole(designer: Program, viewer: Program, order: Version):
    free = {"max_running": None, "starts_per_minute": None, "priority": 5, "queue": ""}
    beside = {"workflow": "order", "in_flight": 0, "waiting": 0}
    assert viewer.get("/workflows/order/limits/").json() == free | beside
    wanted = {"max_running": 3, "starts_per_minute": 60, "priority": 9, "queue": "heavy"}
    assert designer.put("/workflows/order/limits/", wanted).json() == wanted | beside
    assert designer.put("/workflows/order/limits/", {"max_running": 2}).json()["priority"] == 5
    refused(designer.put("/workflows/order/limits/", {"priority": 10}), 422, "invalid")
    refused(designer.put("/workflows/order/limits/", {"queue": "No"}), 422, "invalid", "small letter")
    refused(designer.put("/workflows/nowhere/limits/", {}), 404)
    assert Limits.objects.get().max_running == 2
