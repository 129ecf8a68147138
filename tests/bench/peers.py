"""What others reach on the same kind of machine, measured on another day, each as durable as it comes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    name: str
    durable: str
    w1: float | None = None  # ms a step
    w2: float | None = None  # steps/s
    w3: float | None = None  # ms
    w4: float | None = None  # ms
    memory: str = ""
    idle: float | None = None


PEERS = (
    Peer("Restate 1.7", "each step, fsync", 1.48, 3_700, 63, 4.6, "399-801", 2.9),
    Peer("DBOS 3.4, PostgreSQL", "each step, fsync", 2.9, 240, 784, 4.6, "80 + PG", 2.0),
    Peer("DBOS 3.4, SQLite", "each step, fsync", 2.65, 249, 2_450, 13, "97", 1.5),
    Peer("Temporal dev server", "each step, fsync", 50, 68, 1_374, 36, "295", 1.0),
    Peer("BullMQ 6.7 + Redis", "each second", 1.5, 8_144, 88, 2.7, "138 + Redis", 0.7),
    Peer("Celery 5.7 + Redis", "no record of steps", 2.7, 551, 581, 4.0, "140 + Redis", 0.1),
    Peer("n8n 1.123", "each step, fsync", 6.6, 162, None, 27, "632", 0.2),
    Peer("Prefect 3.8, SQLite", "each step, fsync", 30, 9, 3_402, 103, "234", 2.4),
    Peer("Airflow 3.3, SQLite", "each step, fsync", 1_108, 3.6, 5_283, 1_137, "1,467", 1.9),
    Peer("django-q2, SQLite", "the queue only", 203, 106, 2_272, 104, "241", 0.8),
)
