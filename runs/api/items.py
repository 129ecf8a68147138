"""The items of maps: list them, add some, close the list; and go on with what there is."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from designer.api.bodies import JsonBody
from designer.api.operations import operation
from designer.api.paging import cut
from designer.api.view import ApiView
from runs.actions.joins import add_items, close_items, force_join
from runs.models import Item, Run
from runs.queries.items import items_of
from runs.queries.veils import veiled
from runs.views.loading import get_key, get_run

from .answers import Row, told_run
from .item_shapes import AddItemsBody, ForceBody, ItemPage, ItemQuestion, ItemsAdded, ItemShape
from .shapes import RunDetail
from .values import told_value

LOOK, OPERATE = "runs.view_run", "runs.operate_run"
OVER = "It is not under way, or its list of items is closed."


class Items(ApiView):
    needs = {"GET": LOOK}

    @operation(
        "listItems", "List the items of a run's maps", tag="Runs", answer=ItemPage, asks=[ItemQuestion],
        said="In the order of the lists. Items that failed and are done again are failed until they have ended.",
    )  # fmt: skip
    def get(self, request: Request, run_id: UUID) -> Response:
        run, asked = get_run(request.user, run_id), self.asked(ItemQuestion)
        rows = run.items.all()
        if "step" in asked:
            rows = rows.filter(no__in=run.step_runs.filter(key=asked["step"]).values("no"))
        if "status" in asked:
            rows = rows.filter(status=asked["status"])
        found, following = cut(rows, request, asked, by="id")
        return self.paged(told_items(run, found, request), following)


class MoreItems(ApiView):
    needs = {"POST": OPERATE}
    parser_classes = [JsonBody]

    @operation(
        "addItems", "Add items to a map", tag="Runs", answer=ItemsAdded, also={409: OVER},
        said="`no` is the step's, as the run tells it. Only a map that is open-ended takes more items.",
        takes=AddItemsBody, example={"items": ["c.csv", "d.csv"]},
    )  # fmt: skip
    def post(self, request: Request, run_id: UUID, no: int) -> Response:
        run = get_run(request.user, run_id)
        get_key(run, no)
        added = add_items(run_id=run.pk, no=no, by=request.user, **self.sent(AddItemsBody))
        return Response(ItemsAdded({"added": added, "total": items_of(run, no).count()}).data)


class ClosedItems(ApiView):
    needs = {"POST": OPERATE}

    @operation(
        "closeItems", "Close the list of a map", tag="Runs", answer=RunDetail, also={409: OVER},
        said="The run as it is now. The map ends when the items that there are have ended.",
    )  # fmt: skip
    def post(self, request: Request, run_id: UUID, no: int) -> Response:
        run = get_run(request.user, run_id)
        get_key(run, no)
        close_items(run_id=run.pk, no=no, by=request.user)
        return Response(told_run(get_run(request.user, run_id), request))


class ForcedJoin(ApiView):
    needs = {"POST": OPERATE}
    parser_classes = [JsonBody]

    @operation(
        "forceJoin", "Go on with what there is", tag="Runs", answer=RunDetail,
        also={409: "It is not under way, or has no branches or items."},
        said="The run as it is now. What is still open in the parallel or map is cancelled.",
        takes=ForceBody, example={"reason": "The rest comes tomorrow"},
    )  # fmt: skip
    def post(self, request: Request, run_id: UUID, no: int) -> Response:
        run = get_run(request.user, run_id)
        get_key(run, no)
        force_join(run_id=run.pk, no=no, by=request.user, **self.sent(ForceBody))
        return Response(told_run(get_run(request.user, run_id), request))


def told_items(run: Run, items: list[Item], request: Request) -> list[Any]:
    keys = dict(run.step_runs.filter(no__in={item.no for item in items}).values_list("no", "key"))
    rows = [
        Row(item, step=keys.get(item.no, ""), value=told_value(run, item.value, request)) for item in items
    ]
    return [veiled(run, told) for told in ItemShape(rows, many=True).data]
