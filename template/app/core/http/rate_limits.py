"""How often one address and one account may ask; health is not counted.

Headers after draft-ietf-httpapi-ratelimit-headers-10; `Retry-After` is RFC 9110, section 10.2.3.
"""

import logging
import math
import time
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network

from limits import RateLimitItem, parse
from limits.aio.strategies import FixedWindowRateLimiter, RateLimiter
from limits.errors import StorageError
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import Problem, answer_problem
from app.core.http.account import account_of
from app.core.http.client import address_of
from app.core.http.health import is_health
from app.core.settings.http import HttpSettings

logger = logging.getLogger(__name__)


class TooManyRequests(Problem):
    status = 429
    code = "too_many_requests"


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of a limit after a request; `wait` is in seconds."""

    name: str
    limit: RateLimitItem
    remaining: int
    wait: int
    is_kept: bool

    @property
    def policy(self) -> str:
        return f'"{self.name}";q={self.limit.amount};w={self.limit.get_expiry()}'

    @property
    def state(self) -> str:
        return f'"{self.name}";r={self.remaining};t={self.wait}'


class RateLimits:
    """Refuses requests beyond a limit. Where its storage fails, requests pass and the log says so:
    better uncounted than not answered.
    """

    def __init__(self, app: ASGIApp, settings: HttpSettings) -> None:
        self.app = app
        self.by_address = parse(settings.rate_limit_address)
        self.by_account = parse(settings.rate_limit_account)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_health(scope["path"]):
            return await self.app(scope, receive, send)
        request = Request(scope)
        try:
            quotas = await self.count(request)
        except StorageError as error:
            logger.warning("Requests are not counted: %s", error)
            quotas = []

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start" and quotas:
                headers = MutableHeaders(scope=message)
                headers["RateLimit-Policy"] = ", ".join(quota.policy for quota in quotas)
                headers["RateLimit"] = ", ".join(quota.state for quota in quotas)
            await send(message)

        exceeded = [quota for quota in quotas if not quota.is_kept]
        if not exceeded:
            return await self.app(scope, receive, tell)
        answer = await answer_problem(request, refusal(exceeded))
        return await answer(scope, receive, tell)

    async def count(self, request: Request) -> list[Quota]:
        """Count a request, of its account too where an access token names one."""
        limiter = FixedWindowRateLimiter(request.app.state.rate_storage)
        by = counted_as(address_of(request))
        quotas = [await hit(limiter, "address", self.by_address, by)]
        if account := account_of(request):
            quotas.append(await hit(limiter, "account", self.by_account, account))
        return quotas


async def hit(limiter: RateLimiter, name: str, limit: RateLimitItem, who: str) -> Quota:
    is_kept = await limiter.hit(limit, name, who)
    stats = await limiter.get_window_stats(limit, name, who)
    wait = max(0, math.ceil(stats.reset_time - time.time()))
    return Quota(name, limit, stats.remaining, wait, is_kept)


@lru_cache(maxsize=1024)
def counted_as(address: str) -> str:
    """Name who is counted: with IPv6 one client has all addresses of a /64 network (RFC 6177).

    An IPv4 address that a socket for both writes as IPv6 is one of IPv4 (RFC 4291, 2.5.5.2).
    """
    try:
        ip = ip_address(address)
    except ValueError:  # no address, as on a Unix socket
        return address
    if ip.version == 4:
        return address
    return str(ip.ipv4_mapped or ip_network((ip, 64), strict=False))


def refusal(exceeded: list[Quota]) -> TooManyRequests:
    """Say how long to wait."""
    wait = max(1, *(quota.wait for quota in exceeded))
    problem = TooManyRequests(f"Too many requests. Ask again in {wait} seconds.")
    problem.headers = {"Retry-After": str(wait)}
    return problem
