import re
from email.utils import parseaddr
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from app.core.settings.server import Environment, ServerSettings

ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")
NOBODY = "no-reply@localhost"


class MailSettings(ServerSettings):
    smtp_url: SecretStr = SecretStr("")
    mail_from: str = Field(default=NOBODY, max_length=320)

    @field_validator("smtp_url")
    @classmethod
    def refuse_another_kind(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value():
            return url
        try:
            parts = urlsplit(url.get_secret_value())
            is_usable = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0
        except ValueError:
            is_usable = False
        if not is_usable:
            raise ValueError("must be smtp://USER:PASSWORD@HOST:587, or smtps:// for port 465.")
        return url

    @field_validator("mail_from")
    @classmethod
    def refuse_what_is_no_address(cls, sender: str) -> str:
        """Accept an address by itself and with a name, as in `Harbour <desk@example.com>`."""
        if not ADDRESS.fullmatch(parseaddr(sender)[1]):
            raise ValueError("must be an address, such as desk@example.com or Desk <desk@…>.")
        return sender

    @field_validator("mail_from")
    @classmethod
    def refuse_nobody(cls, address: str, info: ValidationInfo) -> str:
        environment: Environment = info.data.get("environment", Environment.PRODUCTION)
        smtp = info.data.get("smtp_url")
        if environment.is_exposed and smtp and smtp.get_secret_value() and address == NOBODY:
            raise ValueError("is not set, and SMTP_URL is: mail has to come from somebody.")
        return address
