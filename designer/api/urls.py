from django.urls import path

from . import machines, step_types, workflows

app_name = "designer-api"
urlpatterns = [
    path("workflows/", workflows.Workflows.as_view(), name="workflows"),
    path("workflows/import/", machines.Imports.as_view(), name="imports"),
    path("workflows/<slug:key>/", workflows.OneWorkflow.as_view(), name="workflow"),
    path("workflows/<slug:key>/draft/", workflows.DraftDocument.as_view(), name="draft"),
    path("workflows/<slug:key>/import/", machines.OneImport.as_view(), name="import"),
    path("workflows/<slug:key>/bind/", machines.Bindings.as_view(), name="bind"),
    path("workflows/<slug:key>/asl/", machines.Machine.as_view(), name="machine"),
    path("workflows/<slug:key>/draft/check/", workflows.DraftCheck.as_view(), name="check-draft"),
    path("workflows/<slug:key>/draft/publish/", workflows.Publication.as_view(), name="publish"),
    path("workflows/<slug:key>/versions/", workflows.Versions.as_view(), name="versions"),
    path("workflows/<slug:key>/versions/<int:number>/", workflows.OneVersion.as_view(), name="version"),
    path(
        "workflows/<slug:key>/versions/<int:number>/document/",
        workflows.VersionDocument.as_view(),
        name="version-document",
    ),
    path("check/", workflows.DocumentCheck.as_view(), name="check-document"),
    path("step-types/", step_types.StepTypes.as_view(), name="step-types"),
    path("step-types/<str:reference>/", step_types.OneStepType.as_view(), name="step-type"),
]
