from datetime import datetime

from sqlmodel import Field

from app.core.models import Expiring


class ScheduledRun(Expiring, table=True):
    """A tick that was served: its key lets one of several schedulers serve it, and no other."""

    __tablename__ = "scheduled_run"

    task: str = Field(max_length=200, primary_key=True)
    tick: datetime = Field(primary_key=True)
