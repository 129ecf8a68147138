from django.urls import include, path, re_path

from choreo_site.views.api import api_docs

from .nowhere import Nowhere
from .schema import Schema

urlpatterns = [
    path("v1/schema/", Schema.as_view(), name="api-schema"),
    path("v1/docs/", api_docs, name="api-docs"),
    path("v1/", include("designer.api.urls")),
    path("v1/", include("runs.api.urls")),
    re_path(r"[\s\S]*", Nowhere.as_view(), name="api-nowhere"),  # line ends too, which `path` leaves to pages
]
