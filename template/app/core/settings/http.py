import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

import limits
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from app.core.settings.server import ServerSettings, is_exposed

ANY = "*"
HOST = re.compile(r"(\*\.)?[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]|\*")
ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?|\*")


def listed(text: object) -> object:
    """Read what is written with commas between."""
    if isinstance(text, str):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def refuse_what_is_no_rate(rate: str) -> str:
    try:
        limits.parse(rate)
    except ValueError:
        raise ValueError("must be a number and a time: 600/minute, 10000/hour.") from None
    return rate


# As the library limits writes it: 600/minute, 10/15 minutes.
Rate = Annotated[str, AfterValidator(refuse_what_is_no_rate)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)]


class HttpSettings(ServerSettings):
    allowed_hosts: Names = ()
    cors_origins: Names = ()
    cors_credentials: bool = False
    trusted_proxies: Names = ()
    max_body_size: int = Field(default=1_000_000, ge=1_000, description="bytes")
    request_timeout: float = Field(default=30.0, gt=0, le=3600, description="seconds")
    rate_limit_address: Rate = "1200/minute"
    rate_limit_account: Rate = "600/minute"
    idempotency_hours: int = Field(default=24, ge=1, le=24 * 366)

    @field_validator("allowed_hosts")
    @classmethod
    def refuse_any_host(cls, hosts: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for host in hosts:
            if not HOST.fullmatch(host):
                raise ValueError("must be names of hosts, without a port: api.example.com.")
        if is_exposed(info) and not hosts:
            raise ValueError(
                "is not set. Name the hosts that requests ask for, as in api.example.com, or "
                "*.example.com; health is answered for any."
            )
        if is_exposed(info) and ANY in hosts:
            raise ValueError("is *, which outside development lets anybody choose the host.")
        return hosts

    @field_validator("cors_origins")
    @classmethod
    def refuse_any_origin(cls, origins: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for origin in origins:
            if not ORIGIN.fullmatch(origin):
                raise ValueError("must be origins, without a path: https://app.example.com.")
        if is_exposed(info) and ANY in origins:
            raise ValueError("is *, which outside development lets every site ask.")
        return origins

    @field_validator("cors_credentials")
    @classmethod
    def refuse_credentials_of_anybody(cls, allowed: bool, info: ValidationInfo) -> bool:
        if allowed and ANY in info.data.get("cors_origins", ()):
            raise ValueError("is on, and CORS_ORIGINS is *: name the sites that may send them.")
        return allowed

    @field_validator("trusted_proxies")
    @classmethod
    def refuse_what_is_no_network(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            try:
                ip_network(proxy)
            except ValueError:
                raise ValueError("must be addresses or networks: 10.0.0.7, 10.1.0.0/16.") from None
        return proxies

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts that are answered: any, where none is named."""
        return self.allowed_hosts or (ANY,)

    @property
    def trusted_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(proxy) for proxy in self.trusted_proxies)
