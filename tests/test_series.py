"""Rendering into memory gives what Copier writes, however many services share a template."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from drydock.errors import Refused
from drydock.rendering import loaded
from drydock.series import LINK, PLAIN, PROGRAM, File, Series
from drydock.source import Source
from drydock.update.service import ANSWERS
from tests.command import contents
from tests.harness.variants import array, render, render_in_series
from tests.updating import everything

# Paths that loop, that vanish, that ask for the file of answers; and what is not the template's.
CONFIG = """
_subdirectory: tree
_preserve_symlinks: true
_exclude: ["{% if _copier_operation == 'update' %}once{% endif %}"]
_skip_if_exists: [kept]
_external_data: {extra: "{{ shout | default('early') }}.yml"}
name: {type: str, default: a}
early: {type: str, default: "{{ _external_data.extra.word }}", when: false}
shout: {type: str, default: "{{ name | upper }}", when: false}
"""
TREE = {
    "{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers | to_nice_yaml }}",
    "{% yield each from ['x', name] %}{{ each }}{% endyield %}/{{ name }}.txt.jinja": "{{ each }}",
    "{% if name == 'a' %}only{% endif %}/file": "{{ name }} as it is\n",
    "{# nothing #}gone": "",
    "shouted.jinja": "{% set words = _external_data.extra %}"
    "{{ shout }} in {{ _folder_name }}: {{ early }}, {{ words.word }}\n",
    "once": "the owner's from then on",
    "kept": "the owner's where there is one",
    "program": "#!/bin/sh\n",
}
# What it reads while it asks, and once all is answered.
WORDS = {f"{word}.yml": f"word: {word}\n".encode() for word in ("early", "A", "B")}


def folder_of(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Make a folder with files in it."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def written(source: Source, folder: Path, answers: dict[str, Any]) -> dict[str, File]:
    """Render with Copier alone, and give the files that it wrote."""
    before = set(folder.iterdir())
    with loaded(source, folder) as template:
        template.render(answers, ask=False, operation="update")
    return {
        str(path.relative_to(folder)): (
            File(LINK, str(path.readlink()).encode())
            if path.is_symlink()
            else File(PROGRAM if path.stat().st_mode & 0o100 else PLAIN, path.read_bytes())
        )
        for path in set(folder.rglob("*")) - before
        if path.is_symlink() or path.is_file()
    }


def test_the_template_is_rendered_as_copier_writes_it(template: Path, tmp_path: Path) -> None:
    source = Source(str(template), None)
    series = Series(source, template)
    for number, variant in enumerate(array(2)[:3]):
        name, answers = f"service-{number}", variant.data()
        files = written(source, folder_of(tmp_path / name, {}), answers)
        folder = folder_of(tmp_path / "again" / name, {ANSWERS: files[ANSWERS].content})
        assert series.files(folder, answers) == files
        assert len(files) > 100
        assert set(contents(folder)) == {ANSWERS}


def test_a_new_service_is_written_as_copier_writes_it(template: Path, tmp_path: Path) -> None:
    for variant in array(2)[3:6]:
        name, answers = str(variant), variant.data()
        tree = render_in_series(answers, tmp_path / "series" / name, template)
        assert everything(tree) == everything(render(answers, tmp_path / "copier" / name, template))


def test_whatever_a_template_does_with_paths(tmp_path: Path) -> None:
    template = tmp_path / "template"
    for name, text in TREE.items():
        file = template / "tree" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (template / "tree/program").chmod(0o755)
    (template / "tree/link").symlink_to("shouted")
    (template / "copier.yml").write_text(CONFIG, encoding="utf-8")
    source = Source(str(template), None)
    series = Series(source, template)
    for number, name in enumerate(("a", "b", "a")):
        files = written(source, folder_of(tmp_path / f"{number}/service", WORDS), {"name": name})
        remembered = WORDS | {ANSWERS: files[ANSWERS].content}
        folder = folder_of(tmp_path / f"{number}/again/service", remembered)
        assert files.pop("kept")
        assert series.files(folder, {"name": name}) == files
        assert set(files) == {
            *(ANSWERS, f"x/{name}.txt", f"{name}/{name}.txt"),
            *("gone", "shouted", "program", "link"),
            *(["only/file"] if name == "a" else []),
        }
        text = f"{name.upper()} in service: early, {name.upper()}\n"
        assert files["shouted"].content.decode() == text
        assert (files["program"].mode, files["link"]) == (PROGRAM, File(LINK, b"shouted"))


def test_what_is_no_template_is_refused(template: Path, tmp_path: Path) -> None:
    (tmp_path / "copier.yml").write_text("_jinja_extensions: [no.such]\nname: {type: str}\n")
    with pytest.raises(Refused, match="fails"):
        Series(Source(str(tmp_path), None), tmp_path)
    with pytest.raises(Refused, match="layout: 'round' is not one of domain, layered"):
        Series(Source(str(template), None), template).files(tmp_path, {"layout": "round"})
