"""How often a password may be guessed, and a mail be asked for: by address, and by account.

Whoever knows an address can fail to log in with it, so a limit by account alone would lock its
owner out. Networks that an account logged in from have an allowance each; all others share one.
"""

import hashlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request
from limits import RateLimitItem, RateLimitItemPerDay, parse
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError

from app.core.errors import raises
from app.core.http.client import address_of
from app.core.http.rate_limits import Quota, TooManyRequests, counted_as, hit, refusal

logger = logging.getLogger(__name__)

# How long a network is known that an account logged in from.
KNOWN = RateLimitItemPerDay(1, 90)
ELSEWHERE = "elsewhere"


class Attempts:
    """Counts attempts of one kind. Where the storage fails they pass, and the log says so."""

    def __init__(self, request: Request, kind: str, by_address: str, by_account: str) -> None:
        self.limiter = FixedWindowRateLimiter(request.app.state.rate_storage)
        self.kind = kind
        self.by_address: RateLimitItem = parse(by_address)
        self.by_account: RateLimitItem = parse(by_account)
        self.network = counted_as(address_of(request))

    @asynccontextmanager
    async def of(self, account: str) -> AsyncGenerator[None]:
        """Count an attempt before it is made; where the block ends well, it was no failure.

        Raises:
            TooManyRequests: where there were too many. A right password is refused, too.
        """
        await self.count(account)
        yield
        await self.succeed(account)

    async def count(self, account: str | None = None) -> None:
        """Count an attempt, of its address alone where it names no account.

        Raises:
            TooManyRequests: where there were too many.
        """
        try:
            quotas = await self.counted(None if account is None else named(account))
        except StorageError as error:
            logger.warning("Attempts are not counted: %s", error)
            return
        if exceeded := [quota for quota in quotas if not quota.is_kept]:
            raise refusal(exceeded)

    async def counted(self, who: str | None) -> list[Quota]:
        """Count by address, and by account only what that lets pass."""
        by_address = await hit(self.limiter, f"{self.kind} address", self.by_address, self.network)
        if who is None or not by_address.is_kept:
            return [by_address]
        is_new = await self.limiter.test(KNOWN, "known", who, self.network)
        where = f"{who} {ELSEWHERE if is_new else self.network}"
        return [await hit(self.limiter, f"{self.kind} account", self.by_account, where)]

    async def succeed(self, account: str) -> None:
        """Know the network of an account from now on, and forget what failed there."""
        who = named(account)
        try:
            await self.limiter.clear(KNOWN, "known", who, self.network)
            await self.limiter.hit(KNOWN, "known", who, self.network)
            own = f"{who} {self.network}"
            await self.limiter.clear(self.by_account, f"{self.kind} account", own)
        except StorageError as error:
            logger.warning("Attempts are not counted: %s", error)


def named(account: str) -> str:
    """Name an account without its address: what counts needs to know no one."""
    return hashlib.sha256(account.encode()).hexdigest()[:32]


@raises(TooManyRequests)
async def log_ins(request: Request) -> Attempts:
    settings = request.app.state.settings
    return Attempts(request, "log-in", settings.login_limit_address, settings.login_limit_account)


def mails(purpose: str) -> Callable[[Request], Awaitable[Attempts]]:
    """Count mails of each purpose by themselves: whoever has used up one leaves the others, and so
    a way in, to the owner of an address.
    """

    @raises(TooManyRequests)
    async def requests(request: Request) -> Attempts:
        settings = request.app.state.settings
        limits = (settings.mail_limit_address, settings.mail_limit_account)
        return Attempts(request, f"{purpose} mail", *limits)

    return requests


LogIns = Annotated[Attempts, Depends(log_ins)]
RegistrationMails = Annotated[Attempts, Depends(mails("registration"))]
VerificationMails = Annotated[Attempts, Depends(mails("verification"))]
ResetMails = Annotated[Attempts, Depends(mails("reset"))]
EmailChangeMails = Annotated[Attempts, Depends(mails("change"))]
