import os
import subprocess
import sys

import httpx

from choreo_site.lifeline import Lifeline
from tests.demo.shop_process import ROOT


def test_the_shop_opens_in_the_data_folder_and_ends_with_its_parent(tmp_path):
    lifeline = Lifeline()
    told = {
        "CHOREO_DATA_DIR": str(tmp_path),
        "CHOREO_SHOP_PORT": "0",
        "DJANGO_SETTINGS_MODULE": "choreo_site.settings",
    }
    command = [sys.executable, "manage.py", "shop"]
    arguments = lifeline.popen_arguments(os.environ | told)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **arguments) as shop:
        try:
            assert shop.stdout is not None
            url = shop.stdout.readline().split()[-1]
            assert httpx.get(f"{url}/health", trust_env=False).json() == {"shop": "open"}
            assert (tmp_path / "shop.sqlite3").exists()
            lifeline.close()
            assert shop.wait(10) != 0
        finally:
            shop.kill()
