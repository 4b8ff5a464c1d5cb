from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.core.http.deprecation import deprecated

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
SUNSET = datetime(2027, 1, 1, tzinfo=UTC)


async def test_an_operation_that_will_go_says_so(app: FastAPI, client: AsyncClient) -> None:
    @app.get("/old", **deprecated(SINCE, SUNSET, see="https://example.com/new"))
    async def old() -> str:
        return "still here"

    answer = await client.get("/old")
    assert answer.json() == "still here"
    assert answer.headers["Deprecation"] == "@1767225600"
    assert answer.headers["Sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
    assert answer.headers["Link"].startswith('<https://example.com/new>; rel="deprecation"')
    operation = app.openapi()["paths"]["/old"]["get"]
    assert (operation["deprecated"], operation["x-sunset"]) == (True, "2027-01-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("since", "sunset"), [(SUNSET, SINCE), (SINCE, SINCE), (SINCE.replace(tzinfo=None), SUNSET)]
)
def test_times_that_cannot_be_are_refused(since: datetime, sunset: datetime) -> None:
    with pytest.raises(ValueError, match="deprecat"):
        deprecated(since, sunset)
