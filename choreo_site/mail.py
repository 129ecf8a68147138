"""Where mails go, by a URL: to a server, or into a folder."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.filebased import EmailBackend

PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
PATIENCE = 10  # seconds


class MailFolder(EmailBackend):
    """Django calls its own one fit for development only. Here it is a choice: a site that sends no mail keeps it."""


def mailer_from_url(url: str, *, folder: Path) -> dict[str, Any]:
    """``smtp://`` speaks TLS after a plain start, ``smtps://`` from the first byte on, ``smtp+plain://`` never."""
    if not url:
        folder_options = {"file_path": str(folder)}
        return {"BACKEND": "choreo_site.mail.MailFolder", "OPTIONS": folder_options}
    parts = urlsplit(url)
    try:
        port = parts.port or PORTS[parts.scheme]
    except (KeyError, ValueError) as error:
        raise ImproperlyConfigured(
            "CHOREO_MAIL_URL is no mail server: give smtp://user:password@host:587, smtps:// for a server that speaks"
            " TLS at once, or smtp+plain:// for one that does not."
        ) from error
    if not parts.hostname:
        raise ImproperlyConfigured("CHOREO_MAIL_URL names no host: give smtp://user:password@host:587.")
    options = {
        "host": parts.hostname,
        "port": port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp",
        "use_ssl": parts.scheme == "smtps",
        "timeout": PATIENCE,
    }
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}
