"""Checks of a password in a thread for each core, and nothing else: what the cost of it allows.

`python argon2_floor.py PASSWORD HASH SECONDS` prints how many there were in a second.
"""

# mypy: disable-error-code="import-not-found"
# Argon2 is installed in the service's environment, not where this file is type-checked.

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher


def checks(password: str, password_hash: str, until: float) -> int:
    hasher, done = PasswordHasher(), 0  # the hash itself says what it costs
    while time.perf_counter() < until:
        hasher.verify(password_hash, password)
        done += 1
    return done


def main(password: str, password_hash: str, seconds: str) -> None:
    begun, cores = time.perf_counter(), os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as threads:
        until = begun + float(seconds)
        counted = [threads.submit(checks, password, password_hash, until) for _ in range(cores)]
        total = sum(each.result() for each in counted)
    print(total / (time.perf_counter() - begun))


if __name__ == "__main__":
    main(*sys.argv[1:])
