"""A process of its own for what is measured or played, with a site's settings and none of ours."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def told_by(call: str, *, folder: str, **settings: str) -> Any:
    """What ``call`` ("tests.bench.measure.main") prints last, read as JSON. ``settings`` are environment variables."""
    module, _, function = call.rpartition(".")
    begin = f"import django; django.setup(); from importlib import import_module as get; get('{module}').{function}()"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CHOREO_")},
        "DJANGO_SETTINGS_MODULE": "choreo_site.settings",
        "CHOREO_DATA_DIR": folder,
        "CHOREO_LOG_LEVEL": "WARNING",
        **settings,
    }
    command = [sys.executable, "-c", begin]
    printed = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(printed.stdout.splitlines()[-1])
