"""Draws what a terminal showed, moment after moment, as one SVG that needs no script.

The moments stand side by side in a strip, and CSS moves the strip. Whoever wants no motion sees the
last one. A line that several moments have is drawn once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

CELL, LINE, MARGIN, BAR = 8.43, 19, 14, 34
# The colours of a terminal by pyte's names, on a dark page and on a light one.
COLOURS = {
    "black": ("#8b949e", "#57606a"),
    "red": ("#ff7b72", "#cf222e"),
    "green": ("#56d364", "#1a7f37"),
    "brown": ("#e3b341", "#9a6700"),
    "blue": ("#79c0ff", "#0969da"),
    "magenta": ("#d2a8ff", "#8250df"),
    "cyan": ("#56d4dd", "#1b7c83"),
}


@dataclass(frozen=True)
class Run:
    """Cells of a line that look alike: `style` is a space-separated list of classes."""

    column: int
    text: str
    style: str


Lines = tuple[tuple[Run, ...], ...]


@dataclass(frozen=True)
class Moment:
    """What a terminal showed, where its cursor was, and for how many seconds."""

    lines: Lines
    cursor: tuple[int, int]
    seconds: float


def strip(moments: Sequence[Moment], columns: int, said: str) -> str:
    """Draw the moments; `said` is for whoever does not see them."""
    rows = max(len(moment.lines) for moment in moments)
    width, height = round(columns * CELL + 2 * MARGIN), rows * LINE + BAR + MARGIN
    known: dict[tuple[Run, ...], int] = {}
    frames = ""
    for number, moment in enumerate(moments):
        frames += f'<g transform="translate({number * width} {BAR})">'
        for row, line in enumerate(moment.lines):
            if line:
                name = known.setdefault(line, len(known))
                frames += f'<use href="#l{name}" y="{row * LINE}"/>'
        row, column = moment.cursor
        frames += (
            f'<rect class="cursor" x="{MARGIN + column * CELL:.1f}" y="{row * LINE}" '
            f'width="{CELL}" height="{LINE - 2}"/></g>\n'
        )
    drawn = "".join(
        f'<g id="l{name}">{"".join(map(cells, line))}</g>\n' for line, name in known.items()
    )
    dots = "".join(f'<circle cx="{20 + 18 * n}" cy="17" r="5" class="dot"/>' for n in range(3))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img">\n<title>{escape(said)}</title>\n'
        f"<style>{style(moments, width)}</style>\n<defs>\n{drawn}</defs>\n"
        f'<rect class="page" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8"/>\n'
        f'{dots}\n<g class="strip">\n{frames}</g>\n</svg>\n'
    )


def cells(run: Run) -> str:
    """Draw cells in their columns, whatever font the reader has."""
    length = f'textLength="{len(run.text) * CELL:.1f}" lengthAdjust="spacingAndGlyphs"'
    place = f'x="{MARGIN + run.column * CELL:.1f}" y="14"'
    chosen = f' class="{run.style}"' if run.style else ""
    return f"<text {place} {length}{chosen}>{escape(run.text)}</text>"


def style(moments: Sequence[Moment], width: int) -> str:
    """Write how it looks on each kind of page, and when the strip moves."""
    dark = "".join(f".{name}{{fill:{colour}}}" for name, (colour, _) in COLOURS.items())
    light = "".join(f".{name}{{fill:{colour}}}" for name, (_, colour) in COLOURS.items())
    seconds, steps = sum(moment.seconds for moment in moments), ""
    begun = 0.0
    for number, moment in enumerate(moments):
        steps += f"{100 * begun / seconds:.3f}%{{transform:translateX({-number * width}px)}}"
        begun += moment.seconds
    last = f"transform:translateX({-(len(moments) - 1) * width}px)"
    return (
        "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre;"
        "fill:#e6edf3}.bold{font-weight:700}"
        ".page{fill:#0d1117;stroke:#30363d}.dot{fill:#30363d}.cursor{fill:#8b949e;opacity:.6}"
        f"{dark}.strip{{{last};animation:play {seconds:.1f}s step-end infinite}}"
        f"@keyframes play{{{steps}100%{{{last}}}}}"
        "@media(prefers-color-scheme:light){text{fill:#24292f}.page{fill:#fff;stroke:#d0d7de}"
        f".dot{{fill:#d0d7de}}.cursor{{fill:#57606a}}{light}}}"
        "@media(prefers-reduced-motion:reduce){.strip{animation:none}}"
    )
