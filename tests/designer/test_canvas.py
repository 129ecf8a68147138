"""The graph on the canvas: what is written and marked on it, and where steps can be added."""

import pytest
from django.test import Client
from hypothesis import given, settings

from designer.actions import publish
from designer.graph import Action, AddStep, Choice, Graph, apply, decode
from designer.models import Draft
from designer.queries import Canvas, Counts, Marks, canvas, icon_of
from tests.designer.drafts import SMALL, save
from tests.graph.strategies import flawed_graphs

pytestmark = pytest.mark.django_db
EDIT = "/workflows/small/edit/"


def drawn(**marks: object) -> Canvas:
    return canvas(decode(SMALL), Marks(**marks))  # type: ignore[arg-type]


def node(found: Canvas, key: str):
    return next(one for one in found.nodes if one.box.id == key)


def test_a_box_says_what_its_step_is_and_does():
    charge = node(drawn(), "charge")
    assert (charge.name, charge.said, charge.undo) == ("Charge card", "payments.charge@2", "payments.refund")
    assert node(drawn(), "ask").said == "person · risk"


def test_marks_stand_on_the_edge_without_covering_each_other():
    found = drawn(changed={"charge": "changed"}, counts={"charge": Counts(2, 1)})
    badges = node(found, "charge").badges
    assert [(badge.word, badge.tone) for badge in badges] == [
        ("2", "fail"),
        ("1", "warn"),
        ("changed", "warn"),
    ]
    for right, left in zip(badges, badges[1:], strict=False):
        assert left.x + left.width <= right.x
    assert node(found, "charge").label == "Charge card, payments.charge@2, changed, 2 errors, 1 warning"


def test_every_way_of_a_step_can_take_another_one():
    found = drawn()
    asked = {way.between for way in found.ways if way.between}
    assert {"step=charge&exit=next", "step=large&exit=options.0", "step=ask&exit=outcomes.reject"} <= asked
    assert next(way.said for way in found.ways if way.between == "step=charge&exit=next") == (
        "between Charge card and Is it large?"
    )


def test_the_selected_box_has_a_port_beside_it():
    port = drawn(selected="charge").port
    assert port is not None and port.node.selected
    assert drawn().port is None
    assert drawn(selected="done").port is None  # nothing comes after an end


def test_the_words_of_the_port_give_way_to_what_stands_there():
    crowded: Graph = decode(SMALL)
    for number in range(3):
        crowded = apply(crowded, AddStep("set", f"note_{number}", after="charge")).graph
    ports = [port for key in crowded.steps if (port := canvas(crowded, Marks(selected=key)).port)]
    assert {port.text for port in ports} == {"add next", ""}
    for port in ports:
        end = port.x + (70 if port.text else 8)
        assert not any(
            one.area.x < end and one.area.right > port.x - 8 and abs(one.area.middle_y - port.y) < 20
            for one in canvas(crowded, Marks()).nodes
            if one.box.id != port.node.box.id
        )


@settings(deadline=None, max_examples=40)
@given(flawed_graphs())
def test_any_draft_can_be_drawn(graph: Graph):
    for selected in ["", *graph.steps]:
        found = canvas(graph, Marks(selected=selected))
        assert {one.box.step for one in found.nodes if one.is_step} == set(graph.steps)


def test_the_page_draws_links_that_work_without_scripts(designer: Client, draft: Draft):
    page = designer.get(f"{EDIT}?step=charge").content.decode()
    assert f'<a class="node-link" href="{EDIT}?step=ask"' in page
    assert f'<a class="add-next" href="{EDIT}add/?step=charge"' in page
    assert f'<a class="between" href="{EDIT}add/?step=large&amp;exit=options.0"' in page


def test_what_changed_since_the_published_version_is_marked(designer: Client, dora, draft: Draft):
    publish(draft=draft, note="First.", revision=draft.revision, by=dora)
    page = designer.get(EDIT).content.decode()
    assert 'aria-disabled="true" title="Nothing has changed since v1"' in page
    answer = save(designer, draft, "charge", "input", timeout="30s").content.decode()
    for place in ('id="toolbar"', 'id="outline"', 'id="canvas"', 'id="problems"'):
        assert place in answer
    assert '<svg class="node is-box selected changed" id="graph-charge"' in answer
    assert '<span class="dot is-warn" title="changed">' in answer
    assert "timeout <s>10s</s> <b>30s</b>" in answer
    assert 'title="Nothing has changed since v1"' not in answer


def test_a_step_looks_like_its_step_type_or_else_like_its_kind():
    assert icon_of(Action(key="a", does="payments.charge@^2")) == "type-card"
    assert icon_of(Action(key="a", does="acme.noop")) == "kind-action"
    assert icon_of(Action(key="a", does="nobody.knows")) == "kind-action"
    assert icon_of(Choice(key="a")) == "kind-choice"
