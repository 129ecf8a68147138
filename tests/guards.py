"""The triggers that keep the audit trail: put aside, since tests empty all tables, and put back to be tried."""

from importlib import import_module

from django.db import connection

kept = import_module("designer.migrations.0008_audit_chain")


def put_guards_aside() -> None:
    _execute(kept.UNGUARDS)


def put_guards_back() -> None:
    _execute(kept.GUARDS)


def _execute(statements: dict[str, list[str]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)
