import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.core.http.etags import ChangingTags, NewTags, ReadingTags
from app.core.schemas import Output

SHOWN: dict[str, str] = {}


class Thing(Output):
    name: str


@pytest.fixture(autouse=True)
def operations(app: FastAPI) -> None:
    """Add a resource."""
    SHOWN["name"] = "keel"

    @app.get("/thing")
    async def read(tags: ReadingTags) -> Thing:
        return tags.show(Thing(**SHOWN))

    @app.put("/thing")
    async def change(name: str, tags: ChangingTags) -> Thing:
        tags.require(Thing(**SHOWN))
        SHOWN["name"] = name
        return tags.show(Thing(**SHOWN))

    @app.post("/thing")
    async def make(tags: NewTags) -> Thing:
        return tags.show(Thing(**SHOWN))


async def put(client: AsyncClient, name: str, if_match: str | None = None) -> int:
    headers = {} if if_match is None else {"If-Match": if_match}
    return (await client.put("/thing", params={"name": name}, headers=headers)).status_code


async def test_a_tag_is_the_same_until_what_is_shown_changes(client: AsyncClient) -> None:
    first = (await client.get("/thing")).headers["ETag"]
    assert (await client.post("/thing")).headers["ETag"] == first
    assert (await client.get("/thing")).headers["ETag"] == first
    changed = (await client.put("/thing", params={"name": "mast"})).headers["ETag"]
    assert changed != first
    assert (await client.get("/thing")).headers["ETag"] == changed


@pytest.mark.parametrize("wrap", ["{}", "W/{}", '"other", {}', "*"])
async def test_who_has_it_is_told_so(client: AsyncClient, wrap: str) -> None:
    tag = (await client.get("/thing")).headers["ETag"]
    answer = await client.get("/thing", headers={"If-None-Match": wrap.format(tag)})
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)


async def test_who_has_another_gets_it(client: AsyncClient) -> None:
    answer = await client.get("/thing", headers={"If-None-Match": '"other"'})
    assert answer.json() == {"name": "keel"}


async def test_an_update_that_would_be_lost_is_refused(client: AsyncClient) -> None:
    tag = (await client.get("/thing")).headers["ETag"]
    assert await put(client, "mast", tag) == 200
    assert await put(client, "boom", tag) == 412
    assert (await client.get("/thing")).json() == {"name": "mast"}


async def test_without_a_condition_the_last_one_wins(client: AsyncClient) -> None:
    assert await put(client, "mast") == 200
    assert await put(client, "boom", "*") == 200
    assert (await client.get("/thing")).json() == {"name": "boom"}


@pytest.mark.parametrize("condition", ["W/{}", "nonsense", '""', ""])
async def test_what_is_not_exactly_the_tag_does_not_match(
    client: AsyncClient, condition: str
) -> None:
    tag = (await client.get("/thing")).headers["ETag"]
    assert await put(client, "mast", condition.format(tag)) == 412
