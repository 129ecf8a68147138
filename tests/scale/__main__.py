"""`make hosts`: worker hosts and web hosts on one PostgreSQL and one Redis, each in a network of its own.

What is measured, and what came of it, stands in docs/scaling.md. `make hosts ARGS=cut` plays those that have the word
in their name. As root, on Linux: network namespaces are made, and removed at the end.
"""

import json
import shutil
import signal
import sys
import tempfile

from tests.bench.apart import told_by
from tests.scale.network import network
from tests.scale.servers import network_postgres, network_redis


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # networks are not left behind
    folder = tempfile.mkdtemp(prefix="choreo-scale-")
    try:
        with network() as net, network_postgres(net.server) as (own, url), network_redis(net.redis) as redis:
            found = told_by(
                "tests.scale.measured.main",
                folder=folder,
                CHOREO_DATABASE_URL=own,
                CHOREO_SECRET_KEY="a key for the hosts of a measurement, and for nothing else",
                CHOREO_APPS="tests.acme",
                CHOREO_WORKERS="2",
                CHOREO_DEMO="0",
                CHOREO_API_RATE="100000",
                CHOREO_PLAIN_STATIC="1",
                CHOREO_LOG_LEVEL="INFO",
                ACME_LEDGER=f"{folder}/ledger",
                NETWORK_URL=url,
                REDIS=redis,
                BRIDGE=net.bridge,
                SCALE_ONLY=" ".join(sys.argv[1:]),
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
