"""Opaque tokens: 256 random bits that mean nothing, kept as a hash that opens nothing.

A fast hash will do: what is random in all of its bits cannot be guessed, as a password can.
"""

import hashlib
import secrets

RANDOM_BYTES = 32


def new_token() -> str:
    return secrets.token_urlsafe(RANDOM_BYTES)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
