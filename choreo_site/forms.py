from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.contrib.auth.models import AbstractUser, Group
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from choreo_site.roles import ROLES
from choreo_site.sign_in import can_sign_in_from, forget_failed_sign_ins, note_failed_sign_in
from designer.queries.trail import KINDS, WantedEntries


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


class AddPersonForm(forms.Form):
    username = UsernameField(
        label="User name",
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=[(name, name) for name in ROLES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class AccessForm(forms.Form):
    """What one person may do. Teams are the groups that are not roles: reviews ask for them."""

    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=[(name, name) for name in ROLES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    teams = forms.CharField(
        label="Teams", max_length=1_000, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )
    active = forms.BooleanField(label="May sign in", required=False)

    def __init__(self, data: Any = None, *, user: AbstractUser) -> None:
        coming = [grant.group.name for grant in user.grants.all()]  # type: ignore[attr-defined]
        names = {*coming, *(group.name for group in user.groups.all())}
        teams, roles = sorted(names - ROLES.keys()), [name for name in ROLES if name in names]
        initial = {"roles": roles, "teams": ", ".join(teams), "active": user.is_active}
        super().__init__(data, initial=initial, auto_id=f"person-{user.pk}-%s", label_suffix="")

    def clean(self) -> None:
        # A box that is not ticked is not sent: only the text field tells a form from a request of something else.
        if "teams" not in self.data:
            raise forms.ValidationError("The form came without its fields, so nothing was changed.")

    def clean_teams(self) -> list[str]:
        return [name.strip()[:150] for name in self.cleaned_data["teams"].split(",") if name.strip()]


def teams() -> QuerySet[Group]:
    """The groups that are no roles: neither ours, nor an installation's own, which permit something."""
    return Group.objects.filter(permissions=None).exclude(name__in=ROLES).order_by("name")


class TeamForm(forms.Form):
    """Whose a workflow is."""

    team = forms.ModelChoiceField(queryset=Group.objects.none(), required=False, empty_label="Everybody")

    def __init__(self, data: Any = None, *, workflow: Any) -> None:
        super().__init__(data, initial={"team": workflow.team_id}, auto_id=f"team-of-{workflow.key}-%s")
        self.fields["team"].queryset = teams()  # type: ignore[attr-defined]
        self.fields["team"].label = f"Who sees {workflow.key}"

    def clean(self) -> None:
        if "team" not in self.data:
            raise forms.ValidationError("The form came without its field, so nothing was changed.")


class TrailFilter(forms.Form):
    """What of the audit trail is looked for. Days are those of the viewer."""

    q = forms.CharField(label="Find", max_length=200, required=False)
    kind = forms.ChoiceField(label="About", choices=[("", "Everything"), *KINDS.items()], required=False)
    since = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="Up to and with", required=False, widget=forms.DateInput({"type": "date"}))
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    @property
    def wanted(self) -> WantedEntries:
        given = self.cleaned_data
        until = given["until"]
        return WantedEntries(
            given["q"], given["kind"], _morning(given["since"]), _morning(until and until + timedelta(days=1))
        )


def _morning(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day else None


class NewTokenForm(forms.Form):
    """A token: what it is for, and how long it holds."""

    name = forms.CharField(
        label="What is it for?",
        max_length=80,
        help_text="Such as nightly import.",
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": "Say what the token is for, so that you know it again."},
    )
    days = forms.TypedChoiceField(
        label="It holds for",
        choices=[("90", "90 days"), ("30", "30 days"), ("365", "a year"), ("0", "until it is revoked")],
        coerce=lambda text: int(text) or None,
        empty_value=None,
    )
    reads_only = forms.BooleanField(label="It may only read", required=False)


class WrittenOnce(forms.Textarea):
    """A field that does not show again what was written into it."""

    def format_value(self, value: Any) -> None:
        return None


def _secret_value() -> forms.CharField:
    widget = WrittenOnce({"rows": 2, "autocomplete": "off", "spellcheck": "false", "class": "mono"})
    return forms.CharField(label="Value", max_length=10_000, widget=widget)


class NewSecretForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=64,
        help_text="Definitions say secret.name.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
    )
    value = _secret_value()
    team = forms.ModelChoiceField(
        label="Who may use it", queryset=Group.objects.none(), required=False, empty_label="Every workflow"
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["team"].queryset = teams()  # type: ignore[attr-defined]
        self.fields["team"].help_text = "A team's secret is for the workflows of that team alone."

    def clean_value(self) -> str:
        return as_lines(self.cleaned_data["value"])


class SecretValueForm(forms.Form):
    value = _secret_value()

    def __init__(self, data: Any = None, *, secret: Any) -> None:
        super().__init__(data, auto_id=f"secret-{secret.pk}-%s", label_suffix="")
        self.fields["value"].label = f"New value of {secret}"

    def clean_value(self) -> str:
        return as_lines(self.cleaned_data["value"])


class DestinationForm(forms.Form):
    host = forms.CharField(
        label="Host",
        max_length=255,
        help_text="A name, an address, or *.example.com for all names below one.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
    )
    port = forms.IntegerField(label="Port", min_value=1, max_value=65_535, initial=443)
    private = forms.BooleanField(label="It may be a private address", required=False)


def as_lines(text: str) -> str:
    """Browsers end lines with two signs; keys and certificates are kept with one."""
    return text.replace("\r\n", "\n")
