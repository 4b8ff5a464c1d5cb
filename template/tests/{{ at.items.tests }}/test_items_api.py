import pytest
from httpx2 import AsyncClient

ITEMS = "/api/v1/items"


async def new_item(caller: AsyncClient, title: str = "Anchor") -> str:
    answer = await caller.post(ITEMS, json={"title": title})
    assert answer.status_code == 201, answer.text
    item_id: str = answer.json()["id"]
    return item_id


class TestLife:
    async def test_an_item_is_made_read_changed_and_deleted(self, caller: AsyncClient) -> None:
        item = f"{ITEMS}/{await new_item(caller, 'Rudder')}"
        assert (await caller.get(item)).json()["title"] == "Rudder"
        assert (await caller.patch(item, json={"note": "Oak"})).json()["note"] == "Oak"
        assert (await caller.delete(item)).status_code == 204
        gone = await caller.get(item)
        assert (gone.status_code, gone.json()["code"]) == (404, "item_not_found")

    async def test_a_patch_changes_only_what_it_names(self, caller: AsyncClient) -> None:
        item = f"{ITEMS}/{await new_item(caller)}"
        await caller.patch(item, json={"note": "Old"})
        changed = (await caller.patch(item, json={"title": "Keel"})).json()
        assert (changed["title"], changed["note"]) == ("Keel", "Old")


class TestPages:
    async def test_pages_meet_without_gap_or_overlap(self, caller: AsyncClient) -> None:
        made = [await new_item(caller, f"Item {n}") for n in range(5)]
        first = (await caller.get(ITEMS, params={"limit": 3})).json()
        second = (await caller.get(ITEMS, params={"limit": 3, "after": first["next"]})).json()
        assert [row["id"] for row in first["rows"] + second["rows"]] == made[::-1]
        assert second["next"] is None

    async def test_a_full_last_page_has_no_next(self, caller: AsyncClient) -> None:
        await new_item(caller)
        assert (await caller.get(ITEMS, params={"limit": 1})).json()["next"] is None

    @pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"after": "the last one"}])
    async def test_a_page_that_cannot_be_is_refused(
        self, caller: AsyncClient, query: dict[str, str]
    ) -> None:
        assert (await caller.get(ITEMS, params=query)).status_code == 422


class TestInput:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "body.title"),
            ({"title": ""}, "body.title"),
            ({"title": "   "}, "body.title"),
            ({"title": "x" * 201}, "body.title"),
            ({"title": "a\u0000b"}, "body.title"),
            ({"title": "two\nlines"}, "body.title"),
            ({"title": 7}, "body.title"),
            ({"title": "A", "note": "x" * 10_001}, "body.note"),
            ({"title": "A", "owner_id": "me"}, "body.owner_id"),
        ],
    )
    async def test_a_field_that_is_refused_is_named(
        self, caller: AsyncClient, body: dict[str, object], field: str
    ) -> None:
        answer = await caller.post(ITEMS, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
        assert [error["field"] for error in answer.json()["errors"]] == [field]

    async def test_a_title_cannot_be_taken_away(self, caller: AsyncClient) -> None:
        item = f"{ITEMS}/{await new_item(caller)}"
        for title in ("", None):
            assert (await caller.patch(item, json={"title": title})).status_code == 422

    @pytest.mark.parametrize("body", [b"[", b"[]", b"\xff", b'"text"'])
    async def test_what_is_no_json_object_is_refused(
        self, caller: AsyncClient, body: bytes
    ) -> None:
        headers = {"Content-Type": "application/json"}
        answer = await caller.post(ITEMS, content=body, headers=headers)
        assert answer.status_code in {400, 422}

    async def test_an_id_that_is_none_is_refused(self, caller: AsyncClient) -> None:
        assert (await caller.get(f"{ITEMS}/one")).status_code == 422
