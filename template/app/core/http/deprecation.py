"""Operations that will go: a client is told in each answer, and a reader in the API document."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from fastapi import Depends, Response


def deprecated(since: datetime, sunset: datetime, *, see: str = "") -> dict[str, Any]:
    """Give what marks an operation: `@router.get("/old", **deprecated(since, sunset))`.

    Its answers say since when it is deprecated (`Deprecation`, RFC 9745), when it stops to answer
    (`Sunset`, RFC 8594) and, with the address `see`, where to read what to do instead (`Link`).

    Raises:
        ValueError: for a time without a time zone, or a sunset that is not later.
    """
    if since.tzinfo is None or sunset.tzinfo is None:
        raise ValueError("A deprecation and its sunset need a time zone.")
    if sunset <= since:
        raise ValueError("An operation is deprecated before its sunset.")
    headers = {
        "Deprecation": f"@{since.timestamp():.0f}",
        "Sunset": format_datetime(sunset.astimezone(UTC), usegmt=True),
    }
    if see:
        headers["Link"] = f'<{see}>; rel="deprecation"; type="text/html"'

    async def tell(response: Response) -> None:
        response.headers.update(headers)

    return {
        "deprecated": True,
        "dependencies": [Depends(tell)],
        "openapi_extra": {"x-sunset": sunset.astimezone(UTC).isoformat()},
    }
