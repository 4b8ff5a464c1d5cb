import logging
from typing import Any

import pytest
from pydantic import BaseModel

from app.core.observability.redaction import REDACTED, Redaction
from app.core.settings import Settings
from tests.core.log_lines import log_lines

logger = logging.getLogger("app.tests")


class Customer(BaseModel):
    id: int
    email: str


@pytest.mark.parametrize(
    "name",
    [
        *("password", "new_password", "PASSWORD", "secret_key", "accessToken", "refresh_token"),
        *("Authorization", "Cookie", "Set-Cookie", "X-API-Key", "api_key", "DATABASE_URL"),
        *("email", "user_email", "phoneNumber", "address", "User-Agent", "client_ip"),
    ],
)
def test_what_a_field_is_called_decides(name: str) -> None:
    assert Redaction().of({name: "swordfish"}) == {name: REDACTED}


@pytest.mark.parametrize("name", ["user_id", "request_id", "route", "status", "task", "event"])
def test_what_a_line_is_about_stays(name: str) -> None:
    assert Redaction().of({name: "seven"}) == {name: "seven"}


@pytest.mark.parametrize(
    "held",
    [
        {"order": {"customer": {"email": "ada@example.com"}}},
        {"orders": [{"email": "ada@example.com"}]},
        {"orders": ({"sent": {"to": [{"email": "ada@example.com"}]}},)},
        {"customer": Customer(id=1, email="ada@example.com")},
        {"customers": {"first": [Customer(id=1, email="ada@example.com")]}},
    ],
)
def test_however_deep_it_is(settings: Settings, held: dict[str, Any]) -> None:
    with log_lines(settings) as lines:
        logger.info("Shipped", extra=held)
    assert REDACTED in str(lines)
    assert "ada@example.com" not in str(lines)


def test_further_names_are_a_setting(settings: Settings) -> None:
    with log_lines(settings, log_redacted=("shoe-size",)) as lines:
        logger.info("Shipped", extra={"shoe_size": 47, "size": 3})
    assert (lines[0]["shoe_size"], lines[0]["size"]) == (REDACTED, 3)


def test_the_row_that_a_database_refused_is_not_shown(settings: Settings) -> None:
    refused = 'duplicate key value violates "u"\nDETAIL:  Key (email)=(ada@example.com) exists.'
    with log_lines(settings) as lines:
        try:
            raise ValueError(refused)
        except ValueError:
            logger.exception("Failed")
    assert f"DETAIL: {REDACTED}" in lines[0]["exception"]
    assert 'duplicate key value violates "u"' in lines[0]["exception"]
    assert "ada@example.com" not in str(lines)
