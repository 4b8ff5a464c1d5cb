from app.core.errors import Conflict, Unavailable


class DatabaseInUse(Exception):
    """Others kept for too long what a migration needs; the message says so, and what to do."""


class DatabaseBusy(Unavailable):
    """What went wrong may go well at another time."""

    code = "database_busy"

    def __init__(self) -> None:
        super().__init__("The database did not answer in time. Ask again.")


class ReferenceGone(Conflict):
    """A row would refer to one that was deleted meanwhile: an account, say."""

    code = "reference_gone"

    def __init__(self) -> None:
        super().__init__("What this belongs to is there no more.")
