from django.contrib.auth.views import LogoutView
from django.urls import include, path

from choreo_site.views import destinations, people, secrets, teams, tokens, trail
from choreo_site.views.access import SignIn, follow_sign_in_link, sign_out_everywhere
from choreo_site.views.health import healthz
from choreo_site.views.theme import set_theme

handler400 = "choreo_site.views.errors.not_taken"
handler403 = "choreo_site.views.errors.forbidden"
handler404 = "choreo_site.views.errors.missing"
handler500 = "choreo_site.views.errors.broken"
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-in/<str:token>/", follow_sign_in_link, name="sign-in-link"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("sign-out/everywhere/", sign_out_everywhere, name="sign-out-everywhere"),
    path("theme/", set_theme, name="theme"),
    path("people/", people.people, name="people"),
    path("people/<int:user_id>/", people.change_access, name="change-access"),
    path("people/<int:user_id>/link/", people.make_link, name="make-link"),
    path("people/grants/<int:grant_id>/", people.grant, name="grant"),
    path("teams/", teams.show_teams, name="teams"),
    path("teams/<slug:key>/", teams.change_team, name="change-team"),
    path("audit/", trail.show_trail, name="trail"),
    path("audit.csv", trail.export_trail, name="export-trail"),
    path("secrets/", secrets.secrets, name="secrets"),
    path("secrets/<int:secret_id>/", secrets.replace, name="replace-secret"),
    path("secrets/<int:secret_id>/remove/", secrets.remove, name="remove-secret"),
    path("destinations/", destinations.destinations, name="destinations"),
    path("destinations/<int:destination_id>/remove/", destinations.remove, name="remove-destination"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", tokens.revoke, name="revoke-token"),
    path("api/", include("choreo_site.api.urls")),
    path("", include("designer.urls")),
    path("", include("runs.urls")),
]
