"""Who asks, where proxies stand in front: the address that the outermost proxy of ours has seen, and no earlier one.

Each proxy adds to X-Forwarded-For whom it was asked by, so the last parts are true and whatever stands before them
anybody may have written. Throttles and the audit trail go by what this says.
"""

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def behind_proxies(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def respond(request: HttpRequest) -> HttpResponse:
        if settings.CHOREO_PROXIES and (address := forwarded(request, settings.CHOREO_PROXIES)):
            request.META["REMOTE_ADDR"] = address
        return get_response(request)

    return respond


def forwarded(request: HttpRequest, proxies: int) -> str:
    """Empty where the header says less than that many proxies would have written."""
    said = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if len(said) < proxies:
        return ""
    try:
        return str(ip_address(said[-proxies]))
    except ValueError:
        return ""
