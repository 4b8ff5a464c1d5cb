"""Passwords are kept as Argon2id hashes, and hashed in a thread: the event loop never waits.

The cost is the first choice of the OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane):
about 20 ms of one core a check. More passes cost an attacker more, and every log-in too.
"""

import asyncio
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

HASHER = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))


@cache
def hash_of_nothing() -> str:
    """Give a hash to compare with where there is no account, so that it takes as long."""
    return HASHER.hash("no account has this password")


async def hash_password(password: str) -> str:
    return await asyncio.to_thread(HASHER.hash, password)


async def is_password(password: str, password_hash: str | None) -> bool:
    """Compare in the same time whether or not there is a hash to compare with."""
    return await asyncio.to_thread(check, password, password_hash)


def check(password: str, password_hash: str | None) -> bool:
    matches = HASHER.verify(password, password_hash or hash_of_nothing())
    return matches and password_hash is not None
