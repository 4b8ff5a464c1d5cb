"""Passwords are kept as Argon2id hashes, and hashed in threads that let the event loop go first.

The cost is the first choice of the OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane):
about 20 ms of one core a check. More passes cost an attacker more, and every log-in too. Where it
is changed, a hash of the old cost is replaced at the next log-in. What may be a password at all
stands in `password_policy.py`.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple, TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.core.security.password_policy import normalized
from app.core.settings.security import SecuritySettings

NICENESS = 10  # of 19: the scheduler gives such a thread a tenth of what it gives the event loop

T = TypeVar("T")


class Checked(NamedTuple):
    """Whether a password matches, and its hash of today's cost where the stored one is another."""

    matches: bool
    fresh_hash: str | None = None


@cache
def hasher(*, cheap: bool) -> PasswordHash:
    if cheap:  # the least that Argon2 does: for tests, and refused elsewhere
        return PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    return PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))


@cache
def hash_of_nothing(*, cheap: bool) -> str:
    """Give a hash to compare with where there is no account, so that it takes as long."""
    return hasher(cheap=cheap).hash("no account has this password")


@cache
def threads() -> ThreadPoolExecutor:
    """Give as many as there are cores: more would only take them from each other."""
    return ThreadPoolExecutor(os.cpu_count(), "passwords", initializer=step_back)


def step_back() -> None:
    """Let the event loop have a core that both want, so that no request waits for a log-in."""
    if sys.platform == "linux":  # elsewhere a priority is one of the whole process: setpriority(2)
        its_own = threading.get_native_id()
        now = os.getpriority(os.PRIO_PROCESS, its_own)
        os.setpriority(os.PRIO_PROCESS, its_own, max(now, NICENESS))


async def apart(hashing: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads(), hashing)


class Passwords:
    """Hashes passwords, and compares them with hashes, at the cost that the settings name."""

    def __init__(self, settings: SecuritySettings) -> None:
        self.cheap = settings.cheap_password_hashes

    async def hash(self, password: str) -> str:
        return await apart(lambda: hasher(cheap=self.cheap).hash(normalized(password)))

    async def check(self, password: str, password_hash: str | None) -> Checked:
        """Compare in the same time whether or not there is a hash to compare with."""
        return await apart(lambda: check(password, password_hash, self.cheap))


def check(password: str, password_hash: str | None, cheap: bool) -> Checked:
    """Compare a password as it is hashed today, then as it was typed: until they were normalised,
    hashes were of that. Which of the two are tried is decided by what was typed, not by the hash.
    """
    compared = password_hash or hash_of_nothing(cheap=cheap)
    stored = hasher(cheap=cheap)
    matches, fresh_hash = stored.verify_and_update(normalized(password), compared)
    if normalized(password) != password and stored.verify(password, compared):
        matches, fresh_hash = True, stored.hash(normalized(password))
    if not matches or password_hash is None:
        return Checked(matches=False)
    return Checked(matches=True, fresh_hash=fresh_hash)
