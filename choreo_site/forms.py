from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from choreo_site.sign_in import can_sign_in_from, forget_failed_sign_ins, note_failed_sign_in


class SignInForm(AuthenticationForm):
    """User name and password, with a wait after too many wrong ones."""

    throttled = False

    def clean(self) -> dict[str, Any]:
        who = {
            "username": self.cleaned_data.get("username") or "",
            "address": self.request.META.get("REMOTE_ADDR", "") if self.request else "",
        }
        if not can_sign_in_from(**who):
            self.throttled = True
            raise ValidationError("Too many wrong passwords. Try again in 15 minutes.")
        try:
            cleaned = super().clean()
        except ValidationError:
            note_failed_sign_in(**who)
            raise
        forget_failed_sign_ins(**who)
        return cleaned
