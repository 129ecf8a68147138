"""Step types: what a definition may use."""

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from designer import catalog

from .answers import told_step_type
from .operations import operation
from .shapes import StepTypeList, StepTypeShape
from .view import ApiView

LONGEST_REFERENCE = 200


class StepTypes(ApiView):
    needs = {"GET": "designer.view_workflow"}

    @operation(
        "listStepTypes", "List step types", tag="Step types", answer=StepTypeList,
        said="Every version of every step type, the newest of each first.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return self.paged([told_step_type(found.contract) for found in catalog.all()], None)


class OneStepType(ApiView):
    needs = {"GET": "designer.view_workflow"}

    @operation(
        "getStepType", "Read a step type", tag="Step types", answer=StepTypeShape,
        said="The newest that the reference fits: payments.charge, payments.charge@^2 or payments.charge@2.1.0.",
    )  # fmt: skip
    def get(self, request: Request, reference: str) -> Response:
        try:
            return Response(told_step_type(catalog.resolve(reference[:LONGEST_REFERENCE]).contract))
        except catalog.StepTypeNotFound as missing:
            raise Http404(str(missing)) from None
