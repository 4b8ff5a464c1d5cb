from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest

from app.core.clock import now
from app.core.security.tokens import ALGORITHM, AccessTokens, Caller, InvalidToken
from app.core.settings import Settings

CALLER = Caller(id=uuid4(), is_admin=False)


@pytest.fixture
def tokens(settings: Settings) -> AccessTokens:
    return AccessTokens(settings)


def forged(tokens: AccessTokens, **changes: Any) -> str:
    claims = {
        "sub": str(CALLER.id),
        "admin": False,
        "iat": now(),
        "exp": now() + timedelta(minutes=5),
    }
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(claims, tokens.key, ALGORITHM)


def test_a_token_says_who_it_was_issued_to(tokens: AccessTokens) -> None:
    admin = Caller(id=uuid4(), is_admin=True)
    assert tokens.verify(tokens.issue(CALLER)) == CALLER
    assert tokens.verify(tokens.issue(admin)) == admin


def test_the_forgery_of_these_tests_would_pass_unchanged(tokens: AccessTokens) -> None:
    assert tokens.verify(forged(tokens)) == CALLER


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": now() - timedelta(seconds=1)},
        {"exp": None},
        {"sub": None},
        {"sub": "not-an-id"},
        {"admin": None},
    ],
    ids=["expired", "endless", "nobody's", "of no account", "without a role"],
)
def test_a_token_that_is_not_whole_is_refused(
    tokens: AccessTokens, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidToken):
        tokens.verify(forged(tokens, **changes))


def test_a_token_of_another_key_or_algorithm_is_refused(tokens: AccessTokens) -> None:
    claims = jwt.decode(tokens.issue(CALLER), tokens.key, [ALGORITHM])
    other_key = jwt.encode(claims, b"k" * 32, ALGORITHM)
    unsigned = jwt.encode(claims, None, "none")
    other_algorithm = jwt.encode(claims, tokens.key * 2, "HS512")
    for token in (other_key, unsigned, other_algorithm, "", "a.b.c"):
        with pytest.raises(InvalidToken):
            tokens.verify(token)
