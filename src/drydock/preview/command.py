"""`drydock preview`: what answers would make, rendered into memory and shown."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drydock import answers, display, repository, source
from drydock.preview import differences, paths, show
from drydock.rendering import loaded
from drydock.series import File, Series
from drydock.source import Source
from drydock.status.upstream import location_of
from drydock.update import service

# What a service is called that has no folder.
NAMELESS = "service"


@dataclass(frozen=True)
class Options:
    """What the command line asks for.

    `versus` are pairs that make another set of the answers, and `of` the folder of a service whose
    answers are the ones to begin with.
    """

    data: Sequence[str] = ()
    data_file: Path | None = None
    versus: Sequence[str] = ()
    of: Path | None = None
    template: str | None = None
    ref: str | None = None


@dataclass(frozen=True)
class Base:
    """What a preview begins with: a template, the name of the folder, and answers."""

    source: Source
    name: str = NAMELESS
    answers: Mapping[str, Any] = field(default_factory=dict)


def preview(path: str, options: Options) -> None:
    """Show a tree or a file, or with `versus` how two sets of answers differ in them.

    Raises:
        Refused: for answers that are not valid, and for a path that they do not make.
    """
    repository.check_git()
    given = answers.gather(options.data, options.data_file)
    others = answers.gather(options.versus, None)
    base, path = base_of(options), paths.normal(path)
    sets = [dict(base.answers) | given]
    if others:
        sets.append(sets[0] | others)
    rendered = render(base, sets, given | others)
    paths.check(path, *rendered)
    chosen = [paths.chosen(path, files) for files in rendered]
    if others:
        differences.show(*chosen, title=" ".join(options.versus))
    else:
        show.show(chosen[0], path or base.name)


def base_of(options: Options) -> Base:
    """Begin with the answers of a service, at its version of its template, or with none.

    Raises:
        Refused: where there is no such service or no such template.
    """
    if options.of is None:
        return Base(source.find(options.template, options.ref))
    found = service.find(options.of)
    origin = (
        source.find(options.template, options.ref)
        if options.template
        else Source(location_of(found), options.ref or found.version)
    )
    return Base(origin, found.folder.name, found.answers)


def render(
    base: Base, sets: Sequence[Mapping[str, Any]], typed: Mapping[str, Any]
) -> list[Mapping[str, File]]:
    """Render a new service for each set of answers, into memory; `typed` is checked first.

    Raises:
        Refused: where an answer is not valid, or the template cannot be had.
    """
    with tempfile.TemporaryDirectory(prefix="drydock-") as place:
        folder = Path(place, base.name)
        with loaded(base.source, folder) as found, display.working("Rendering"):
            answers.check(typed, found.questions)
            # What a service once answered may be no question of this version.
            asked = [
                {name: value for name, value in each.items() if name in found.questions}
                for each in sets
            ]
            series = Series(base.source, found.clone)
            return [series.files(folder, each, "copy") for each in asked]
