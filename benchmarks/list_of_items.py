"""The authenticated list of 20 rows, against the plainest queries of 20 rows, for anybody."""

import secrets
from pathlib import Path

import httpx2
import psycopg

from benchmarks.endpoint import HOW_OFTEN, Endpoint, figures, measure_rounds
from benchmarks.ratio import Comparison, Goal
from benchmarks.subject import Running, Subject
from tests.harness import mail
from tests.harness.servers.postgres import plain

FLOORS = Path(__file__).parent / "floors"
FLOOR, FASTER_FLOOR = FLOORS / "sqlmodel_floor.py", FLOORS / "asyncpg_floor.py"
SHARE, SHARE_OF_FASTER = 1.1, 0.5
SHOWN = 20
OWN_ROWS = 40
OTHERS = 5
ROWS_OF_EACH_OTHER = 1000
SENTENCE = (
    "`GET /api/v1/items?limit=20` of the service (it verifies an access token, keeps to the "
    "caller's rows, pages, commits), against two hand-written endpoints that give the newest 20 "
    "rows to anybody, over a pool of 20 connections: one with an async SQLModel session, one with "
    "asyncpg and a Pydantic response. All give the same rows of one table, which has "
    f"{OTHERS * ROWS_OF_EACH_OTHER:,} of others, or twice as many."
)
# Copies the newest rows, whatever their columns; keys of an earlier time, so that the caller's are
# the newest.
COPY_THE_ROWS_OF_OTHERS = """
insert into item
select (jsonb_populate_record(item, jsonb_build_object(
    'id', overlay(gen_random_uuid()::text placing '01900000' from 1 for 8)
))).* from item, generate_series(1, %s)
where item.id in (select id from item order by id desc limit %s)
"""


class UnlikeAnswersError(Exception):
    """The two sides do not give the same rows: their times cannot be compared."""


def register(client: httpx2.Client, subject: Subject, email: str = "", password: str = "") -> str:
    """Make an account whose address is confirmed, and give the header that proves it."""
    email = email or f"{secrets.token_hex(8)}@example.com"
    password = password or secrets.token_hex(16)
    account = {"email": email, "password": password}
    client.post("/api/v1/users", json=account).raise_for_status()
    mail.confirm(str(client.base_url).rstrip("/"), mail.files(subject.path), email)
    form = {"username": email, "password": password}
    answer = client.post("/api/v1/auth/token", data=form).raise_for_status()
    return f"Authorization: Bearer {answer.json()['access_token']}"


def create(client: httpx2.Client, header: str, count: int) -> None:
    name, _, value = header.partition(": ")
    for number in range(count):
        item = {"title": f"Item number {number}", "note": "A note of a usual length."}
        client.post("/api/v1/items", json=item, headers={name: value}).raise_for_status()


def fill(running: Running) -> Endpoint:
    """Store everybody's rows, and give the list of the caller who is measured."""
    database = plain(running.subject.env["DATABASE_URL"])
    with httpx2.Client(base_url=running.address) as client:
        for _ in range(OTHERS):
            create(client, register(client, running.subject), 1)
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(COPY_THE_ROWS_OF_OTHERS, [ROWS_OF_EACH_OTHER, OTHERS])
        caller = register(client, running.subject)
        create(client, caller, OWN_ROWS)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    return running.endpoint(f"/api/v1/items?limit={SHOWN}", caller)


def expect_the_same_rows(service: Endpoint, *floors: Endpoint) -> None:
    """Compare what is measured before it is measured.

    Raises:
        UnlikeAnswersError: where a floor's rows are not those of the service.
    """
    headers = dict(header.split(": ", 1) for header in service.headers)
    ours = httpx2.get(service.url, headers=headers).raise_for_status().json()["rows"]
    for floor in floors:
        theirs = httpx2.get(floor.url).raise_for_status().json()
        if ours != theirs or len(ours) != SHOWN:
            raise UnlikeAnswersError(f"service: {ours}\nfloor: {theirs}")


def measure(running: Running) -> Comparison:
    """Compare under load."""
    service = fill(running)
    with running.floor(FLOOR) as sqlmodel, running.floor(FASTER_FLOOR) as asyncpg:
        sides = (service, sqlmodel.endpoint("/items"), asyncpg.endpoint("/items"))
        expect_the_same_rows(*sides)
        ours, theirs, faster = measure_rounds(*sides)
    return Comparison(
        "List of 20 rows",
        f"{SENTENCE} {HOW_OFTEN}",
        [
            *figures(ours, theirs, SHARE, Goal(1.0), "SQLModel"),
            *figures(ours, faster, SHARE_OF_FASTER, floor="asyncpg"),
        ],
    )
