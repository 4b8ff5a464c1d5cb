import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.core.errors import PROBLEM_JSON, Conflict


class Taken(Conflict):
    code = "taken"


@pytest.fixture(autouse=True)
def endpoints(app: FastAPI) -> None:
    @app.get("/taken")
    async def taken() -> None:
        raise Taken("Somebody was faster.")

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the password is swordfish")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/taken", 409, "taken"),
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/health/live", 405, "method_not_allowed"),
        ("GET", "/broken", 500, "internal_error"),
    ],
)
async def test_every_error_is_a_problem_with_a_stable_code(
    client: AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM_JSON
    problem = answer.json()
    assert (problem["status"], problem["code"], problem["instance"]) == (status, code, path)
    assert problem["type"] == f"urn:problem:{code}"
    assert problem["title"]


async def test_an_unexpected_error_says_nothing_about_the_inside(
    client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    assert "swordfish" not in (await client.get("/broken")).text
    assert "swordfish" in caplog.text
