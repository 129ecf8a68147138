"""`manage.py shop`: the demo's shop, a process of its own with a database of its own."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Open the demo's shop: the outside world that the example workflow order_fulfilment talks to."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("CHOREO_SHOP_PORT", "8099")))
        database = os.environ.get("CHOREO_SHOP_DB") or Path(settings.CHOREO_DATA_DIR) / "shop.sqlite3"
        parser.add_argument("--db", type=Path, default=Path(database))

    def handle(self, *, port: int, db: Path, **options: object) -> None:
        """The shop needs Python alone, so it goes on without what Django has loaded."""
        shop = ["-m", "choreo_site.demo.shop", "--port", str(port), "--db", str(db.absolute())]
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, [sys.executable, *shop])
