"""Log lines: a short sentence, then the facts given in `extra` as key=value."""

import logging

from runs.redaction import redacted

KNOWN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request", "server_time"}


class FactsFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        facts = [f"{name}={value}" for name, value in vars(record).items() if name not in KNOWN]
        return redacted(" ".join([line, *facts]))
