"""How many log-ins there are in a second, against what hashing alone allows on the cores."""

import secrets
import time
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import psycopg

from benchmarks.list_of_items import register
from benchmarks.ratio import Comparison, Figure, Goal
from benchmarks.subject import Running
from tests.harness.servers.postgres import plain

FLOOR = Path(__file__).parent / "floors" / "argon2_floor.py"
ROUNDS, SECONDS = 3, 6
# What clients have asked for when they leave is hashed nevertheless.
DRAINED_WITHIN = 3
GOAL = Goal(0.9, at_most=False)
FORM = "Content-Type: application/x-www-form-urlencoded"
SENTENCE = (
    "`POST /api/v1/auth/token` of the service with the right password (it counts attempts, checks "
    "the hash, opens a session, writes to the audit log, commits), against a process that checks "
    "the same password against the same hash, in a thread for each core, and does nothing else. "
    f"{ROUNDS} rounds of {SECONDS} s on each side."
)


def measure(running: Running) -> Comparison:
    """Take both in turn."""
    subject, email, password = running.subject, "log-in@example.com", secrets.token_hex(16)
    with httpx2.Client(base_url=running.address) as client:
        register(client, subject, email, password)
    with psycopg.connect(plain(subject.env["DATABASE_URL"])) as connection:
        query = 'select password_hash from "user" where email = %s'
        row = connection.execute(query, [email]).fetchone()
    assert row is not None, "this account was registered"
    form = urlencode({"username": email, "password": password})
    endpoint = running.endpoint("/api/v1/auth/token", FORM, body=form)
    log_ins, checks = list[float](), list[float]()
    for _ in range(ROUNDS):
        load = endpoint.load(SECONDS)
        log_ins.append(load.requests / load.seconds)
        time.sleep(DRAINED_WITHIN)
        arguments = (str(FLOOR), password, row[0], str(SECONDS))
        checks.append(float(subject.run(str(subject.python), *arguments)))
    return Comparison("Log-in", SENTENCE, [Figure("a second", "", log_ins, checks, GOAL)])
