from django.contrib.auth.views import LogoutView
from django.urls import include, path

from choreo_site.views import people
from choreo_site.views.access import SignIn, follow_sign_in_link
from choreo_site.views.health import healthz
from choreo_site.views.theme import set_theme

handler403 = "choreo_site.views.errors.forbidden"
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-in/<str:token>/", follow_sign_in_link, name="sign-in-link"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("theme/", set_theme, name="theme"),
    path("people/", people.people, name="people"),
    path("people/<int:user_id>/", people.change_access, name="change-access"),
    path("people/<int:user_id>/link/", people.make_link, name="make-link"),
    path("", include("designer.urls")),
    path("", include("runs.urls")),
]
