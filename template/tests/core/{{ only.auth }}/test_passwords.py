from app.core.security.passwords import hash_password, is_password


async def test_only_the_password_matches_its_hash() -> None:
    password_hash = await hash_password("correct horse battery")
    assert password_hash.startswith("$argon2id$")
    assert await is_password("correct horse battery", password_hash)
    assert not await is_password("correct horse batterz", password_hash)


async def test_without_an_account_no_password_matches() -> None:
    assert not await is_password("no account has this password", None)
