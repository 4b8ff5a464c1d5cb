"""What a change of the API breaks for its clients: the service is compared with its last release.

Compared is what a client is written against: operations and their names, parameters, bodies,
responses and who is let in. Not compared: texts, examples, defaults, servers and webhooks.
"""

from typing import Annotated

import typer


def openapi_diff(
    against: Annotated[
        str, typer.Option(help="Tag or commit; without it the newest tag that is a version.")
    ] = "",
) -> None:
    """Tell what breaks for clients of the last release; exit code 1 where something does.

    An operation may go that was deprecated in the last release.
    """
    from app.cli.openapi import document
    from app.cli.openapi_diff.operations import breaking, retired
    from app.cli.openapi_diff.release import document_at, newest

    release = against or newest()
    if release is None:
        typer.echo("There is no release to compare with: no tag that is a version.")
        return
    old, new = document_at(release), document()
    for line in retired(old, new):
        typer.echo(line)
    broken = list(breaking(old, new))
    for line in broken:
        typer.echo(line)
    if broken:
        raise typer.Exit(1)
    typer.echo(f"Nothing breaks for clients of {release}.")
