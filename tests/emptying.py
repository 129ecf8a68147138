"""Emptying the database after a test that committed rows.

Django would clear every table, then make all permissions and roles anew: a tenth of a second of work for each test.
Here what is empty is left alone, and what every migration makes stays, unless the test has changed it.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction

MADE_BY_MIGRATIONS = (ContentType, Permission, Group, Group.permissions.through)


class Emptying:
    def __init__(self) -> None:
        """The tables as a migration has just left them."""
        kept = [model._meta.db_table for model in MADE_BY_MIGRATIONS]
        quote = connection.ops.quote_name
        self.kept = [quote(table) for table in kept]
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        self.emptied = [quote(table) for table in sorted(names) if table not in kept]
        self.made = self.read_made()

    def empty(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":  # a killed worker's last commit may still be under way
                cursor.execute(f"LOCK TABLE {', '.join(self.emptied)} IN SHARE ROW EXCLUSIVE MODE")
            cursor.execute(
                " UNION ALL ".join(
                    f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {table})"
                    for number, table in enumerate(self.emptied)
                )
            )
            for (number,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {self.emptied[number]}")
        if self.read_made() != self.made:
            call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
            self.made = self.read_made()

    def read_made(self) -> list[list[tuple[Any, ...]]]:
        with connection.cursor() as cursor:
            rows = []
            for table in self.kept:
                cursor.execute(f"SELECT * FROM {table} ORDER BY id")
                rows.append(cursor.fetchall())
            return rows
