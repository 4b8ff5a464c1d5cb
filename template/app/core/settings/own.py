"""The service's own settings: this file is yours, template updates never touch it."""

from app.core.settings.base import SettingsGroup


class OwnSettings(SettingsGroup):
    """Add a field here and its upper-case name at the end of `.env.example`."""
