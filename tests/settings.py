"""The site's own settings, on a data folder of this test session."""

import atexit
import os
import shutil
import tempfile

CHOSEN = os.environ.get("CHOREO_TEST_DB", "sqlite")
if CHOSEN not in {"sqlite", "postgres"}:
    raise SystemExit(f"CHOREO_TEST_DB is {CHOSEN!r}: give sqlite or postgres.")

folder = tempfile.mkdtemp(prefix="choreo-tests-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)

for name in [
    name for name in os.environ if name.startswith("CHOREO_") and not name.startswith("CHOREO_TEST_")
]:
    del os.environ[name]
os.environ |= {
    "CHOREO_DATA_DIR": folder,
    # Which server it is, conftest.py learns when it has started one.
    "CHOREO_DATABASE_URL": "postgresql:///choreo"
    if CHOSEN == "postgres"
    else f"sqlite:///{folder}/choreo.sqlite3",
    "CHOREO_PLAIN_STATIC": "1",
    "CHOREO_LOG_LEVEL": "WARNING",
    "CHOREO_WORKERS": "2",
    "CHOREO_APPS": "tests.acme",
    # No test cuts the power.
    "CHOREO_SQLITE_SYNC": "OFF",
}

from choreo_site.settings import *  # noqa: E402, F403
from choreo_site.settings import DATABASES  # noqa: E402

# A file, not memory: live servers and workers are other threads and other processes.
DATABASES["default"]["TEST"] = {"NAME": f"{folder}/test.sqlite3" if CHOSEN == "sqlite" else "test_choreo"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
