from django.urls import path

from . import dead_letters, items, limits, reviews, runs, signals, simulation, triggers, values

app_name = "runs-api"
urlpatterns = [
    path("runs/", runs.Runs.as_view(), name="runs"),
    path("runs/<uuid:run_id>/", runs.OneRun.as_view(), name="run"),
    path("runs/<uuid:run_id>/steps/<slug:step>/", runs.OneStep.as_view(), name="step"),
    path("runs/<uuid:run_id>/items/", items.Items.as_view(), name="items"),
    path("runs/<uuid:run_id>/steps/<int:no>/items/", items.MoreItems.as_view(), name="add-items"),
    path("runs/<uuid:run_id>/steps/<int:no>/close/", items.ClosedItems.as_view(), name="close-items"),
    path("runs/<uuid:run_id>/steps/<int:no>/force/", items.ForcedJoin.as_view(), name="force-join"),
    path("runs/<uuid:run_id>/journal/", runs.Journal.as_view(), name="journal"),
    path("runs/<uuid:run_id>/cancel/", runs.Cancellation.as_view(), name="cancel"),
    path("runs/<uuid:run_id>/values/<int:number>/", values.StoredValue.as_view(), name="value"),
    path("simulate/", simulation.Simulations.as_view(), name="simulate"),
    path("signals/", signals.Signals.as_view(), name="signals"),
    path("triggers/", triggers.Triggers.as_view(), name="triggers"),
    path("triggers/<uuid:trigger_id>/", triggers.OneTrigger.as_view(), name="trigger"),
    path("triggers/<uuid:trigger_id>/enable/", triggers.Enable.as_view(), name="enable-trigger"),
    path("triggers/<uuid:trigger_id>/disable/", triggers.Disable.as_view(), name="disable-trigger"),
    path("triggers/<uuid:trigger_id>/rotate/", triggers.Rotate.as_view(), name="rotate-secret"),
    path("workflows/<slug:key>/limits/", limits.WorkflowLimits.as_view(), name="limits"),
    path("reviews/", reviews.Reviews.as_view(), name="reviews"),
    path("reviews/<uuid:review_id>/", reviews.OneReview.as_view(), name="review"),
    path("reviews/<uuid:review_id>/claim/", reviews.Claim.as_view(), name="claim"),
    path("reviews/<uuid:review_id>/release/", reviews.Release.as_view(), name="release"),
    path("reviews/<uuid:review_id>/hand-over/", reviews.HandOver.as_view(), name="hand-over"),
    path("reviews/<uuid:review_id>/decide/", reviews.Decision.as_view(), name="decide"),
    path("dead-letters/", dead_letters.DeadLetters.as_view(), name="dead-letters"),
    path("dead-letters/<uuid:letter_id>/", dead_letters.OneDeadLetter.as_view(), name="dead-letter"),
    path("dead-letters/<uuid:letter_id>/retry/", dead_letters.Retry.as_view(), name="retry"),
    path("dead-letters/<uuid:letter_id>/skip/", dead_letters.Skip.as_view(), name="skip"),
    path("dead-letters/<uuid:letter_id>/done/", dead_letters.Done.as_view(), name="done"),
]
