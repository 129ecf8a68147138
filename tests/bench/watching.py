"""`make watching`: what the page of a 60-step run weighs, when it is ready, and how soon ten readers see a commit.

Everything runs on a fresh installation started by `up`, on this machine: server, worker, shop and ten pages.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers import ROOT, stop_process
from tests.site.test_up import Up


def main() -> None:
    chosen = {"CHOREO_APPS": "tests.acme", "CHOREO_WORKERS": "1", "CHOREO_LOG_LEVEL": "WARNING"}
    with tempfile.TemporaryDirectory(prefix="choreo-watching-") as folder:
        up = Up(Path(folder), **chosen)
        try:
            link = up.link()
            ours = {"CHOREO_DATA_DIR": str(up.data), "DJANGO_SETTINGS_MODULE": "choreo_site.settings"}
            outside = {key: value for key, value in os.environ.items() if not key.startswith("CHOREO_")}
            # Playwright's loop runs in the thread that also asks the database.
            environment = outside | chosen | ours | {"DJANGO_ALLOW_ASYNC_UNSAFE": "true"}
            begin = "import django; django.setup(); from tests.bench import watched; watched.measure()"
            subprocess.run([sys.executable, "-c", begin, link], cwd=ROOT, env=environment, check=True)
        finally:
            stop_process(up.process)


if __name__ == "__main__":
    main()
