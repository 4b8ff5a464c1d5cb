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

    @pytest.mark.parametrize("sort", ["-created_at", "created_at", "title", "-title"])
    async def test_in_every_order_pages_meet_without_gap_or_overlap(
        self, caller: AsyncClient, sort: str
    ) -> None:
        for title in ("b", "a", "b", "c", "b"):
            await new_item(caller, title)
        rows: list[dict[str, str]] = []
        query = {"limit": "2", "sort": sort}
        while True:
            page = (await caller.get(ITEMS, params=query)).json()
            rows += page["rows"]
            if page["next"] is None:
                break
            query["after"] = page["next"]
        by = sort.removeprefix("-")
        places = [(row[by], row["id"]) for row in rows]
        assert places == sorted(places, reverse=sort.startswith("-"))
        assert len(set(places)) == 5

    async def test_a_list_is_filtered(self, caller: AsyncClient) -> None:
        for title in ("Keel", "Mast"):
            await new_item(caller, title)
        rows = (await caller.get(ITEMS, params={"title": "Mast"})).json()["rows"]
        assert [row["title"] for row in rows] == ["Mast"]

    @pytest.mark.parametrize(
        ("query", "field", "known"),
        [
            ({"limit": 0}, "query.limit", "1"),
            ({"limit": 101}, "query.limit", "100"),
            ({"limit": 2**70}, "query.limit", "100"),
            ({"sort": "note"}, "query.sort", "'-created_at', 'created_at', 'title' or '-title'"),
            ({"colour": "red"}, "query.colour", "after, limit, sort, title"),
        ],
    )
    async def test_what_is_not_declared_is_refused_and_what_is_is_named(
        self, caller: AsyncClient, query: dict[str, str], field: str, known: str
    ) -> None:
        answer = await caller.get(ITEMS, params=query)
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field]
        assert known in answer.json()["errors"][0]["detail"]

    @pytest.mark.parametrize(
        "cursor", ["", "the last one", "%00", "W10", "e30", "bnVsbA", "x" * 3000, "\u00e9"]
    )
    async def test_a_cursor_that_cannot_be_decoded_is_a_page_that_is_not_there(
        self, caller: AsyncClient, cursor: str
    ) -> None:
        answer = await caller.get(ITEMS, params={"after": cursor})
        assert (answer.status_code, answer.json()["code"]) == (404, "cursor_not_found")

    async def test_a_cursor_of_another_order_is_a_page_that_is_not_there(
        self, caller: AsyncClient
    ) -> None:
        for title in "ab":
            await new_item(caller, title)
        cursor = (await caller.get(ITEMS, params={"limit": 1})).json()["next"]
        answer = await caller.get(ITEMS, params={"after": cursor, "sort": "title"})
        assert answer.status_code == 404


class TestConditions:
    async def test_a_lost_update_is_refused(self, caller: AsyncClient) -> None:
        item = f"{ITEMS}/{await new_item(caller)}"
        seen = {"If-Match": (await caller.get(item)).headers["ETag"]}
        assert (await caller.patch(item, json={"note": "Mine"}, headers=seen)).status_code == 200
        lost = await caller.patch(item, json={"note": "Theirs"}, headers=seen)
        assert (lost.status_code, lost.json()["code"]) == (412, "precondition_failed")
        assert (await caller.delete(item, headers=seen)).status_code == 412
        assert (await caller.get(item)).json()["note"] == "Mine"

    async def test_what_a_client_has_is_not_sent_again(self, caller: AsyncClient) -> None:
        made = await caller.post(ITEMS, json={"title": "Anchor"})
        item, known = f"{ITEMS}/{made.json()['id']}", {"If-None-Match": made.headers["ETag"]}
        assert (await caller.get(item, headers=known)).status_code == 304
        await caller.patch(item, json={"note": "Oak"})
        assert (await caller.get(item, headers=known)).status_code == 200

    async def test_a_key_makes_one_item(self, caller: AsyncClient) -> None:
        key = {"Idempotency-Key": "anchor-1"}
        made = [await caller.post(ITEMS, json={"title": "A"}, headers=key) for _ in range(2)]
        assert made[0].json() == made[1].json()
        assert made[0].headers["ETag"] == made[1].headers["ETag"]
        assert len((await caller.get(ITEMS)).json()["rows"]) == 1


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
            ({"title": 2**70}, "body.title"),
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

    @pytest.mark.parametrize(
        "body",
        [
            b"[",
            b"[]",
            b"\xff",
            b'"text"',
            b"[" * 10_000 + b"]" * 10_000,
            b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
            b'{"title": "\\ud800"}',
            b'{"title": "\\u0000"}',
            b'{"title": "a", "\\ud800": 1}',
            b'{"title": ' + b"9" * 5000 + b"}",
        ],
        ids=range(10),
    )
    async def test_what_is_no_json_object_is_refused(
        self, caller: AsyncClient, body: bytes
    ) -> None:
        headers = {"Content-Type": "application/json"}
        answer = await caller.post(ITEMS, content=body, headers=headers)
        assert answer.status_code in {400, 422}

    async def test_ten_million_characters_are_refused(self, caller: AsyncClient) -> None:
        answer = await caller.post(ITEMS, json={"title": "x" * 10_000_000})
        assert (answer.status_code, answer.json()["code"]) == (413, "content_too_large")

    async def test_an_id_that_is_none_is_refused(self, caller: AsyncClient) -> None:
        assert (await caller.get(f"{ITEMS}/one")).status_code == 422
