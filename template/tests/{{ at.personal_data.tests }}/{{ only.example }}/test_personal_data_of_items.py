from httpx2 import AsyncClient
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.accounts import PASSWORD

ITEMS = "/api/v1/items"
ME = "/api/v1/users/me"


async def test_an_export_has_the_callers_items_and_no_others(
    ada: AsyncClient, bob: AsyncClient
) -> None:
    item = (await ada.post(ITEMS, json={"title": "Anchor"})).json()
    await bob.post(ITEMS, json={"title": "Buoy"})
    assert (await ada.get(f"{ME}/export")).json()["tables"]["item"] == [item]


async def test_items_go_with_their_owner(
    ada: AsyncClient, bob: AsyncClient, session: AsyncSession
) -> None:
    await ada.post(ITEMS, json={"title": "Anchor"})
    await bob.post(ITEMS, json={"title": "Buoy"})
    gone = await ada.request("DELETE", ME, json={"password": PASSWORD})
    assert gone.status_code == 204
    left = await (await session.connection()).execute(text("SELECT title FROM item"))
    assert left.scalars().all() == ["Buoy"]


async def test_who_is_gone_makes_no_item(ada: AsyncClient) -> None:
    await ada.request("DELETE", ME, json={"password": PASSWORD})
    assert (await ada.get(ITEMS)).json()["rows"] == []  # the token is valid for some minutes
    answer = await ada.post(ITEMS, json={"title": "Anchor"})
    assert (answer.status_code, answer.json()["code"]) == (409, "reference_gone")
