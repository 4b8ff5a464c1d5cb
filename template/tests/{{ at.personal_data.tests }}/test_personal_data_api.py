from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.clock import now
from app.core.exports import EXPORTS, KEPT_BACK
from app.core.http.models import IdempotencyKey
from app.registry import import_models
from app.worker.broker import Queue
from tests.accounts import PASSWORD, administrator, id_of, token_of
from tests.broker import waiting

ME = "/api/v1/users/me"


@pytest.fixture
async def root(app: FastAPI) -> AsyncGenerator[AsyncClient]:
    async with administrator(app, "root@example.com") as client:
        yield client


def mails(mailbox: Path) -> list[str]:
    return [file.read_text() for file in mailbox.glob("*.eml")]


async def forget(client: AsyncClient, password: str = PASSWORD) -> Response:
    return await client.request("DELETE", ME, json={"password": password})


class TestExport:
    async def test_it_has_the_account_and_every_table(self, ada: AsyncClient) -> None:
        answer = await ada.get(f"{ME}/export")
        assert answer.status_code == 200
        data = answer.json()
        assert data["account"] == (await ada.get(ME)).json()
        assert data["tables"].keys() == EXPORTS.keys()
        assert "password" not in answer.text

    async def test_it_has_nothing_of_the_administrator_who_changed_it(
        self, ada: AsyncClient, root: AsyncClient
    ) -> None:
        root.headers["User-Agent"] = "the administrator's browser"
        path = f"/api/v1/users/{await id_of(ada)}"
        assert (await root.patch(path, json={"role": "admin"})).status_code == 200
        assert "the administrator's browser" not in (await ada.get(f"{ME}/export")).text
        assert "the administrator's browser" in (await root.get(f"{ME}/export")).text

    async def test_nobody_has_one(self, client: AsyncClient) -> None:
        assert (await client.get(f"{ME}/export")).status_code == 401

    def test_each_table_that_refers_to_accounts_is_exported_or_says_why_not(
        self, app: FastAPI
    ) -> None:
        """Whoever adds a table with somebody's rows declares them: `app/core/exports.py`."""
        del app
        import_models()
        referring = {
            table.name
            for table in SQLModel.metadata.tables.values()
            for key in table.foreign_keys
            if key.column.table.name == "user"
        }
        assert referring <= EXPORTS.keys() | KEPT_BACK.keys()
        assert not EXPORTS.keys() & KEPT_BACK.keys()


class TestDeletion:
    async def test_an_account_goes_and_its_owner_is_told(
        self, ada: AsyncClient, queue: Queue, mailbox: Path
    ) -> None:
        assert (await forget(ada)).status_code == 204
        answer = await ada.get(ME)
        assert (answer.status_code, answer.json()["code"]) == (401, "account_gone")
        form = {"username": "ada@example.com", "password": PASSWORD}
        assert (await ada.post("/api/v1/auth/token", data=form)).status_code == 401
        told = [job.task for job in await waiting(queue)] + mails(mailbox)
        # Without a worker, the mail may be there by now.
        assert any("send_farewell_mail" in each or "was deleted" in each for each in told)

    async def test_the_address_is_free_again(self, ada: AsyncClient) -> None:
        before = await id_of(ada)
        await forget(ada)
        await ada.post("/api/v1/users", json={"email": "ada@example.com", "password": PASSWORD})
        ada.headers["Authorization"] = f"Bearer {await token_of(ada, 'ada@example.com')}"
        assert await id_of(ada) != before

    async def test_a_line_tells_of_it_and_not_where_it_came_from(
        self, ada: AsyncClient, root: AsyncClient
    ) -> None:
        account = await id_of(ada)
        await forget(ada)
        rows = (await root.get("/api/v1/audit", params={"account": account})).json()["rows"]
        assert [row["event"] for row in rows] == ["account_deleted", "log_in_succeeded"]
        assert [row["origin"] for row in rows] == [None, None]

    async def test_spaces_around_a_password_are_part_of_it(self, ada: AsyncClient) -> None:
        change = {"current_password": PASSWORD, "new_password": "  a lamp for the pier  "}
        assert (await ada.put(f"{ME}/password", json=change)).status_code == 204
        token = await token_of(ada, "ada@example.com", "  a lamp for the pier  ")
        ada.headers["Authorization"] = f"Bearer {token}"
        assert (await forget(ada, "a lamp for the pier")).status_code == 403
        assert (await forget(ada, "  a lamp for the pier  ")).status_code == 204

    async def test_a_wrong_password_changes_nothing(self, ada: AsyncClient) -> None:
        answer = await forget(ada, "not the password")
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_password")
        assert (await ada.get(ME)).status_code == 200

    async def test_nobody_deletes_nothing(self, client: AsyncClient) -> None:
        assert (await forget(client)).status_code == 401

    async def test_the_last_administrator_stays(self, root: AsyncClient) -> None:
        answer = await forget(root)
        assert (answer.status_code, answer.json()["code"]) == (409, "last_administrator")
        assert (await root.get(ME)).status_code == 200

    async def test_other_accounts_stay(self, ada: AsyncClient, bob: AsyncClient) -> None:
        await forget(ada)
        assert (await bob.get(ME)).json()["email"] == "bob@example.com"

    async def test_answers_that_were_kept_for_a_retry_go_too(
        self, ada: AsyncClient, bob: AsyncClient, session: AsyncSession
    ) -> None:
        accounts = [await id_of(ada), await id_of(bob)]
        for account in accounts:
            key = IdempotencyKey(account=account, key="k", request="-", expires_at=now())
            session.add(key)
        await session.flush()
        await forget(ada)
        kept = (await session.exec(select(IdempotencyKey.account))).all()
        assert kept == [accounts[1]]
