"""The demo's shop as a real process, for every test that needs an outside world."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]


class ShopProcess:
    def __init__(self, database: Path) -> None:
        self.database = database
        self.port = 0
        self.client = httpx.Client(trust_env=False, timeout=40)
        self.open()

    def open(self) -> None:
        """Start it; again on the port it had, if it had one."""
        command = [
            sys.executable,
            "-m",
            "choreo_site.demo.shop",
            "--port",
            str(self.port),
            "--db",
            str(self.database),
        ]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[-1]
        self.port = int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self._wait()

    def close(self) -> None:
        self.process.terminate()
        self._wait()
        self.client.close()

    def _wait(self) -> None:
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def get(self, path: str) -> Any:
        return self.client.get(self.url + path).raise_for_status().json()

    def post(self, path: str, body: Any, key: str = "") -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(self.url + path, json=body, headers=headers)

    def behave(self, order_id: str, told: dict[str, Any]) -> None:
        self.client.put(f"{self.url}/orders/{order_id}/behaviour", json=told).raise_for_status()

    def effects(self, order_id: str) -> list[str]:
        """The kinds of all effects of an order, in the order in which they happened."""
        return [row["kind"] for row in self.get(f"/ledger?order={order_id}")["effects"]]

    def calls(self, order_id: str) -> list[dict[str, Any]]:
        return self.get(f"/calls?order={order_id}")["calls"]
