"""Reports of what was logged as an error, with its traceback, to the Sentry of SENTRY_DSN.

Nothing is patched but logging: the log has what nobody expected of a request, and of a job.
"""

import logging
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from app.core import about
from app.core.observability.redaction import ROW, Redaction
from app.core.observability.subject import subject
from app.core.settings import Settings

if TYPE_CHECKING:
    from sentry_sdk.types import Event

FLUSH = 2.0  # seconds


def report_errors(settings: Settings) -> None:
    """Report from this process on, and from those that it forks. Without an address do nothing."""
    dsn = settings.sentry_dsn.get_secret_value()
    if not dsn:
        return
    # Only here: who has no address need not load it.
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration

    redaction = Redaction(settings.log_redacted)

    def prepare(event: "Event", _: dict[str, Any]) -> "Event":
        return cast("Event", prepared(dict(event), redaction))

    sentry_sdk.init(
        dsn=dsn,
        environment=settings.environment.value,
        release=f"{about.NAME}@{version(about.NAME)}",
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            # No breadcrumbs: those of other requests would be among them.
            LoggingIntegration(level=None, event_level=logging.ERROR),
            AtexitIntegration(callback=lambda *_: None),  # it would print
            DedupeIntegration(),
        ],
        before_send=prepare,
        include_local_variables=False,
    )


def send_reports() -> None:
    """Wait until what was reported is sent, for 2 seconds at most."""
    if "sentry_sdk" in sys.modules:
        import sentry_sdk

        sentry_sdk.flush(FLUSH)


def prepared(event: dict[str, Any], redaction: Redaction) -> dict[str, Any]:
    """Say which request or job an event is about, and leave out what no log may have."""
    clean: dict[str, Any] = redaction.of(event)
    for error in clean.get("exception", {}).get("values", ()):
        error["value"] = ROW.sub(r"\1[redacted]", str(error.get("value", "")))
    told = {name: str(value) for name, value in subject.get().items()}
    if "user_id" in told:
        clean["user"] = {"id": told.pop("user_id")}
    clean["tags"] = {**clean.get("tags", {}), **told}
    return clean
