"""A service with settings of its own, and many requests at once that want one effect."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2

from tests.harness.service import Service

API = "/api/v1"
# What a request may be answered that had no effect of its own.
WITHOUT_EFFECT = frozenset({409, 412, 429, 503})


@contextmanager
def set_to(service: Service, settings: Mapping[str, str]) -> Iterator[None]:
    """Set other settings than those of tests."""
    env = service.env
    service.env = {**env, **settings}
    try:
        yield
    finally:
        service.env = env


@contextmanager
def served(service: Service, settings: Mapping[str, str]) -> Iterator[str]:
    """Serve with other settings; give the address."""
    with set_to(service, settings), service.serving() as (address, _):
        yield address


async def storm(
    address: str, times: int, method: str, path: str, **options: Any
) -> list[httpx2.Response]:
    """Send a request many times at once, each over a connection of its own."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx2.AsyncClient(base_url=address + API, timeout=180, limits=limits) as client:
        requests = (client.request(method, path, **options) for _ in range(times))
        return list(await asyncio.gather(*requests))


def successes(
    answers: list[httpx2.Response], others_may_be: frozenset[int] = WITHOUT_EFFECT
) -> list[httpx2.Response]:
    """Hold every answer against what it may be; give those that tell of an effect."""
    found = [answer for answer in answers if answer.is_success]
    others = Counter(answer.status_code for answer in answers if not answer.is_success)
    assert set(others) <= others_may_be, others
    return found
