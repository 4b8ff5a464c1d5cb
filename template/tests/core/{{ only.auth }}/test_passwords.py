import os
import sys

import pytest

from app.core.security.password_policy import normalized
from app.core.security.passwords import NICENESS, Passwords, apart, hasher
from app.core.settings import Settings

WIDE = "ｃｏｒｒｅｃｔ horse"  # noqa: RUF001, as a Japanese keyboard writes it


@pytest.fixture
def passwords(settings: Settings) -> Passwords:
    return Passwords(settings)


async def test_only_the_password_matches_its_hash(passwords: Passwords) -> None:
    password_hash = await passwords.hash("correct horse battery")
    assert password_hash.startswith("$argon2id$")
    assert (await passwords.check("correct horse battery", password_hash)).matches
    assert not (await passwords.check("correct horse batterz", password_hash)).matches


async def test_without_an_account_no_password_matches(passwords: Passwords) -> None:
    assert not (await passwords.check("no account has this password", None)).matches


async def test_one_password_may_be_typed_in_several_ways(passwords: Passwords) -> None:
    password_hash = await passwords.hash(WIDE)
    assert (await passwords.check("correct horse", password_hash)).matches


async def test_a_password_of_before_still_opens_and_is_then_hashed_as_today(
    passwords: Passwords,
) -> None:
    typed = hasher(cheap=True).hash(WIDE)
    checked = await passwords.check(WIDE, typed)
    assert checked.matches
    assert checked.fresh_hash is not None
    assert hasher(cheap=True).verify(normalized(WIDE), checked.fresh_hash)
    assert not (await passwords.check("correct horse", typed)).matches


async def test_a_hash_of_another_cost_is_replaced_and_no_other(settings: Settings) -> None:
    passwords = Passwords(settings.model_copy(update={"cheap_password_hashes": False}))
    cheap = hasher(cheap=True).hash("correct horse battery")
    fresh = (await passwords.check("correct horse battery", cheap)).fresh_hash
    assert fresh is not None
    assert "m=19456,t=2,p=1" in fresh
    assert await passwords.check("correct horse battery", fresh) == (True, None)
    assert await passwords.check("wrong", cheap) == (False, None)


async def test_a_hash_lets_the_event_loop_go_first() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    of_hashes = await apart(lambda: os.getpriority(os.PRIO_PROCESS, 0))
    assert of_hashes == (max(before, NICENESS) if sys.platform == "linux" else before)
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
