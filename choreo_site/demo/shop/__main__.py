"""`python -m choreo_site.demo.shop --port 8099 --db shop.sqlite3`"""

import argparse
from pathlib import Path

from choreo_site.demo.shop.server import open_shop
from choreo_site.lifeline import watch_lifeline

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="shop", description="The demo's shop, a service of its own.")
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--db", type=Path, default=Path("shop.sqlite3"))
    options = parser.parse_args()
    watch_lifeline()
    open_shop(options.port, options.db)
