import pytest
from httpx2 import AsyncClient

ITEMS = "/api/v1/items"


async def new_item(owner: AsyncClient) -> str:
    answer = await owner.post(ITEMS, json={"title": "Anchor"})
    assert answer.status_code == 201, answer.text
    return f"{ITEMS}/{answer.json()['id']}"


async def test_to_anyone_else_an_item_does_not_exist(ada: AsyncClient, bob: AsyncClient) -> None:
    item = await new_item(ada)
    for answer in (
        await bob.get(item),
        await bob.patch(item, json={"title": "Mine"}),
        await bob.delete(item),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "item_not_found")
    assert (await ada.get(item)).json()["title"] == "Anchor"


async def test_a_list_holds_only_the_callers_items(ada: AsyncClient, bob: AsyncClient) -> None:
    await new_item(ada)
    assert (await bob.get(ITEMS)).json()["rows"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", ITEMS),
        ("GET", ITEMS),
        ("GET", f"{ITEMS}/0192c2a0-0000-7000-8000-000000000000"),
        ("PATCH", f"{ITEMS}/0192c2a0-0000-7000-8000-000000000000"),
        ("DELETE", f"{ITEMS}/0192c2a0-0000-7000-8000-000000000000"),
    ],
)
async def test_nobody_may_do_nothing(client: AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, path, json={"title": "A"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
