"""What the frame around every page needs: where one can go, who is here, which theme, by whose clocks."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from designer.people import initials_of
from designer.zones import zone_word
from runs.queries import waiting_count

PLACES = (
    ("workflows", "Workflows", "/workflows/"),
    ("runs", "Runs", "/runs/"),
    ("reviews", "Reviews", "/reviews/"),
    ("signals", "Signals", "/signals/"),
)
THEMES = {"": ("As the system", "screen"), "light": ("Light", "sun"), "dark": ("Dark", "moon")}


def page(request: HttpRequest) -> dict[str, Any]:
    theme = theme_of(request)
    return {
        "ENVIRONMENT": settings.CHOREO_ENVIRONMENT,
        "theme": theme,
        "theme_choices": [
            {"key": key, "title": title, "icon": icon, "pressed": "true" if key == theme else "false"}
            for key, (title, icon) in THEMES.items()
        ],
        "places": [
            {"key": key, "title": title, "path": path, "current": request.path.startswith(path)}
            for key, title, path in PLACES
        ],
        "zone": {"name": timezone.get_current_timezone_name(), "word": zone_word()},
        "initials": initials_of(getattr(request, "user", None)),
        "open_reviews": SimpleLazyObject(lambda: _open_reviews(request)),
    }


def _open_reviews(request: HttpRequest) -> int:
    """For the count beside Reviews; asked for only by pages that show it."""
    user = getattr(request, "user", None)
    return waiting_count(user) if user is not None and user.is_authenticated else 0


def theme_of(request: HttpRequest) -> str:
    """The theme of the cookie; anything that is not a theme is the system's own."""
    theme = request.COOKIES.get("theme", "")
    return theme if theme in THEMES else ""
