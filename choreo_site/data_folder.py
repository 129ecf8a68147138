"""The data folder: the embedded database, the secret key and the collected static files live in it."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def prepare_data_folder(folder: Path) -> Path:
    """Make the folder if it is missing, and refuse one that cannot be written to."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data folder {folder} cannot be written to ({error.strerror}): "
            "make it writable, or name another one in CHOREO_DATA_DIR."
        ) from error
    return folder


def kept_secret_key(folder: Path) -> str:
    """The key of this installation, made once. Two processes that start together agree on one."""
    path = folder / "secret-key"
    if not path.exists():
        draft = folder / f".secret-key-{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    key = path.read_text().strip()
    if len(key) < 50:
        raise ImproperlyConfigured(f"{path} is damaged: restore it, or delete it and everyone signs in anew.")
    return key
