"""What a service's security page says is shown by a test: that the test is there."""

import re
from collections.abc import Iterator
from pathlib import Path

PAGE = "docs/security.md"
CLAIM = re.compile(r"`(tests/[\w/]+\.py)` `(test_\w+)`")
MANY = 15


def faults(tree: Path) -> Iterator[str]:
    """Give the tests that are named and missing; few names mean that they are no longer found."""
    claims = CLAIM.findall((tree / PAGE).read_text(encoding="utf-8"))
    if len(claims) < MANY:
        yield f"{PAGE}: names {len(claims)} tests, and {MANY} would be few"
    for file, name in claims:
        path = tree / file
        if not path.exists() or f"def {name}(" not in path.read_text(encoding="utf-8"):
            yield f"{PAGE}: {file} has no {name}"
