"""Tables that only grow: PostgreSQL refuses to change their rows, to delete or to truncate them.

A table says so in its `info`. Alembic compares no triggers, so it learns here to look for this one:
`app db migrate` then writes it, for a new table and for one that lacks it, and its check fails
where it is missing.
"""

from collections.abc import Sequence
from typing import Any

from alembic.autogenerate import comparators, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrateOperation, UpgradeOps
from alembic.util import DispatchPriority, PriorityDispatchResult
from sqlalchemy import text

APPEND_ONLY = "append_only"  # the key in `info`, and the name of the trigger
TABLES_WITH_IT = text(
    "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname = :trigger"
).bindparams(trigger=APPEND_ONLY)

CREATE = (
    """
    CREATE FUNCTION refuse_change_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{table} only grows: % is refused', TG_OP USING ERRCODE = '42501';
    END $$
    """,
    """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_{table}()
    """,
)
DROP = (
    "DROP TRIGGER append_only ON {table}",
    "DROP FUNCTION refuse_change_of_{table}()",
)


class MakeAppendOnly(MigrateOperation):
    """Give a table its trigger, or take it."""

    def __init__(self, table: str, statements: Sequence[str] = CREATE) -> None:
        self.table, self.statements = table, statements

    def reverse(self) -> "MakeAppendOnly":
        return MakeAppendOnly(self.table, DROP if self.statements is CREATE else CREATE)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return ("add_trigger", APPEND_ONLY, self.table)


@comparators.dispatch_for("schema", qualifier="postgresql", priority=DispatchPriority.LAST)
def look_for_triggers(
    context: AutogenContext, upgrade: UpgradeOps, _: set[str | None]
) -> PriorityDispatchResult:
    """Have each table that only grows get its trigger where it has none."""
    connection = context.migration_context.connection
    found = set(connection.scalars(TABLES_WITH_IT)) if connection else set()
    for table in context.sorted_tables:
        if table.info.get(APPEND_ONLY) and table.name not in found:
            upgrade.ops.append(MakeAppendOnly(table.name))
    return PriorityDispatchResult.CONTINUE


@renderers.dispatch_for(MakeAppendOnly)
def render(_: AutogenContext, operation: MakeAppendOnly) -> list[str]:
    """Write plain SQL: a migration has to mean the same for ever."""
    statements = (each.format(table=operation.table) for each in operation.statements)
    return [f'op.execute(\n    """{each}"""\n)' for each in statements]
