"""An item is made, against the plainest insert of the same row, for anybody."""

import json

import httpx2
import psycopg

from benchmarks.endpoint import HOW_OFTEN, compare
from benchmarks.list_of_items import FLOOR, register
from benchmarks.ratio import Comparison
from benchmarks.subject import Running
from tests.harness.servers.postgres import plain

SHARE = 0.7
SENTENCE = (
    "`POST /api/v1/items` of the service (it verifies an access token, refuses what it does not "
    "know, writes for the caller, commits before it answers, tags the answer), against a "
    "hand-written async SQLModel endpoint that inserts the same row for anybody."
)
ITEM = json.dumps({"title": "Item number 1", "note": "A note of a usual length."})
JSON = "Content-Type: application/json"


def measure(running: Running) -> Comparison:
    """Compare under load; both write for the same owner, into the same table."""
    with httpx2.Client(base_url=running.address) as client:
        caller = register(client, running.subject)
    database = plain(running.subject.env["DATABASE_URL"])
    with psycopg.connect(database) as connection:
        row = connection.execute('select id from "user" order by id desc limit 1').fetchone()
    assert row is not None, "somebody has registered"
    with running.floor(FLOOR) as floor:
        found = compare(
            running.endpoint("/api/v1/items", caller, JSON, body=ITEM),
            floor.endpoint(f"/items?owner_id={row[0]}", JSON, body=ITEM),
            SHARE,
        )
    # The floor's keys tell no order: what comes next asks for the newest rows.
    with psycopg.connect(database) as connection:
        connection.execute("delete from item where owner_id = %s", [row[0]])
    return Comparison("Making an item", f"{SENTENCE} {HOW_OFTEN}", found)
