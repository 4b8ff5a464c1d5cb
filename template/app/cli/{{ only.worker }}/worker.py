import shlex
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from app.worker.broker import Queue

cli = typer.Typer(help="Run background work, and look after it.", invoke_without_command=True)


@cli.callback()
def worker(context: typer.Context) -> None:
    """Run tasks and serve schedules until SIGTERM or Ctrl-C; without a command below."""
    if context.invoked_subcommand is not None:
        return
    from app.core.db.local import local_database
    from app.core.observability.logs import configure_logs
    from app.core.observability.process import observe
    from app.core.settings import Settings
    from app.core.settings.base import load
    from app.core.settings.log import LogSettings
    from app.worker.local import local_broker
    from app.worker.run import run_worker

    configure_logs(load(LogSettings))
    with local_database(), local_broker():
        settings = load(Settings)
        observe(settings)
        run_worker(settings)


@cli.command()
def ready() -> None:
    """Tell whether a worker of this machine is at work; exit code 1 if not."""
    from app.cli.script import run

    if not run(worker_answers):
        typer.echo("No worker of this machine answers.", err=True)
        raise typer.Exit(1)
    typer.echo("A worker of this machine is at work.")


@cli.command()
def aside() -> None:
    """List what was set aside: jobs that cannot be done, and why."""
    from app.cli.script import run

    for line in run(lines_of_aside):
        typer.echo(line)


@cli.command()
def retry() -> None:
    """Enqueue again all that was set aside."""
    from app.cli.script import run

    typer.echo(f"Enqueued again: {run(retry_aside)}.")


@contextmanager
def worker_beside() -> Generator[None]:
    """Run a worker until the block ends; it starts again when code changes."""
    command = shlex.join([sys.argv[0], "worker"])
    watch = [sys.executable, "-m", "watchfiles", "--filter", "python", "--verbosity", "warning"]
    watch += ["--sigint-timeout", "10", command, "app"]
    # A session of its own: at Ctrl-C the worker is told once, by this process, and ends in order.
    # A terminal that is closed has to be heeded, then.
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(1))
    process = subprocess.Popen(watch, start_new_session=True)  # noqa: S603, every word is ours
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@asynccontextmanager
async def configured_queue() -> AsyncGenerator["Queue"]:
    """Open the queue. What is wrong with it is one sentence and exit code 1."""
    from app.core.settings import Settings
    from app.core.settings.base import load
    from app.worker.broker import Queue
    from app.worker.queue import QueueError

    try:
        async with aclosing(Queue(load(Settings))) as queue:
            yield queue
    except QueueError as error:
        typer.echo(f"Not possible: {error}", err=True)
        raise typer.Exit(1) from None


async def worker_answers() -> bool:
    async with configured_queue() as queue:
        return await queue.worker_answers()


async def lines_of_aside() -> list[str]:
    async with configured_queue() as queue:
        return [
            f"{found.at}  {found.job.task}  {found.job.id}  {found.reason}"
            for found in await queue.aside()
        ]


async def retry_aside() -> int:
    async with configured_queue() as queue:
        return await queue.retry_aside()
