import re
from email.utils import parseaddr
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from app.core.settings.server import ServerSettings, is_exposed

ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")
SITE = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[\w.~/-]*)?")
NOBODY = "no-reply@localhost"
HERE = "http://127.0.0.1:8000"  # where `make dev` serves


class MailSettings(ServerSettings):
    smtp_url: SecretStr = SecretStr("")
    mail_from: str = Field(default=NOBODY, max_length=320)
    links_url: str = Field(default="", max_length=1000, description="the site that links lead to")

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
        smtp = info.data.get("smtp_url")
        if is_exposed(info) and smtp and smtp.get_secret_value() and address == NOBODY:
            raise ValueError("is not set, and SMTP_URL is: mail has to come from somebody.")
        return address

    @field_validator("links_url")
    @classmethod
    def refuse_unsafe_links(cls, url: str, info: ValidationInfo) -> str:
        """Accept where a site lies; a link of a mail opens an account, so nobody may read along."""
        smtp = info.data.get("smtp_url")
        if not url:
            if is_exposed(info) and smtp and smtp.get_secret_value():
                raise ValueError("is not set, and SMTP_URL is: mails have links to the site.")
            return url
        if not SITE.fullmatch(url):
            raise ValueError("must be the address of a site, as in https://app.example.com.")
        if is_exposed(info) and not url.startswith("https://"):
            raise ValueError("must begin with https:// in staging and production.")
        return url

    def link(self, page: str, token: str) -> str:
        """Give the address of a page of the site. The token stands in the fragment, which browsers
        send to nobody (RFC 9110, section 4.2.5): no log of a server or a proxy has it.
        """
        return f"{(self.links_url or HERE).rstrip('/')}/{page}#token={token}"
