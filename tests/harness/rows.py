"""A table with many rows: what the database of a service holds on the day when an update comes."""

import sqlite3
from contextlib import closing
from typing import Any

import psycopg

from tests.harness.servers.postgres import plain
from tests.harness.variants import Variant

ROWS = 100_000
# Keys that come before every one that a service makes, so that its own rows stay the newest.
KEY = {
    "sqlite": "'00000000000070008000' || printf('%012x', i)",
    "postgres": "cast('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0') as uuid)",
}
FILL = {
    "user of before roles": """
        insert into "user" (id, created_at, email, password_hash, is_admin)
        select {key}, current_timestamp, 'sailor' || i || '@example.com', '-', false from n""",
    "user": """
        insert into "user" (id, created_at, email, password_hash)
        select {key}, current_timestamp, 'sailor' || i || '@example.com', '-' from n""",
    "item": """
        insert into item (id, created_at, title)
        select {key}, current_timestamp, 'Item ' || i from n""",
    "item of somebody": """
        insert into item (id, created_at, title, owner_id)
        select {key}, current_timestamp, 'Item ' || i, (select id from "user") from n""",
    "scheduled_run": """
        insert into scheduled_run (task, tick, expires_at)
        select 'Task ' || i, current_timestamp, '2099-01-01 00:00:00' from n""",
}
IN_POSTGRES = """(select column_name as name from information_schema.columns
    where table_name = 'user' and table_schema = 'public') columns"""
# What sums up a table: a column of text in which no two rows are equal.
TEXT = {"user": "email", "item": "title", "scheduled_run": "task"}


class Rows:
    """The rows that a variant has in the database at an address.

    They are items; accounts where there is no example; else ticks of the scheduler.
    """

    def __init__(self, variant: Variant, url: str) -> None:
        self.url, self.key = url, KEY[variant["database"]]
        self.has_owner = variant["example"] and variant["auth"] == "jwt"
        self.table = (
            "item"
            if variant["example"]
            else "user"
            if variant["auth"] == "jwt"
            else "scheduled_run"
        )

    def fill(self) -> None:
        """Put them in."""
        if self.has_owner:
            self.insert("user", 1)
        self.insert("item of somebody" if self.has_owner else self.table, ROWS)

    def insert(self, what: str, count: int) -> None:
        if what == "user" and self.has_old_accounts():
            what = "user of before roles"
        numbers = "select 1 union all select i + 1 from n where i < "
        self.execute(f"with recursive n(i) as ({numbers}{count}) {FILL[what].format(key=self.key)}")

    def has_old_accounts(self) -> bool:
        """Tell whether accounts are those of a release before 0.3.0."""
        columns = "pragma_table_info('user')" if self.url.startswith("sqlite") else IN_POSTGRES
        return self.execute(f"select count(*) from {columns} where name = 'is_admin'") == (1,)

    def summed(self) -> tuple[Any, ...] | None:
        """Give their number, and what changes when one of them does; nothing without the table."""
        text = TEXT[self.table]
        query = (
            f'select count(*), sum(length({text})), min({text}), max({text}) from "{self.table}"'
        )
        try:
            return self.execute(query)
        except (sqlite3.OperationalError, psycopg.errors.UndefinedTable):
            return None

    def remove(self) -> None:
        """Leave the table to those who want it empty."""
        self.execute(f'delete from "{self.table}"')

    def execute(self, query: str) -> tuple[Any, ...]:
        """Run a query in a transaction of its own; give the first row of what it answers."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.url.partition("///")[2])) as file, file:
                return file.execute(query).fetchone() or ()
        with psycopg.connect(plain(self.url)) as server:
            answer = server.execute(query.encode())
            return (answer.fetchone() or ()) if answer.description else ()
