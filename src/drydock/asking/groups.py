"""Which group a question belongs to: that of the heading above it in copier.yml.

A heading is a comment such as `# ------------ Data`, with ten dashes or more. For Copier it is a
comment and no more, so a template without headings is asked all the same.
"""

import re

import yaml

HEADING = re.compile(r"# -{10,} (.+?)\s*")


def groups(interview: str) -> dict[str, str]:
    """Name the group of each key in the text of a copier.yml; empty above the first heading."""
    lines = interview.splitlines()
    headings = [HEADING.fullmatch(line) for line in lines]
    found = {}
    for document in yaml.compose_all(interview, Loader=yaml.SafeLoader):
        if not isinstance(document, yaml.MappingNode):
            continue
        for key, _ in document.value:
            above = (each[1] for each in reversed(headings[: key.start_mark.line]) if each)
            found[str(key.value)] = next(above, "")
    return found
