from django.urls import path

from .consumers import ListConsumer, RunConsumer
from .inbox import InboxConsumer
from .presence import EditorConsumer

websocket_urlpatterns = [
    path("ws/lists/", ListConsumer.as_asgi()),
    path("ws/reviews/", InboxConsumer.as_asgi()),
    path("ws/runs/<uuid:run_id>/", RunConsumer.as_asgi()),
    path("ws/drafts/<slug:key>/", EditorConsumer.as_asgi()),
]
