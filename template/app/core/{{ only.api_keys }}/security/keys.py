"""API keys: a name that anybody may know, and 256 random bits that only their holder has.

harbour-desk_3f9a1c2b7d10_oR0PZ…    the service, the key, its secret

Whoever finds one sees what it is, and a scanner of secrets can look for it.
"""

import hmac
import re
import secrets
from datetime import UTC, datetime

from app.core import about
from app.core.security.opaque_tokens import hash_of, new_token

HEADER = "X-API-Key"
KEY = re.compile(r"([a-z][a-z0-9-]*_[0-9a-f]{12})_[\w-]{43}", re.ASCII)
MAX_LENGTH = 200
# What a key without an end expires at: so a comparison says of every key whether it is valid.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def new_key() -> tuple[str, str]:
    """Make a key; give its prefix and the whole of it."""
    prefix = f"{about.NAME}_{secrets.token_hex(6)}"
    return prefix, f"{prefix}_{new_token()}"


def prefix_of(key: str) -> str | None:
    """Give what a key is found by; nothing for what is no key."""
    found = KEY.fullmatch(key) if len(key) <= MAX_LENGTH else None
    return found[1] if found else None


def is_key(key: str, key_hash: str) -> bool:
    """Compare in the same time wherever they differ."""
    return hmac.compare_digest(hash_of(key), key_hash)
