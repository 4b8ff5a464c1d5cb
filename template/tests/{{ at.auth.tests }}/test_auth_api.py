import pytest
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.security import passwords
from tests.accounts import PASSWORD, register, token_of


async def test_a_password_is_traded_for_a_token(client: AsyncClient) -> None:
    await register(client, "ada@example.com")
    form = {"username": "Ada@Example.com", "password": PASSWORD, "grant_type": "password"}
    token = (await client.post("/api/v1/auth/token", data=form)).json()
    assert (token["token_type"], token["expires_in"]) == ("bearer", 15 * 60)
    client.headers["Authorization"] = f"Bearer {token['access_token']}"
    assert (await client.get("/api/v1/users/me")).status_code == 200


@pytest.mark.parametrize(
    ("registered", "typed"),
    [
        ("ada@example.com", " ADA@example.com "),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@bücher.example"),
    ],
)
async def test_an_address_is_read_as_at_registration(
    client: AsyncClient, registered: str, typed: str
) -> None:
    await register(client, registered)
    assert await token_of(client, typed)


async def test_spaces_around_a_password_are_part_of_it(client: AsyncClient) -> None:
    password = f" {PASSWORD} "
    await register(client, "ada@example.com", password)
    assert await token_of(client, "ada@example.com", password)
    form = {"username": "ada@example.com", "password": PASSWORD}
    assert (await client.post("/api/v1/auth/token", data=form)).status_code == 401


async def test_a_log_in_replaces_a_hash_of_another_cost(
    client: AsyncClient, session: AsyncSession
) -> None:
    await register(client, "ada@example.com")
    strong = passwords.hasher(cheap=False).hash(PASSWORD)
    connection = await session.connection()
    await connection.execute(text('UPDATE "user" SET password_hash = :old'), {"old": strong})
    for _ in range(2):
        assert await token_of(client, "ada@example.com")
        rows = await connection.execute(
            text('SELECT password_hash, credentials_version FROM "user"')
        )
        password_hash, version = rows.one()
        assert password_hash.startswith("$argon2id$v=19$m=8,t=1,p=1$")
        assert version == 0, "it is the same password"


async def test_what_is_no_address_opens_nothing(client: AsyncClient) -> None:
    form = {"username": "ada", "password": PASSWORD}
    assert (await client.post("/api/v1/auth/token", data=form)).status_code == 401


async def test_a_wrong_password_and_a_wrong_address_are_alike(client: AsyncClient) -> None:
    await register(client, "ada@example.com")
    answers = [
        await client.post("/api/v1/auth/token", data={"username": name, "password": "wrong"})
        for name in ("ada@example.com", "bob@example.com")
    ]
    assert {answer.status_code for answer in answers} == {401}
    said = [answer.json() | {"request_id": "-"} for answer in answers]
    assert said[0] == said[1]
    assert said[0]["code"] == "wrong_credentials"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"username": "ada@example.com"},
        {"username": "ada@example.com", "password": "x" * 513},
        {"username": "a\u0000b", "password": PASSWORD},
        {"username": "ada@example.com", "password": PASSWORD, "grant_type": "implicit"},
    ],
)
async def test_a_form_that_is_not_whole_is_refused(
    client: AsyncClient, form: dict[str, str]
) -> None:
    assert (await client.post("/api/v1/auth/token", data=form)).status_code == 422


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Basic YTpi"])
async def test_a_token_that_is_not_ours_opens_nothing(client: AsyncClient, header: str) -> None:
    answer = await client.get("/api/v1/users/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


async def test_a_token_that_was_changed_opens_nothing(client: AsyncClient) -> None:
    await register(client, "ada@example.com")
    head, body, signature = (await token_of(client, "ada@example.com")).split(".")
    swapped = signature[::-1]
    client.headers["Authorization"] = f"Bearer {head}.{body}.{swapped}"
    assert (await client.get("/api/v1/users/me")).status_code == 401
