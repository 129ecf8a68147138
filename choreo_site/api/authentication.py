"""Who asks: a token in the header, or the session of somebody who has signed in."""

from django.contrib.auth.models import User
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from choreo_site.models import ApiToken
from choreo_site.tokens import find_token, note_use

SCHEMES = (b"bearer", b"token")
READS_ONLY = "This token may only read. Make one that may do what you may do."
REFUSED = "This token is not known here: it may be mistyped, revoked or past its time."


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """None where there is no token; another way of coming in may do.

        Raises AuthenticationFailed, PermissionDenied.
        """
        scheme, _, given = get_authorization_header(request).partition(b" ")
        if scheme.lower() not in SCHEMES:
            return None
        text = given.strip().decode("latin1")
        token = find_token(text) if text.isascii() and 0 < len(text) < 200 else None
        if token is None:
            raise AuthenticationFailed(REFUSED)
        if token.reads_only and request.method not in SAFE_METHODS:
            raise PermissionDenied(READS_ONLY)
        note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="choreo"'
