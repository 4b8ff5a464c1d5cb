import asyncio
import re
import secrets
from collections.abc import Callable
from ipaddress import ip_address
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient


@pytest.fixture
def app(build: Callable[..., FastAPI]) -> FastAPI:
    """Give an application that answers 3 requests of an address in a minute, and no more."""
    return build(rate_limit_address="3/minute")


def at(app: FastAPI, address: str) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(app, client=(address, 1)), base_url="http://test")


@pytest.fixture
def address() -> str:
    """Give an address that nobody has asked from yet."""
    return f"address-{uuid4()}"


async def test_too_many_requests_of_one_address_are_refused(app: FastAPI, address: str) -> None:
    client = at(app, address)
    for left in (2, 1, 0):
        answer = await client.get("/nowhere")
        assert answer.status_code == 404
        assert answer.headers["RateLimit-Policy"] == '"address";q=3;w=60'
        assert re.fullmatch(rf'"address";r={left};t=\d+', answer.headers["RateLimit"])
    refused = await client.get("/nowhere")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["X-Request-ID"]
    assert (await at(app, f"{address}-next").get("/nowhere")).status_code == 404


async def test_the_addresses_of_one_ipv6_network_are_one(app: FastAPI) -> None:
    network = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}"
    answers = [await at(app, f"{network}::{number}").get("/nowhere") for number in range(1, 5)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]


async def test_an_address_is_one_however_a_socket_writes_it(app: FastAPI) -> None:
    """A socket for IPv4 and IPv6 gives `::ffff:203.0.113.7`; all of those are no network."""
    end = secrets.token_hex(2)
    written = [f"::ffff:cb00:{end}", f"::ffff:{ip_address(int('cb00' + end, 16))}"] * 2
    answers = [await at(app, address).get("/nowhere") for address in written]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
    assert (await at(app, "::ffff:198.51.100.1").get("/nowhere")).status_code == 404


async def test_health_is_not_counted(app: FastAPI, address: str) -> None:
    for _ in range(5):
        answer = await at(app, address).get("/health/live")
        assert (answer.status_code, "RateLimit" in answer.headers) == (200, False)


async def test_of_many_at_once_no_more_pass_than_may(app: FastAPI, address: str) -> None:
    client = at(app, address)
    answers = await asyncio.gather(*(client.get("/nowhere") for _ in range(30)))
    assert sorted(answer.status_code for answer in answers) == [404] * 3 + [429] * 27
