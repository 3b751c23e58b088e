"""Tables that may only grow: a database trigger refuses UPDATE and DELETE, on both engines, whoever asks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION opale_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only table: %', TG_TABLE_NAME; END $$
"""


def statements(vendor: str, table: str) -> list[str]:
    """The SQL that locks one table."""
    if vendor == "postgresql":
        return [
            POSTGRESQL_FUNCTION,
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION opale_append_only()",
        ]
    return [
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'append-only table: {table}'); END"
        for act in ("UPDATE", "DELETE")
    ]


def removal(vendor: str, table: str) -> list[str]:
    """The SQL that unlocks it: for a migration backwards, and for tests that empty SQLite tables."""
    if vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"]
    return [f"DROP TRIGGER IF EXISTS {table}_no_{act}" for act in ("update", "delete")]


@contextmanager
def unlocked(table: str) -> Iterator[None]:
    """Let the code inside erase rows of this table: what the law says must go, and nothing else (opale_pilot/privacy).

    The lock is dropped and put back in one transaction: whatever fails, the lock that was there is there again, and no
    other session ever sees the table without it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a trigger cannot go while checks wait for the end
        for statement in removal(connection.vendor, table):
            cursor.execute(statement)
        yield
        for statement in statements(connection.vendor, table):
            cursor.execute(statement)


def lock_tables(*tables: str) -> RunPython:
    """The migration operation that makes these tables append-only."""

    def run(build: Callable[[str, str], list[str]]) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
        def apply(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
            for table in tables:
                for statement in build(editor.connection.vendor, table):
                    editor.execute(statement, params=None)

        return apply

    return RunPython(run(statements), run(removal))
