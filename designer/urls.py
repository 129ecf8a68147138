from django.urls import path

from .views import comparing, editor, exporting, history, importing, publishing, steps, workflows

app_name = "designer"
urlpatterns = [
    path("workflows/new/", workflows.new, name="new"),
    path("workflows/import/", importing.import_workflow, name="import"),
    path("workflows/<slug:key>/", workflows.overview, name="workflow"),
    path("workflows/<slug:key>/versions/<int:number>/", workflows.version, name="version"),
    path("workflows/<slug:key>/export.yaml", exporting.export, {"kind": "yaml"}, name="export-yaml"),
    path("workflows/<slug:key>/export.json", exporting.export, {"kind": "json"}, name="export-json"),
    path("workflows/<slug:key>/export/", exporting.export_machine, name="export-machine"),
    path("workflows/<slug:key>/export.asl.json", exporting.download_machine, name="export-asl"),
    path("workflows/<slug:key>/import/", importing.imported, name="imported"),
    path("workflows/<slug:key>/publish/", publishing.publish_draft, name="publish"),
    path("workflows/<slug:key>/compare/<slug:before>/<slug:after>/", comparing.compare, name="compare"),
    path("workflows/<slug:key>/edit/", editor.edit, name="edit"),
    path("workflows/<slug:key>/edit/undo/", history.undo, name="undo"),
    path("workflows/<slug:key>/edit/redo/", history.redo, name="redo"),
    path("workflows/<slug:key>/edit/fix/", steps.fix_problem, name="fix"),
    path("workflows/<slug:key>/edit/add/", steps.add_step, name="add-step"),
    path("workflows/<slug:key>/edit/workflow/<slug:section>/", editor.save_section, name="save-settings"),
    path("workflows/<slug:key>/edit/steps/<slug:step>/rename/", steps.rename_step, name="rename-step"),
    path("workflows/<slug:key>/edit/steps/<slug:step>/remove/", steps.remove_step, name="remove-step"),
    path("workflows/<slug:key>/edit/steps/<slug:step>/move/", steps.move_step, name="move-step"),
    path("workflows/<slug:key>/edit/steps/<slug:step>/connect/", steps.connect_step, name="connect-step"),
    path("workflows/<slug:key>/edit/steps/<slug:step>/add-branch/", steps.add_branch, name="add-branch"),
    path(
        "workflows/<slug:key>/edit/steps/<slug:step>/rename-branch/<slug:branch>/",
        steps.rename_branch,
        name="rename-branch",
    ),
    path(
        "workflows/<slug:key>/edit/steps/<slug:step>/move-branch/<slug:branch>/",
        steps.move_branch,
        name="move-branch",
    ),
    path(
        "workflows/<slug:key>/edit/steps/<slug:step>/remove-branch/<slug:branch>/",
        steps.remove_branch,
        name="remove-branch",
    ),
    path(
        "workflows/<slug:key>/edit/steps/<slug:step>/<slug:section>/",
        editor.save_section,
        name="save-section",
    ),
]
