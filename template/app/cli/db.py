from typing import Annotated

import typer

cli = typer.Typer(help="Bring the database up to date, and make migrations.", no_args_is_help=True)


@cli.command()
def upgrade(revision: Annotated[str, typer.Argument()] = "head") -> None:
    """Run the migrations that are missing."""
    from app.core.db import migrations

    migrations.upgrade(revision)


@cli.command()
def downgrade(revision: Annotated[str, typer.Argument(help="`-1`, `base`, or an id.")]) -> None:
    """Take migrations back. Data that only they could hold is lost."""
    from app.core.db import migrations

    migrations.downgrade(revision)


@cli.command()
def migrate(message: Annotated[str, typer.Argument(help="What changes, in a few words.")]) -> None:
    """Bring the database up to date, then write a migration for what changed in the models.

    Read it before you run it.
    """
    from app.core.db import migrations

    migrations.generate(message)


@cli.command()
def prune() -> None:
    """Delete what has expired, as a schedule does every night."""
    from app.cli.script import run

    for table, count in run(prune_now).items():
        typer.echo(f"{table}: {count}")


async def prune_now() -> dict[str, int]:
    from app.cli.script import script
    from app.core import expiry
    from app.registry import import_models

    import_models()
    async with script() as (session, _):
        return await expiry.prune(session)
