"""The authenticated list of 20 rows, against the plainest query of 20 rows, for anybody."""

import secrets
from pathlib import Path

import httpx2
import psycopg

from benchmarks.endpoint import ROUNDS, SECONDS, Endpoint, compare
from benchmarks.ratio import Comparison, Goal
from benchmarks.subject import Subject
from tests.harness import mail
from tests.harness.servers.postgres import plain

FLOOR = Path(__file__).parent / "floors" / "sqlmodel_floor.py"
SHOWN = 20
OWN_ROWS = 40
OTHERS = 5
ROWS_OF_EACH_OTHER = 1000
SENTENCE = (
    "`GET /api/v1/items?limit=20` of the service (it verifies an access token, keeps to the "
    "caller's rows, pages, commits), against a hand-written async SQLModel endpoint that gives "
    "the newest 20 rows to anybody, over a pool of 20 connections. Both give the same rows of "
    f"{OWN_ROWS + OTHERS * (ROWS_OF_EACH_OTHER + 1):,} in one table."
)
# Copies whatever columns there are; keys of an earlier time, so that the caller's are the newest.
COPY_THE_ROWS_OF_OTHERS = """
insert into item
select (jsonb_populate_record(item, jsonb_build_object(
    'id', overlay(gen_random_uuid()::text placing '01900000' from 1 for 8)
))).* from item, generate_series(1, %s)
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


def fill(subject: Subject, address: str) -> str:
    """Store everybody's rows, and give the header of the caller who is measured."""
    with httpx2.Client(base_url=address) as client:
        for _ in range(OTHERS):
            create(client, register(client, subject), 1)
        with psycopg.connect(plain(subject.env["DATABASE_URL"]), autocommit=True) as connection:
            connection.execute(COPY_THE_ROWS_OF_OTHERS, [ROWS_OF_EACH_OTHER])
        caller = register(client, subject)
        create(client, caller, OWN_ROWS)
    with psycopg.connect(plain(subject.env["DATABASE_URL"]), autocommit=True) as connection:
        connection.execute("vacuum analyze")
    return caller


def expect_the_same_rows(service: Endpoint, floor: Endpoint) -> None:
    """Compare what is measured before it is measured.

    Raises:
        UnlikeAnswersError: where the floor's rows are not those of the service.
    """
    headers = dict(header.split(": ", 1) for header in service.headers)
    ours = httpx2.get(service.url, headers=headers).raise_for_status().json()["rows"]
    theirs = httpx2.get(floor.url).raise_for_status().json()
    if ours != theirs or len(ours) != SHOWN:
        raise UnlikeAnswersError(f"service: {ours}\nfloor: {theirs}")


def measure(subject: Subject, service: Endpoint, *, access_log: bool) -> Comparison:
    """Compare under load."""
    with subject.serving_floor(FLOOR, access_log=access_log) as (address, server):
        floor = Endpoint(f"{address}/items", server.process.pid)
        expect_the_same_rows(service, floor)
        figures = compare(service, floor, cpu_goal=Goal(1.0), rate_goal=Goal(1.0, at_most=False))
    return Comparison(
        "List of 20 rows", f"{SENTENCE} {ROUNDS} rounds of {SECONDS:.0f} s on each side.", figures
    )
