from collections.abc import AsyncGenerator
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from tests.accounts import PASSWORD, administrator, id_of

USERS = "/api/v1/users"
ME = f"{USERS}/me"


@pytest.fixture
async def root(app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """Give an administrator, the only one."""
    async with administrator(app, "root@example.com") as client:
        yield client


async def log_in(client: AsyncClient, email: str) -> Response:
    form = {"username": email, "password": PASSWORD}
    return await client.post("/api/v1/auth/token", data=form)


async def patched(by: AsyncClient, account: str, **changes: object) -> Response:
    return await by.patch(f"{USERS}/{account}", json=changes)


class TestReading:
    async def test_an_administrator_sees_an_account(
        self, root: AsyncClient, ada: AsyncClient
    ) -> None:
        found = await root.get(f"{USERS}/{await id_of(ada)}")
        assert found.status_code == 200
        assert found.json() == (await ada.get(ME)).json()

    async def test_others_do_not(self, root: AsyncClient, ada: AsyncClient) -> None:
        for account in (await id_of(root), str(uuid4())):
            answer = await ada.get(f"{USERS}/{account}")
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")

    async def test_an_account_that_is_not_there_is_not_found(self, root: AsyncClient) -> None:
        for answer in (
            await root.get(f"{USERS}/{uuid4()}"),
            await patched(root, str(uuid4()), role="admin"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "user_not_found")


class TestChanging:
    async def test_a_role_counts_from_the_next_log_in(
        self, root: AsyncClient, ada: AsyncClient
    ) -> None:
        answer = await patched(root, await id_of(ada), role="admin")
        assert (answer.status_code, answer.json()["role"]) == (200, "admin")
        assert (await ada.get(USERS)).status_code == 403
        token = (await log_in(ada, "ada@example.com")).json()["access_token"]
        ada.headers["Authorization"] = f"Bearer {token}"
        assert (await ada.get(USERS)).status_code == 200

    async def test_others_may_not(self, ada: AsyncClient, bob: AsyncClient) -> None:
        answer = await patched(ada, await id_of(bob), is_active=False)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert "users:manage" in answer.json()["detail"]
        assert (await bob.get(ME)).json()["is_active"] is True

    @pytest.mark.parametrize("change", [{"role": "user"}, {"is_active": False}])
    async def test_nobody_gives_back_to_themselves_what_was_taken(
        self, app: FastAPI, root: AsyncClient, change: dict[str, object]
    ) -> None:
        """Their access token still says that they may."""
        async with administrator(app, "mallory@example.com") as mallory:
            account = await id_of(mallory)
            assert (await patched(root, account, **change)).status_code == 200
            for changed in (account, await id_of(root)):
                back = await patched(mallory, changed, role="admin", is_active=True)
                assert back.status_code in (401, 403)
        assert (await root.get(f"{USERS}/{account}")).json().items() >= change.items()

    async def test_nobody_changes_others_with_a_token_of_an_old_password(
        self, root: AsyncClient, ada: AsyncClient
    ) -> None:
        change = {"current_password": PASSWORD, "new_password": "a lamp for the pier 7"}
        assert (await root.put(f"{ME}/password", json=change)).status_code == 204
        answer = await patched(root, await id_of(ada), role="admin")
        assert (answer.status_code, answer.json()["code"]) == (401, "credentials_changed")

    async def test_who_is_deactivated_is_out_at_once_and_back_when_activated(
        self, root: AsyncClient, ada: AsyncClient
    ) -> None:
        account = await id_of(ada)
        assert (await patched(root, account, is_active=False)).json()["is_active"] is False
        answer = await ada.get(ME)
        assert (answer.status_code, answer.json()["code"]) == (401, "account_deactivated")
        assert (await log_in(ada, "ada@example.com")).status_code == 401
        assert (await patched(root, account, is_active=True)).json()["is_active"] is True
        assert (await ada.get(ME)).status_code == 200
        assert (await log_in(ada, "ada@example.com")).status_code == 200

    async def test_what_others_changed_meanwhile_is_not_overwritten(
        self, root: AsyncClient, ada: AsyncClient
    ) -> None:
        path = f"{USERS}/{await id_of(ada)}"
        tag = {"If-Match": (await root.get(path)).headers["etag"]}
        assert (await root.patch(path, json={"role": "admin"}, headers=tag)).status_code == 200
        stale = await root.patch(path, json={"is_active": False}, headers=tag)
        assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")

    async def test_it_is_on_record_with_who_did_it(
        self, root: AsyncClient, ada: AsyncClient
    ) -> None:
        account = await id_of(ada)
        for active in (False, False, True):
            await patched(root, account, is_active=active)
        await patched(root, account, role="admin")
        asked = {"account": account, "limit": "4"}
        rows = (await root.get("/api/v1/audit", params=asked)).json()["rows"]
        done = ["role_changed", "account_activated", "account_deactivated", "log_in_succeeded"]
        assert [row["event"] for row in rows] == done
        assert {row["actor_id"] for row in rows[:3]} == {await id_of(root)}

    @pytest.mark.parametrize("changes", [{"role": "pirate"}, {"email": "x@example.com"}])
    async def test_bad_input_is_refused(
        self, root: AsyncClient, ada: AsyncClient, changes: dict[str, object]
    ) -> None:
        assert (await patched(root, await id_of(ada), **changes)).status_code == 422

    async def test_a_log_in_does_not_tell_who_was_deactivated(
        self, root: AsyncClient, ada: AsyncClient
    ) -> None:
        await patched(root, await id_of(ada), is_active=False)
        answers = [await log_in(ada, name) for name in ("ada@example.com", "nobody@example.com")]
        said = [answer.json() | {"request_id": "-"} for answer in answers]
        assert said[0] == said[1]
        assert said[0]["code"] == "wrong_credentials"


class TestTheLastAdministrator:
    @pytest.mark.parametrize("changes", [{"role": "user"}, {"is_active": False}])
    async def test_stays_one(self, root: AsyncClient, changes: dict[str, object]) -> None:
        answer = await patched(root, await id_of(root), **changes)
        assert (answer.status_code, answer.json()["code"]) == (409, "last_administrator")
        me = (await root.get(ME)).json()
        assert (me["role"], me["is_active"]) == ("admin", True)

    async def test_is_counted_among_the_active_ones(self, app: FastAPI, root: AsyncClient) -> None:
        async with administrator(app, "second@example.com") as second:
            own = await id_of(second)
            assert (await patched(root, own, is_active=False)).status_code == 200
            assert (await patched(root, await id_of(root), role="user")).status_code == 409
            assert (await patched(root, own, is_active=True)).status_code == 200
            assert (await patched(root, await id_of(root), role="user")).status_code == 200
