"""When a schedule is due."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim


@dataclass(frozen=True, slots=True)
class Cron:
    """A time as crontab(5) writes it, on the clocks of a time zone (IANA), summer time included.

    Raises:
        CronSimError: for an expression that is none.
        ZoneInfoNotFoundError: for a zone that is none.
    """

    expression: str
    zone: str = "UTC"

    def __post_init__(self) -> None:
        CronSim(self.expression, datetime.now(ZoneInfo(self.zone)))

    def last(self, moment: datetime) -> datetime:
        """Give the latest tick up to a moment, that one included."""
        return self.tick(moment, reverse=True)

    def next(self, moment: datetime) -> datetime:
        """Give the first tick after a moment."""
        return self.tick(moment, reverse=False)

    def tick(self, moment: datetime, *, reverse: bool) -> datetime:
        local = moment.astimezone(ZoneInfo(self.zone))
        if reverse:
            # It looks for what lies before a moment; a fraction of a second counts as after.
            local = local.replace(microsecond=local.microsecond or 1)
        return next(CronSim(self.expression, local, reverse=reverse)).astimezone(UTC)
