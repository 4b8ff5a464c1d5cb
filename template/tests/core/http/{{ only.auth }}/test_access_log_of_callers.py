from httpx2 import AsyncClient

from app.core.settings import Settings
from tests.core.log_lines import log_lines


async def test_a_line_names_the_caller_where_an_operation_asks_for_one(
    ada: AsyncClient, client: AsyncClient, settings: Settings
) -> None:
    with log_lines(settings) as lines:
        me = (await ada.get("/api/v1/users/me")).json()
        await client.get("/api/v1/users/me")
    known, unknown = [line for line in lines if line["logger"].endswith("access_log")]
    assert (known["user_id"], known["route"]) == (me["id"], "/api/v1/users/me")
    assert (unknown["status"], "user_id" in unknown) == (401, False)
    assert "ada@example.com" not in str(lines)
