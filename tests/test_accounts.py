"""Accounts over the wire, as in production, for both layouts and both databases; mail by SMTP.

What an owner of an account meets, what an attacker tries, and many requests at once.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.harness import mail
from tests.harness.service import Service, database_for
from tests.harness.storms import API, served, storm, successes
from tests.harness.variants import both_layouts, render

AT_ONCE, AT_ONCE_IN_PROOF = 200, 2000
SITE = "https://app.example.com"
GRACE = 2  # seconds in which a spent refresh token is no theft
PASSWORD, OTHER_PASSWORD = "salt wind and tar 41", "a lamp for the pier 7"
NAMED = {"Host": "api.example.com"}
# What a request may be answered that had no effect of its own, where a token can be used once.
REFUSED = frozenset({401, 403, 409, 429, 503})


# All that accounts may have.
VARIANTS = both_layouts(example=True, tasks="none", auth="jwt", api_keys=True)


@dataclass(frozen=True)
class Site:
    """A service with accounts, and the mails that it has sent."""

    service: Service
    inbox: mail.Inbox

    def token(self, address: str, page: str, seconds: float = 20) -> str:
        """Wait for the newest mail to somebody with a link to a page; give the link's token."""
        link = re.compile(rf"{re.escape(SITE)}/{page}#token=([\w-]+)")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for message in reversed(self.inbox()):
                found = link.search(text_of(message)) if address in str(message["To"]) else None
                if found:
                    return found[1]
            time.sleep(0.1)
        raise AssertionError(f"no mail to {address} has a link to {page}")

    def account(self, client: httpx2.Client, password: str = PASSWORD) -> str:
        """Make an account as a person does: register, and follow the link of the mail."""
        email = f"new-{secrets.token_hex(6)}@example.com"
        expect(client.post("/users", json={"email": email, "password": password}), 202)
        proof = {"token": self.token(email, "verify-email")}
        expect(client.post("/users/verify-email", json=proof), 204)
        return email


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def expect(answer: httpx2.Response, status: int, code: str | None = None) -> httpx2.Response:
    """Hold an answer against the status and the problem that it must have."""
    assert answer.status_code == status, f"{answer.request.url}: {answer.text}"
    if code is not None:
        assert answer.json()["code"] == code, answer.text
    return answer


def log_in(client: httpx2.Client, email: str, password: str = PASSWORD) -> httpx2.Response:
    return client.post("/auth/token", data={"username": email, "password": password})


def bearer(pair: httpx2.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {pair.json()['access_token']}"}


def refresh(client: httpx2.Client, token: str) -> httpx2.Response:
    return client.post("/auth/refresh", data={"refresh_token": token})


@pytest.fixture(scope="module", params=VARIANTS, ids=lambda variant: str(variant["database"]))
def site(
    request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Install a service, and set it up as in production."""
    place = tmp_path_factory.mktemp("accounts")
    path = render(request.param.data(), place / "service", template)
    with (
        database_for(request.param, place / "data") as url,
        mail.smtp_server() as (smtp, inbox),
    ):
        service = Service(path, url)
        service.run("uv", "sync", "--quiet")
        service.run("uv", "run", "app", "db", "upgrade")
        service.env |= {
            "ENVIRONMENT": "production",
            "ALLOWED_HOSTS": "api.example.com",
            "SMTP_URL": smtp,
            "MAIL_FROM": "Harbour Desk <desk@example.com>",
            "LINKS_URL": SITE,
            "REFRESH_GRACE_SECONDS": str(GRACE),
            "RATE_LIMIT_ADDRESS": "1000000/minute",
            "LOGIN_LIMIT_ADDRESS": "1000000/minute",
            "MAIL_LIMIT_ADDRESS": "1000000/minute",
            "REQUEST_TIMEOUT": "120",
        }
        yield Site(service, inbox)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    with served(site.service, {}) as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=address + API, headers=NAMED, timeout=60) as client:
        yield client


def test_an_account_lives_and_ends(site: Site, client: httpx2.Client) -> None:
    email = f"ada-{secrets.token_hex(6)}@example.com"
    expect(client.post("/users", json={"email": email, "password": PASSWORD}), 202)
    expect(log_in(client, email), 403, "email_not_verified")
    expect(log_in(client, email, OTHER_PASSWORD), 401)
    proof = {"token": site.token(email, "verify-email")}
    expect(client.post("/users/verify-email", json=proof), 204)
    expect(client.post("/users/verify-email", json=proof), 403, "token_not_valid")

    pair = expect(log_in(client, email), 200)
    assert pair.headers["cache-control"] == "no-store"
    me = expect(client.get("/users/me", headers=bearer(pair)), 200).json()
    assert me["email"] == email
    fresh = expect(refresh(client, pair.json()["refresh_token"]), 200)
    sessions = expect(client.get("/auth/sessions", headers=bearer(fresh)), 200).json()["rows"]
    assert [session["is_current"] for session in sessions] == [True]
    assert "127.0.0.1" in sessions[0].values()

    change = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    expect(client.put("/users/me/password", json=change, headers=bearer(fresh)), 204)
    expect(client.get("/users/me", headers=bearer(fresh)), 401)
    expect(refresh(client, fresh.json()["refresh_token"]), 401)
    expect(log_in(client, email), 401)

    pair = expect(log_in(client, email, OTHER_PASSWORD), 200)
    moved = f"moved-{email}"
    wish = {"email": moved, "password": OTHER_PASSWORD}
    expect(client.put("/users/me/email", json=wish, headers=bearer(pair)), 202)
    expect(
        client.post("/users/verify-email", json={"token": site.token(moved, "verify-email")}), 204
    )
    pair = expect(log_in(client, moved, OTHER_PASSWORD), 200)
    expect(log_in(client, email, OTHER_PASSWORD), 401)

    expect(client.post("/items", json={"title": "Oar"}, headers=bearer(pair)), 201)
    export = expect(client.get("/users/me/export", headers=bearer(pair)), 200).text
    assert moved in export
    assert "Oar" in export
    assert "password_hash" not in export
    leaving: dict[str, Any] = {"headers": bearer(pair), "json": {"password": PASSWORD}}
    expect(client.request("DELETE", "/users/me", **leaving), 403, "wrong_password")
    leaving["json"] = {"password": OTHER_PASSWORD}
    expect(client.request("DELETE", "/users/me", **leaving), 204)
    expect(client.get("/users/me", headers=bearer(pair)), 401, "account_gone")
    expect(refresh(client, pair.json()["refresh_token"]), 401)
    expect(log_in(client, moved, OTHER_PASSWORD), 401)

    root = f"root-{secrets.token_hex(6)}@example.com"
    site.service.make_admin(root, PASSWORD)
    told = {"account": me["id"], "limit": 100}
    audit = client.get("/audit", params=told, headers=bearer(log_in(client, root)))
    events = {row["event"] for row in expect(audit, 200).json()["rows"]}
    assert {"log_in_succeeded", "log_in_failed", "credentials_changed", "account_deleted"} <= events
    assert email not in audit.text
    assert all(row["origin"] is None for row in audit.json()["rows"])


def test_what_proves_nothing_is_refused(site: Site, client: httpx2.Client) -> None:
    pair = expect(log_in(client, site.account(client)), 200).json()
    head, body, signature = pair["access_token"].split(".")
    bad = {
        "none": f"{encoded({'alg': 'none', 'typ': 'at+jwt'})}.{body}.",
        "another key": signed(head, body, secrets.token_bytes(32)),
        "no key": signed(head, body, b""),
        "another body": f"{head}.{encoded({'sub': 'x', 'exp': 9999999999})}.{signature}",
        "truncated": pair["access_token"][:-8],
        "a refresh token": pair["refresh_token"],
    }
    for name, token in bad.items():
        answer = client.get("/users/me", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["status"]) == (401, 401), name
        assert answer.headers["www-authenticate"].startswith("Bearer"), name
    expect(refresh(client, pair["access_token"]), 422)
    expect(refresh(client, "x" * 43), 401)


def test_of_many_refreshes_at_once_one_has_a_pair(
    site: Site, address: str, client: httpx2.Client, request: pytest.FixtureRequest
) -> None:
    first = expect(log_in(client, site.account(client)), 200).json()["refresh_token"]
    begun = time.monotonic()
    answers = many(address, request, "/auth/refresh", data={"refresh_token": first})
    pairs = successes(answers, REFUSED)
    assert len(pairs) == 1
    if time.monotonic() - begun < GRACE:
        assert all(answer.status_code != 401 for answer in answers), "that was no theft"
    time.sleep(GRACE + 0.5)
    expect(refresh(client, first), 401)
    # Nobody can tell a thief from the owner, so the session has ended for both.
    expect(refresh(client, pairs[0].json()["refresh_token"]), 401)


def test_of_many_resets_at_once_one_sets_the_password(
    site: Site, address: str, client: httpx2.Client, request: pytest.FixtureRequest
) -> None:
    email = site.account(client)
    pair = expect(log_in(client, email), 200)
    for asked in (email, f"nobody-{secrets.token_hex(6)}@example.com"):
        expect(client.post("/users/password/forgot", json={"email": asked}), 202)
    reset = {"token": site.token(email, "reset-password"), "password": OTHER_PASSWORD}
    done = successes(many(address, request, "/users/password/reset", json=reset), REFUSED)
    assert [answer.status_code for answer in done] == [204]
    expect(log_in(client, email), 401)
    expect(log_in(client, email, OTHER_PASSWORD), 200)
    expect(refresh(client, pair.json()["refresh_token"]), 401)
    assert not any("nobody-" in str(message["To"]) for message in site.inbox())


def test_whoever_guesses_is_slowed_down_and_the_owner_is_not(site: Site) -> None:
    settings = {"TRUSTED_PROXIES": "127.0.0.1", "LOGIN_LIMIT_ACCOUNT": "5/minute"}
    home, elsewhere = ({"X-Forwarded-For": f"203.0.113.{last}"} for last in (1, 2))
    with (
        served(site.service, settings) as address,
        httpx2.Client(base_url=address + API, headers=NAMED | home, timeout=60) as owner,
        httpx2.Client(base_url=address + API, headers=NAMED | elsewhere, timeout=60) as thief,
    ):
        email = site.account(owner)
        expect(log_in(owner, email), 200)
        guesses = [log_in(thief, email, f"{OTHER_PASSWORD}{number}") for number in range(7)]
        statuses = [guess.status_code for guess in guesses]
        assert statuses == sorted(statuses), "once it is too much, it stays so"
        assert (statuses[0], statuses[-2:]) == (401, [429, 429])
        assert int(guesses[-1].headers["retry-after"]) >= 1
        expect(log_in(thief, email), 429)
        expect(log_in(owner, email), 200)


def test_administrators_look_after_accounts(site: Site, client: httpx2.Client) -> None:
    root = f"root-{secrets.token_hex(6)}@example.com"
    site.service.make_admin(root, PASSWORD)
    admin = bearer(expect(log_in(client, root), 200))
    ben = expect(log_in(client, site.account(client)), 200)
    account = expect(client.get("/users/me", headers=bearer(ben)), 200).json()["id"]
    for path in ("/users", "/audit", f"/users/{account}"):
        expect(client.get(path, headers=bearer(ben)), 403, "forbidden")
        expect(client.get(path, headers=admin), 200)
    off: dict[str, Any] = {"json": {"is_active": False}, "headers": admin}
    expect(client.patch(f"/users/{account}", **off), 200)
    expect(client.get("/users/me", headers=bearer(ben)), 401)
    expect(refresh(client, ben.json()["refresh_token"]), 401)
    listed = site.service.run("uv", "run", "app", "users", "list")
    assert root in listed


def many(
    address: str, request: pytest.FixtureRequest, path: str, **options: Any
) -> list[httpx2.Response]:
    times = AT_ONCE_IN_PROOF if request.config.getoption("proof") else AT_ONCE
    return asyncio.run(storm(address, times, "POST", path, headers=NAMED, **options))


def encoded(value: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def signed(head: str, body: str, key: bytes) -> str:
    digest = hmac.digest(key, f"{head}.{body}".encode(), hashlib.sha256)
    return f"{head}.{body}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
