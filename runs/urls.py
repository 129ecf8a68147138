from django.urls import path
from django.views.generic import RedirectView

from .api.hooks import Hook
from .views import (
    dead_letters,
    examples,
    limits,
    reviews,
    run_page,
    runs,
    search,
    signals,
    steering,
    triggers,
    uploads,
    workflows,
)

app_name = "runs"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="runs:workflows"), name="home"),
    path("search/", search.find_anything, name="search"),
    path("workflows/", workflows.list_workflows, name="workflows"),
    path("workflows/<slug:key>/runs/", workflows.runs_of_workflow, name="of-workflow"),
    path("workflows/<slug:key>/start/", runs.start, name="start"),
    path("workflows/<slug:key>/examples/<slug:step>/<slug:section>/", examples.examples, name="examples"),
    path("workflows/<slug:key>/start-many/", uploads.upload, name="start-many"),
    path("workflows/<slug:key>/start-many/<uuid:upload_id>/", uploads.show_upload, name="upload"),
    path("workflows/<slug:key>/limits/", limits.change, name="limits"),
    path("workflows/<slug:key>/triggers/", triggers.list_triggers, name="triggers"),
    path("workflows/<slug:key>/triggers/new/<slug:kind>/", triggers.add, name="add-trigger"),
    path("triggers/<uuid:trigger_id>/", triggers.change, name="trigger"),
    path("triggers/<uuid:trigger_id>/switch/", triggers.switch, name="switch-trigger"),
    path("triggers/<uuid:trigger_id>/remove/", triggers.remove, name="remove-trigger"),
    path("triggers/<uuid:trigger_id>/rotate/", triggers.rotate, name="rotate-secret"),
    path("hooks/<uuid:trigger_id>/", Hook.as_view(), name="hook"),
    path("runs/", runs.list_runs, name="runs"),
    path("runs/<uuid:run_id>/", run_page.show_run, name="run"),
    path("runs/<uuid:run_id>/values/<str:what>/", run_page.download_value, name="value"),
    path("runs/<uuid:run_id>/cancel/", run_page.cancel, name="cancel"),
    path("runs/<uuid:run_id>/steps/<int:no>/add/", steering.add, name="add-items"),
    path("runs/<uuid:run_id>/steps/<int:no>/close/", steering.close, name="close-items"),
    path("runs/<uuid:run_id>/steps/<int:no>/force/", steering.force, name="force"),
    path("signals/", signals.list_signals, name="signals"),
    path("signals/try/", signals.try_signal, name="try-signal"),
    path("dead-letters/<uuid:letter_id>/", dead_letters.resolve, name="resolve"),
    path("reviews/", reviews.list_reviews, name="reviews"),
    path("reviews/<uuid:review_id>/", reviews.show_review, name="review"),
    path("reviews/<uuid:review_id>/claim/", reviews.claim, name="claim"),
    path("reviews/<uuid:review_id>/release/", reviews.release, name="release"),
    path("reviews/<uuid:review_id>/hand-over/", reviews.hand_over, name="hand-over"),
    path("reviews/<uuid:review_id>/preview/", reviews.preview, name="preview"),
]
