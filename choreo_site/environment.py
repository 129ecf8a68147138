"""Settings from the environment: each reader names the variable and says what would be right when it is wrong."""

import os
from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """The variable's text; an empty variable counts as unset."""
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int, *, least: int, most: int) -> int:
    given = text(name)
    if not given:
        return default
    if not given.isascii() or not given.isdigit() or not least <= int(given) <= most:
        raise ImproperlyConfigured(f"{name} is {given!r}: give a whole number from {least} to {most}.")
    return int(given)


def flag(name: str, default: bool = False) -> bool:
    given = text(name).lower()
    if not given:
        return default
    if given not in YES | NO:
        raise ImproperlyConfigured(f"{name} is {given!r}: give 1 or 0.")
    return given in YES


def choice(name: str, default: str, *, among: tuple[str, ...]) -> str:
    given = text(name, default)
    if given not in among:
        raise ImproperlyConfigured(f"{name} is {given!r}: give one of {', '.join(among)}.")
    return given


def names(name: str) -> list[str]:
    """A list separated by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def apps(name: str) -> list[str]:
    """Django apps, by module or by the class of their configuration."""
    for app in names(name):
        if not _is_module(app.rpartition(".")[0] if app.rpartition(".")[2][:1].isupper() else app):
            raise ImproperlyConfigured(
                f"{name} names {app!r}, which Python does not find: give the names of installed apps, or put"
                " the folder that holds it into PYTHONPATH."
            )
    return names(name)


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
