import pytest
from pydantic import ValidationError

from app.core.schemas import Input
from app.core.security.errors import FieldRefused
from app.core.security.password_policy import Password, common_passwords, refuse_name_in

ACCENT = "\u0301"  # one that joins the letter before it


class Body(Input):
    password: Password


def wide(text: str) -> str:
    """Write Latin letters as a Japanese keyboard may."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


@pytest.mark.parametrize(
    "password",
    ["correct horse", "x7!kd93.Qmz1", " spaces count", "Пароль слова", "🦊" * 11 + "x"],
)
def test_what_is_long_and_not_easy_is_taken(password: str) -> None:
    assert Body(password=password).password == password


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [
        ("correct ho" + "rs", True),
        ("correct hor", False),
        (f"correct hore{ACCENT}", True),  # 13 characters as typed, 12 as counted
        (f"correct hoe{ACCENT}", False),  # 12, and 11
        ("ﬃ fits well", True),  # 11, and 13: the first is a ligature
        ("ab cd" * 25 + "xyz", True),
        ("ab cd" * 25 + "wxyz", False),
        (f"abcde{ACCENT} fgh" * 14, True),  # 140, and 126
        ("ab cd" * 10_000, False),
    ],
)
def test_characters_are_counted_when_normalised(password: str, is_taken: bool) -> None:
    if is_taken:
        Body(password=password)
        return
    with pytest.raises(ValidationError, match=r"at least 12|at most 128"):
        Body(password=password)


@pytest.mark.parametrize(
    "password", ["password1234", "PassWord1234", wide("password1234"), "1q2w3e4r5t6y"]
)
def test_what_everybody_tries_is_refused_however_it_is_written(password: str) -> None:
    with pytest.raises(ValidationError, match="everybody tries first"):
        Body(password=password)


@pytest.mark.parametrize("password", ["x" * 12, "xY" * 7, "abcABC" * 2 + "ab", "secret" * 3])
def test_what_repeats_itself_is_refused(password: str) -> None:
    with pytest.raises(ValidationError, match="repeats itself"):
        Body(password=password)


@pytest.mark.parametrize(
    ("password", "email", "is_refused"),
    [
        ("I am LoveLace 1", "lovelace@example.com", True),
        (f"I am {wide('lovelace')} 1", "lovelace@example.com", True),
        ("adamant as stone", "ada@example.com", False),  # too short to say anything
        ("example.com is ours", "lovelace@example.com", False),
    ],
)
def test_the_name_of_an_address_is_refused(password: str, email: str, is_refused: bool) -> None:
    if not is_refused:
        refuse_name_in(password, email)
        return
    with pytest.raises(FieldRefused) as refused:
        refuse_name_in(password, email, "new_password")
    (error,) = refused.value.extra["errors"]
    assert error["field"] == "body.new_password"
    assert "name of your address" in error["detail"]


def test_the_list_has_what_could_be_typed_and_nothing_else() -> None:
    assert len(common_passwords()) > 300
    assert {len(password) >= 12 for password in common_passwords()} == {True}
    assert {password.casefold() == password for password in common_passwords()} == {True}
