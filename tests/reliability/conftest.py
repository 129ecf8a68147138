"""What takes long is played by `make outages` alone."""

import os

collect_ignore = (
    []
    if "CHOREO_TEST_OUTAGE_RUNS" in os.environ
    else ["test_backup.py", "test_load.py", "test_poison.py", "test_redis.py"]
)
