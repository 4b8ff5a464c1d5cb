import logging

from app.core.expiry import prune
from app.registry import import_models
from app.worker.cron import Cron
from app.worker.payload import Payload
from app.worker.task import TaskContext, task

logger = logging.getLogger(__name__)


class PruneExpired(Payload):
    task = "worker.prune_expired"


# At night, and not on the hour, when everybody's schedules run.
@task(PruneExpired, time_limit=60, schedule=Cron("17 3 * * *"))
async def prune_expired(_: PruneExpired, context: TaskContext) -> None:
    """Delete what has expired: `app db prune`, every night."""
    import_models()
    async with context.database.transaction() as session:
        for table, count in (await prune(session)).items():
            logger.info("Pruned %d rows of %s", count, table)
