# mypy: ignore-errors
"""A script that enqueues a job and, where it is told to, fails after that.

python -m app.probe.enqueue MARK SECONDS [fail]
"""

import asyncio
import sys

from app.cli.script import script
from app.probe.tasks import Plain


async def main(mark: str, seconds: str, *fail: str) -> None:
    """Enqueue within the transaction of the script."""
    async with script() as (_, enqueue):
        enqueue(Plain(mark=mark, seconds=float(seconds)))
        if fail:
            raise SystemExit("as asked")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
