import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from pydantic import SecretStr

from app.core.clock import now
from app.core.security.scopes import Role
from app.core.security.tokens import ALGORITHM, LEEWAY, AccessTokens, Caller, InvalidToken, name_of
from app.core.settings import Settings

CALLER = Caller(id=uuid4(), role=Role.USER, session_id=uuid4(), credentials_version=3)
NEW_SECRET = SecretStr("another one for tests, and nothing else")


@pytest.fixture
def tokens(settings: Settings) -> AccessTokens:
    return AccessTokens(settings)


def claims(tokens: AccessTokens) -> dict[str, Any]:
    return {
        "iss": tokens.issuer,
        "aud": tokens.audience,
        "sub": str(CALLER.id),
        "sid": str(CALLER.session_id),
        "ver": 3,
        "role": "user",
        "iat": now(),
        "exp": now() + timedelta(hours=2),
    }


def header(tokens: AccessTokens) -> dict[str, Any]:
    return {"typ": "at+jwt", "kid": name_of(tokens.key)}


def forged(tokens: AccessTokens, **changes: Any) -> str:
    """Sign with the right key what the service would not say; None leaves a claim out."""
    kept = {name: value for name, value in (claims(tokens) | changes).items() if value is not None}
    return jwt.encode(kept, tokens.key, ALGORITHM, header(tokens))


def test_a_token_says_who_it_was_issued_to(tokens: AccessTokens) -> None:
    admin = Caller(id=uuid4(), role=Role.ADMIN, session_id=uuid4(), credentials_version=0)
    assert tokens.verify(tokens.issue(CALLER)) == CALLER
    assert tokens.verify(tokens.issue(admin)) == admin


def test_a_token_that_is_remembered_is_not_good_for_longer(
    tokens: AccessTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tokens.issue(CALLER)
    assert tokens.verify(token) == CALLER
    assert tokens.known.cache_info().currsize == 1
    for late in (tokens.lifetime, timedelta(seconds=-LEEWAY - 2)):
        later = now() + late
        monkeypatch.setattr("app.core.security.tokens.now", lambda later=later: later)
        with pytest.raises(InvalidToken):
            tokens.verify(token)
        monkeypatch.undo()
    assert tokens.verify(token) == CALLER


def test_a_token_has_the_type_and_the_claims_of_its_profile(
    tokens: AccessTokens, settings: Settings
) -> None:
    token = tokens.issue(CALLER)
    assert jwt.get_unverified_header(token) == header(tokens) | {"alg": "HS256"}
    said = jwt.decode(token, options={"verify_signature": False})
    assert said.keys() == claims(tokens).keys()
    assert (said["iss"], said["aud"]) == (settings.token_issuer, settings.token_audience)
    assert said["exp"] - said["iat"] == 15 * 60


def test_a_token_does_not_show_its_key(tokens: AccessTokens) -> None:
    name = name_of(tokens.key)
    assert len(name) == 16
    assert name not in tokens.key.hex()


def test_the_forgery_of_these_tests_would_pass_unchanged(tokens: AccessTokens) -> None:
    assert tokens.verify(forged(tokens)) == CALLER


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": now() - timedelta(seconds=1)},
        {"exp": None},
        {"iat": now() + timedelta(days=1)},
        {"iat": None},
        {"iss": "somebody else"},
        {"iss": None},
        {"aud": "somebody else"},
        {"aud": None},
        {"sub": None},
        {"sub": "not-an-id"},
        {"sid": None},
        {"sid": "not-an-id"},
        {"sid": 7},
        {"ver": None},
        {"ver": "3"},
        {"role": None},
        {"role": "pirate"},
    ],
    ids=lambda changes: "-".join(f"{name}={str(value)[:13]}" for name, value in changes.items()),
)
def test_a_token_that_is_not_whole_is_refused(
    tokens: AccessTokens, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidToken):
        tokens.verify(forged(tokens, **changes))


def test_a_clock_may_be_a_little_ahead(tokens: AccessTokens) -> None:
    ahead = now() + timedelta(seconds=LEEWAY / 2)
    assert tokens.verify(forged(tokens, iat=ahead)) == CALLER


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")  # of HS384
def test_a_token_of_another_key_or_algorithm_is_refused(tokens: AccessTokens) -> None:
    said = claims(tokens)
    other_key = jwt.encode(said, b"k" * 32, ALGORITHM, header(tokens))
    unsigned = jwt.encode(said, None, "none", header(tokens))
    other_algorithm = jwt.encode(said, tokens.key, "HS384", header(tokens))
    whole = tokens.issue(CALLER)
    cut = (whole[:-1], whole[: len(whole) // 2], whole.rpartition(".")[0], f"{whole}.x")
    for token in (other_key, unsigned, other_algorithm, *cut, "", "a.b.c"):
        with pytest.raises(InvalidToken):
            tokens.verify(token)


@pytest.mark.parametrize(
    "changes",
    [{"typ": "JWT"}, {"typ": None}, {"kid": None}, {"kid": "0" * 16}, {"kid": ["x"]}, {"kid": {}}],
)
def test_a_token_that_names_another_type_or_key_is_refused(
    tokens: AccessTokens, changes: dict[str, Any]
) -> None:
    body = jwt.encode(claims(tokens), tokens.key, ALGORITHM).split(".")[1]
    head = header(tokens) | {"alg": ALGORITHM} | changes
    kept = {name: value for name, value in head.items() if value is not None}
    text = f"{urlsafe_b64encode(json.dumps(kept).encode()).decode().rstrip('=')}.{body}"
    signature = jwt.api_jws.PyJWS().get_algorithm_by_name(ALGORITHM).sign(text.encode(), tokens.key)
    with pytest.raises(InvalidToken):
        tokens.verify(f"{text}.{urlsafe_b64encode(signature).decode().rstrip('=')}")


def test_an_old_secret_verifies_and_the_new_one_signs(settings: Settings) -> None:
    before = AccessTokens(settings)
    rotated = {"secret_key": NEW_SECRET, "old_secret_keys": (settings.secret_key,)}
    after = AccessTokens(settings.model_copy(update=rotated))
    without = AccessTokens(settings.model_copy(update={"secret_key": NEW_SECRET}))
    assert after.verify(before.issue(CALLER)) == CALLER
    assert without.verify(after.issue(CALLER)) == CALLER
    for tokens, token in ((without, before.issue(CALLER)), (before, after.issue(CALLER))):
        with pytest.raises(InvalidToken):
            tokens.verify(token)
