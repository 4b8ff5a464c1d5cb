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
    """Write a migration for what changed in the models. Read it before you run it."""
    from app.core.db import migrations

    migrations.generate(message)
