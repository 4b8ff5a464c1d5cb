from collections.abc import Callable
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response
from limits.aio.storage import MemoryStorage
from limits.errors import StorageError

from tests.accounts import PASSWORD, register

ATTACKER = "attacker"


@pytest.fixture
def app(build: Callable[..., FastAPI]) -> FastAPI:
    """Give an application where an account may fail to log in 3 times in a minute."""
    return build(login_limit_account="3/minute", mail_limit_account="4/hour")


@pytest.fixture
def here() -> str:
    """Name what nobody used in another test: where processes count together, counts stay."""
    return uuid4().hex[:12]


def at(app: FastAPI, address: str) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(app, client=(address, 1)), base_url="http://test")


async def log_in(app: FastAPI, email: str, address: str, password: str) -> Response:
    form = {"username": email, "password": password}
    return await at(app, address).post("/api/v1/auth/token", data=form)


async def failing(app: FastAPI, email: str, address: str, times: int) -> list[int]:
    return [(await log_in(app, email, address, "wrong")).status_code for _ in range(times)]


async def test_who_guesses_has_to_wait(app: FastAPI, here: str) -> None:
    assert await failing(app, f"{here}@example.com", ATTACKER, 3) == [401] * 3
    refused = await log_in(app, f" {here.upper()}@Example.com", ATTACKER, "wrong")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


async def test_other_addresses_do_not_help_who_guesses(app: FastAPI, here: str) -> None:
    answers = [
        await failing(app, f"{here}@example.com", f"{ATTACKER}-{number}", 1) for number in range(5)
    ]
    assert answers == [[401], [401], [401], [429], [429]]


async def test_the_owner_is_not_locked_out_where_they_logged_in_before(
    app: FastAPI, here: str
) -> None:
    email, home = f"{here}@example.com", f"home-{here}"
    await register(at(app, home), email)
    assert (await log_in(app, email, home, PASSWORD)).status_code == 200
    assert (await failing(app, email, ATTACKER, 5))[-1] == 429
    assert (await log_in(app, email, home, PASSWORD)).status_code == 200
    assert (await log_in(app, email, ATTACKER, PASSWORD)).status_code == 429


async def test_where_the_owner_logs_in_failures_count_too_until_one_succeeds(
    app: FastAPI, here: str
) -> None:
    email, home = f"{here}@example.com", f"home-{here}"
    await register(at(app, home), email)
    for _ in range(3):
        assert (await log_in(app, email, home, PASSWORD)).status_code == 200
        assert await failing(app, email, home, 2) == [401, 401]
    assert (await log_in(app, email, home, PASSWORD)).status_code == 200
    assert await failing(app, email, home, 4) == [401, 401, 401, 429]


async def test_many_accounts_do_not_help_who_guesses(
    build: Callable[..., FastAPI], here: str
) -> None:
    app = build(login_limit_address="3/minute")
    answers = [await failing(app, f"{number}-{here}@example.com", here, 1) for number in range(4)]
    assert answers == [[401], [401], [401], [429]]
    assert (await at(app, here).get("/health/live")).status_code == 200


@pytest.mark.parametrize("path", ["/users", "/users/password/forgot", "/users/verify-email/again"])
async def test_a_mailbox_is_not_flooded(app: FastAPI, here: str, path: str) -> None:
    """Whoever has used up one kind of mail leaves the owner of the mailbox the others."""
    email = {"email": f"{here}@example.com"}

    async def asked(path: str) -> int:
        body = email | ({"password": PASSWORD} if path == "/users" else {})
        answer = await at(app, ATTACKER).post(f"/api/v1{path}", json=body)
        return answer.status_code

    assert [await asked(path) for _ in range(5)] == [202] * 4 + [429]
    others = {"/users", "/users/password/forgot", "/users/verify-email/again"} - {path}
    assert {await asked(other) for other in others} == {202}


async def test_tokens_of_resets_are_not_guessed(build: Callable[..., FastAPI], here: str) -> None:
    """Each attempt is a hash, too: so the address counts before anything is hashed."""
    app = build(login_limit_address="3/minute")
    guess = {"token": "guess", "password": PASSWORD}
    answers = [
        (await at(app, here).post("/api/v1/users/password/reset", json=guess)).status_code
        for _ in range(4)
    ]
    assert answers == [403] * 3 + [429]


async def test_who_asks_for_many_mailboxes_has_to_wait(
    build: Callable[..., FastAPI], here: str
) -> None:
    app = build(mail_limit_address="2/hour")
    answers = []
    for number in range(3):
        body = {"email": f"{number}-{here}@example.com"}
        answers.append(await at(app, here).post("/api/v1/users/password/forgot", json=body))
    assert [answer.status_code for answer in answers] == [202, 202, 429]


async def test_a_password_is_not_guessed_with_a_stolen_token_and_the_owner_changes_it(
    app: FastAPI, here: str
) -> None:
    email, home = f"{here}@example.com", at(app, f"home-{here}")
    await register(home, email)
    token = (await log_in(app, email, f"home-{here}", PASSWORD)).json()["access_token"]
    thief = at(app, ATTACKER)
    thief.headers["Authorization"] = home.headers["Authorization"] = f"Bearer {token}"
    change = {"current_password": "wrong", "new_password": "another fine password"}
    answers = [await thief.put("/api/v1/users/me/password", json=change) for _ in range(3)]
    # The first log-in of the owner was from a network that nobody knew, too.
    assert [answer.status_code for answer in answers] == [403, 403, 429]
    right = change | {"current_password": PASSWORD}
    assert (await thief.put("/api/v1/users/me/password", json=right)).status_code == 429
    assert (await home.put("/api/v1/users/me/password", json=right)).status_code == 204


class Broken(MemoryStorage):
    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        del key, expiry, amount
        raise StorageError(ConnectionError("gone"))


async def test_where_nobody_can_count_attempts_pass(
    app: FastAPI, here: str, caplog: pytest.LogCaptureFixture
) -> None:
    app.state.rate_storage = Broken(wrap_exceptions=True)
    email = f"{here}@example.com"
    await register(at(app, ATTACKER), email)
    assert await failing(app, email, ATTACKER, 5) == [401] * 5
    assert (await log_in(app, email, ATTACKER, PASSWORD)).status_code == 200
    assert "Attempts are not counted" in caplog.text
