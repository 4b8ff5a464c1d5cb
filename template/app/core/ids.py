"""Identifiers that sort by the time they were made, so that an index grows at its end."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """Make a UUID version 7 (RFC 9562)."""
    return uuid_utils.compat.uuid7()
