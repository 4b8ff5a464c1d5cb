from collections.abc import Callable

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

PROXY = "10.1.2.3"


@pytest.fixture
def proxy(build: Callable[..., FastAPI]) -> AsyncClient:
    """Give a client on the address of a proxy that is trusted."""
    app = build(trusted_proxies=("10.1.0.0/16",))
    return AsyncClient(transport=ASGITransport(app, client=(PROXY, 1)), base_url="http://test")


async def test_each_request_has_a_name_of_its_own(client: AsyncClient) -> None:
    names = {(await client.get("/health/live")).headers["X-Request-ID"] for _ in range(3)}
    assert len(names) == 3


async def test_a_problem_has_the_name_of_its_request(client: AsyncClient) -> None:
    answer = await client.get("/nowhere")
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


async def test_a_strangers_name_is_not_taken_over(client: AsyncClient) -> None:
    answer = await client.get("/health/live", headers={"X-Request-ID": "forged"})
    assert answer.headers["X-Request-ID"] != "forged"


async def test_a_trusted_proxys_name_is_taken_over(proxy: AsyncClient) -> None:
    answer = await proxy.get("/health/live", headers={"X-Request-ID": "edge-7f3a:1"})
    assert answer.headers["X-Request-ID"] == "edge-7f3a:1"


@pytest.mark.parametrize("name", ["", "two words", "a" * 129, 'quote"', "caf\u00e9"])
async def test_a_name_that_could_spoil_a_log_is_not_taken_over(
    proxy: AsyncClient, name: str
) -> None:
    headers = {b"X-Request-ID": name.encode()}
    answer = await proxy.get("/health/live", headers=headers)
    assert answer.headers["X-Request-ID"] not in {name, ""}


async def test_the_log_names_the_request_that_failed(
    app: FastAPI, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("no")

    answer = await client.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in caplog.text
