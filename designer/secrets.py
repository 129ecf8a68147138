"""The values of secrets: sealed where they are kept, opened for those who call a step type."""

import base64
from collections.abc import Collection
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from designer.visibility import usable_secrets


class SecretUnknown(Exception):
    """A secret that a definition names cannot be had; the sentence says why."""


def seal(value: str) -> str:
    return _locks().encrypt(value.encode()).decode()


@sensitive_variables("sealed", "found")
def secret_values(names: Collection[str], team: int | None = None) -> dict[str, str]:
    """The values by name, of those that a workflow of this team may use. Raises SecretUnknown."""
    sealed = dict(usable_secrets(team).filter(name__in=names).values_list("name", "sealed"))
    if missing := sorted(set(names) - sealed.keys()):
        raise SecretUnknown(f"There is no secret “{missing[0]}”. An administrator can add it.")
    return {name: unsealed(name, sealed[name]) for name in names}


def secret_names(team: int | None = None) -> frozenset[str]:
    return frozenset(usable_secrets(team).values_list("name", flat=True))


def resealed(sealed: str) -> str:
    """The same under the newest key. Raises InvalidToken where no key fits."""
    return _locks().rotate(sealed.encode()).decode()


@sensitive_variables("sealed")
def unsealed(name: str, sealed: str) -> str:
    """The value that was sealed. Raises SecretUnknown."""
    try:
        return _locks().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretUnknown(
            f"The secret “{name}” was sealed with a key that is not here any more. An administrator can replace it."
        ) from error


def _locks() -> MultiFernet:
    """The newest key first: it seals, and all of them open."""
    keys = settings.CHOREO_SECRETS_KEYS or [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([_lock(key) for key in keys])


@lru_cache(maxsize=16)
def _lock(key: str) -> Fernet:
    """Any text will do for a key. What is derived from Django's own serves no other purpose."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"choreo.secrets").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
