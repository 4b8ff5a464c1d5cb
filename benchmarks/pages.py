"""Page 10,000 of a list against page 1 of the same, in two of its orders."""

import json
from base64 import urlsafe_b64encode
from dataclasses import replace

import httpx2
import psycopg
from psycopg import sql

from benchmarks.endpoint import HOW_OFTEN, compare
from benchmarks.list_of_items import create, register
from benchmarks.ratio import Comparison
from benchmarks.subject import Running, Subject
from tests.harness.servers.postgres import plain

PAGE, SHOWN = 10_000, 20
ROWS = 1_000_000
SHARE = 1 / 1.2
ORDERS = {"-created_at": "id", "title": "title"}
COPY = """
insert into item
select (jsonb_populate_record(item, jsonb_build_object(
    'id', overlay(gen_random_uuid()::text placing '01900000' from 1 for 8),
    'title', 'Item ' || lpad(number::text, 7, '0')
))).* from item, generate_series(1, %s) number where item.title = 'Item number 0'
and owner_id = (select owner_id from item order by id desc limit 1)
"""


def fill(running: Running) -> str:
    """Store a caller's rows, and give the caller's header."""
    with httpx2.Client(base_url=running.address) as client:
        caller = register(client, running.subject)
        create(client, caller, 1)
    with psycopg.connect(plain(running.subject.env["DATABASE_URL"]), autocommit=True) as connection:
        connection.execute(COPY, [ROWS])
        connection.execute("vacuum analyze")
    return caller


def cursor(subject: Subject, order: str) -> str:
    """Write the cursor that page 9,999 ends with, as the service does."""
    column, way = ORDERS[order], "desc" if order.startswith("-") else "asc"
    query = sql.SQL(
        "select {column}::text, id::text from item where owner_id = "
        "(select owner_id from item group by owner_id order by count(*) desc limit 1) "
        "order by {column} {way}, id {way} offset %s limit 1"
    ).format(column=sql.Identifier(column), way=sql.SQL(way))
    with psycopg.connect(plain(subject.env["DATABASE_URL"])) as connection:
        row = connection.execute(query, [(PAGE - 1) * SHOWN - 1]).fetchone()
    assert row is not None, "there are that many rows"
    place = json.dumps([order, *row], separators=(",", ":"))
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


def measure(running: Running) -> list[Comparison]:
    """Compare under load; the header of a caller with so many rows is made first."""
    header = fill(running)
    name, _, value = header.partition(": ")
    comparisons = []
    for order in ORDERS:
        first = running.endpoint(f"/api/v1/items?limit={SHOWN}&sort={order}", header)
        place = f"&after={cursor(running.subject, order)}"
        last = replace(first, url=f"{first.url}{place}")
        rows = httpx2.get(last.url, headers={name: value}).raise_for_status().json()["rows"]
        assert len(rows) == SHOWN, "page 10,000 is a page as any other"
        comparisons.append(
            Comparison(
                f"Page {PAGE:,}, sort={order}",
                f"Page {PAGE:,} of a caller's {ROWS + 1:,} rows, as `service`, against page 1 of "
                f"the same list, as `floor`. {HOW_OFTEN}",
                compare(last, first, SHARE),
            )
        )
    return comparisons
