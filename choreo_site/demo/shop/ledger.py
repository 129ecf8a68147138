"""The shop's database: every effect once, every raw call, and what the shop was told.

One connection under one lock: each operation takes a fraction of a millisecond, and an effect and the answer
stored for its key are one transaction.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from choreo_site.demo.shop.behaviour import take_entry
from choreo_site.demo.shop.wares import WARES

SCHEMA = """
CREATE TABLE IF NOT EXISTS ledger (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
    order_id TEXT NOT NULL, amount INTEGER, body TEXT NOT NULL, at TEXT NOT NULL,
    undone_by INTEGER REFERENCES ledger (id));
CREATE INDEX IF NOT EXISTS ledger_order ON ledger (order_id);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL
    ) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, order_id TEXT NOT NULL,
    at TEXT NOT NULL, status INTEGER);
CREATE INDEX IF NOT EXISTS calls_order ON calls (order_id);
CREATE TABLE IF NOT EXISTS behaviours (
    order_id TEXT NOT NULL, kind TEXT NOT NULL, simulated_by TEXT, told TEXT NOT NULL,
    PRIMARY KEY (order_id, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS simulations (order_id TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stock (
    sku TEXT PRIMARY KEY, on_hand INTEGER NOT NULL CHECK (on_hand >= 0)) WITHOUT ROWID;
"""
type Row = dict[str, Any]


class Ledger:
    def __init__(self, path: Path | str) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=20)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)
        stock = [(sku, ware.stock) for sku, ware in WARES.items()]
        self._connection.executemany("INSERT OR IGNORE INTO stock VALUES (?, ?)", stock)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[Row]:
        with self._lock:
            return [dict(row) for row in self._connection.execute(sql, values)]

    def row(self, sql: str, *values: Any) -> Row | None:
        return next(iter(self.rows(sql, *values)), None)

    def write(self, sql: str, *values: Any) -> sqlite3.Cursor:
        with self._lock:
            return self._connection.execute(sql, values)

    # Effects

    def stored_answer(self, key: str) -> Row | None:
        return self.row("SELECT * FROM answers WHERE key = ?", key)

    def store_answer(self, key: str, fingerprint: str, status: int, body: Row) -> None:
        self.write("INSERT INTO answers VALUES (?, ?, ?, ?)", key, fingerprint, status, json.dumps(body))

    def enter(self, kind: str, key: str, order_id: str, cents: int | None, body: Row) -> int:
        sql = "INSERT INTO ledger (kind, key, order_id, amount, body, at) VALUES (?, ?, ?, ?, ?, ?)"
        return self.write(sql, kind, key, order_id, cents, json.dumps(body), _now()).lastrowid or 0

    def effect(self, number: int) -> Row | None:
        return self.row("SELECT * FROM ledger WHERE id = ?", number)

    def mark_undone(self, number: int, by: int) -> None:
        self.write("UPDATE ledger SET undone_by = ? WHERE id = ?", by, number)

    def take_from_stock(self, sku: str, quantity: int) -> bool:
        sql = "UPDATE stock SET on_hand = on_hand - ? WHERE sku = ? AND on_hand >= ?"
        return self.write(sql, quantity, sku, quantity).rowcount == 1

    def put_back(self, sku: str, quantity: int) -> None:
        self.write("UPDATE stock SET on_hand = on_hand + ? WHERE sku = ?", quantity, sku)

    # Calls and behaviour

    def begin_call(self, kind: str, key: str, order_id: str) -> tuple[int, Row]:
        """Note the raw call and take what the shop was told to do with it."""
        with self.transaction():
            sql = "INSERT INTO calls (kind, key, order_id, at) VALUES (?, ?, ?, ?)"
            number = self.write(sql, kind, key, order_id, _now()).lastrowid or 0
            told = self.row("SELECT told FROM behaviours WHERE order_id = ? AND kind = ?", order_id, kind)
            if told is None:
                return number, {}
            entry, rest = take_entry(json.loads(told["told"]))
            sql = "UPDATE behaviours SET told = ? WHERE order_id = ? AND kind = ?"
            self.write(sql, json.dumps(rest), order_id, kind)
            return number, entry

    def end_call(self, number: int, status: int) -> None:
        self.write("UPDATE calls SET status = ? WHERE id = ?", status, number)

    def behave(self, order_id: str, behaviours: Row) -> None:
        """What was told before for the same kinds is forgotten."""
        with self.transaction():
            for kind, behaviour in behaviours.items():
                sql = "INSERT OR REPLACE INTO behaviours VALUES (?, ?, NULL, ?)"
                self.write(sql, order_id, kind, json.dumps(behaviour))

    def simulate(self, order_id: str, key: str, behaviours: Row) -> None:
        """The order's own wish, once per key, so that a repeated call does not wind it back.

        What the shop was told directly wins.
        """
        with self.transaction():
            if self.row("SELECT 1 FROM simulations WHERE order_id = ? AND key = ?", order_id, key):
                return
            self.write("INSERT OR REPLACE INTO simulations VALUES (?, ?)", order_id, key)
            self.write("DELETE FROM behaviours WHERE order_id = ? AND simulated_by IS NOT NULL", order_id)
            for kind, behaviour in behaviours.items():
                sql = "INSERT OR IGNORE INTO behaviours VALUES (?, ?, ?, ?)"
                self.write(sql, order_id, kind, key, json.dumps(behaviour))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
