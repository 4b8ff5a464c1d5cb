"""Where settings come from: the environment, then `.env`, then a folder of secret files."""

import os
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

# Holds a file for each secret, named like its setting: what container platforms mount.
DEFAULT_SECRETS_DIR = "/run/secrets"


class SettingsGroup(BaseSettings):
    """The settings of one concern, each read from the variable of its name.

    Every field has a default, if only an empty one that a validator refuses: so a message can say
    what to do, and not just that something is missing.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003, its folder is fixed
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Ask the sources in this order; the first that knows a setting wins."""
        folder = Path(os.environ.get("SECRETS_DIR", DEFAULT_SECRETS_DIR))
        secrets = SecretsSettingsSource(settings_cls, folder if folder.is_dir() else None)
        return init_settings, env_settings, dotenv_settings, secrets


Group = TypeVar("Group", bound=SettingsGroup)


class SettingsError(Exception):
    """What is wrong with the settings, a line for each variable."""


def load(group: type[Group]) -> Group:
    """Read settings.

    Raises:
        SettingsError: naming every variable that is missing, malformed or not safe enough.
    """
    try:
        return group()
    except ValidationError as error:
        raise SettingsError(explain(error)) from None


def explain(error: ValidationError) -> str:
    """Name each variable and what is wrong with it, never its value."""
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        message = problem["msg"].removeprefix("Value error, ")
        variable = " ".join(str(part) for part in problem["loc"]).upper()
        lines.append(f"{variable} {message}".strip())
    return "The settings cannot be used:\n  " + "\n  ".join(lines)
