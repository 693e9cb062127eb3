"""Bars and lines as SVG that follows the reader's light or dark theme. Not here: what is drawn (plots.py)."""

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

WIDTH, LEFT, RIGHT, TOP = 760, 250, 96, 64
ROW = 26  # of a bar
ROOM = 70  # for a value beside a bar
PLOT, BASE = 240, 40  # height of a line chart, and of what stands below it
COLOURS = ("accent", "second", "third", "fourth")
STYLE = """
text { font: 13px Inter, system-ui, "Noto Sans CJK SC", sans-serif; fill: #3e4f57 }
.title { font-size: 16px; font-weight: 600; fill: #14232a } .small { font-size: 12px; fill: #5b6a71 }
.value { fill: #14232a; font-variant-numeric: tabular-nums } .ground { fill: #fff } .line { stroke: #e1e7e5 }
.accent { fill: #0b6b72; stroke: #0b6b72 } .second { fill: #e86714; stroke: #e86714 }
.third { fill: #5928a4; stroke: #5928a4 } .fourth { fill: #885e02; stroke: #885e02 }
.peer { fill: #c3cdca; stroke: #c3cdca } .must { stroke: #a8381c; stroke-dasharray: 3 3 }
polyline { fill: none !important }
@media (prefers-color-scheme: dark) {
text { fill: #b6c3c9 } .title, .value { fill: #e7eef0 } .small { fill: #93a2a9 } .ground { fill: #161d25 }
.line { stroke: #273440 } .accent { fill: #5cc4c4; stroke: #5cc4c4 } .second { fill: #f19d61; stroke: #f19d61 }
.third { fill: #8573cc; stroke: #8573cc } .fourth { fill: #ac891f; stroke: #ac891f }
.peer { fill: #3c4c59; stroke: #3c4c59 } .must { stroke: #ff9a7b } }
"""


class Bar(NamedTuple):
    """One row; `must` is a mark on it."""

    name: str
    value: float
    shown: str
    ours: bool = True
    must: float | None = None


class Line(NamedTuple):
    """One series of points."""

    name: str
    points: Sequence[tuple[float, float]]


class Axis(NamedTuple):
    """What a number's place is, and how it is written."""

    label: str
    log: bool = False
    write: Callable[[float], str] = "{:g}".format


def bars(title: str, note: str, rows: Sequence[Bar], *, log: bool = False) -> str:
    """Horizontal bars from a common left edge; a logarithmic scale begins a decade below the least."""
    most = max(max(row.value, row.must or 0) for row in rows)
    least = 10 ** (math.floor(math.log10(min(row.value for row in rows))) - 0.5) if log else 0.0
    place = _scale(least, most, LEFT, WIDTH - RIGHT, log)
    made = []
    for number, row in enumerate(rows):
        y = TOP + number * ROW
        end = place(row.value)
        made.append(f'<text x="{LEFT - 10}" y="{y + 14}" text-anchor="end">{escape(row.name)}</text>')
        made.append(
            f'<rect class="{"accent" if row.ours else "peer"}" x="{LEFT}" y="{y}" width="{max(end - LEFT, 1):.1f}"'
            f' height="{ROW - 8}" rx="3"/>'
        )
        if row.must:
            x = place(row.must)
            made.append(f'<line class="must" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 3}" y2="{y + ROW - 5}"/>')
        behind = row.must is not None and place(row.must) < end + ROOM
        after = (max(end, place(row.must)) if behind and row.must else end) + 8
        made.append(f'<text class="value" x="{after:.1f}" y="{y + 14}">{escape(row.shown)}</text>')
    return _picture(title, note, TOP + len(rows) * ROW + 12, made)


def lines(title: str, note: str, series: Sequence[Line], across: Axis, up: Axis) -> str:
    """Lines over a common scale that begins at 0, unless it is logarithmic."""
    xs = [x for line in series for x, _y in line.points]
    ys = [y for line in series for _x, y in line.points]
    bottom = TOP + 24 + PLOT
    at_x = _scale(min(xs), max(xs), 64, WIDTH - 24, across.log)
    at_y = _scale(min(ys) * 0.8 if up.log else 0.0, max(ys) * 1.05, bottom, TOP + 24, up.log)
    made = []
    for value in _steps(0.0 if not up.log else min(ys), max(ys), up.log):
        y = at_y(value)
        made.append(f'<line class="line" x1="64" x2="{WIDTH - 24}" y1="{y:.1f}" y2="{y:.1f}"/>')
        made.append(
            f'<text class="small" x="56" y="{y + 4:.1f}" text-anchor="end">{escape(up.write(value))}</text>'
        )
    made += [
        f'<text class="small" x="{at_x(value):.1f}" y="{bottom + 18}" text-anchor="middle">'
        f"{escape(across.write(value))}</text>"
        for value in _steps(min(xs), max(xs), across.log)
    ]
    place = 64.0
    for line, colour in zip(series, COLOURS, strict=False):
        points = " ".join(f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in line.points)
        made.append(f'<polyline class="{colour}" stroke-width="2" points="{points}"/>')
        if len(line.points) <= 12:
            made += [
                f'<circle class="{colour}" cx="{at_x(x):.1f}" cy="{at_y(y):.1f}" r="3"/>'
                for x, y in line.points
            ]
        made.append(f'<rect class="{colour}" x="{place:.0f}" y="{TOP - 6}" width="9" height="9"/>')
        made.append(f'<text x="{place + 15:.0f}" y="{TOP + 3}">{escape(line.name)}</text>')
        place += 34 + 7.2 * len(line.name)
    made.append(
        f'<text class="small" x="64" y="{bottom + 36}">{escape(across.label)}; {escape(up.label)}</text>'
    )
    return _picture(title, note, bottom + BASE + 6, made)


def _scale(least: float, most: float, begin: float, end: float, log: bool) -> Callable[[float], float]:
    if log:
        low, high = math.log10(max(least, 1e-9)), math.log10(most)
        return lambda value: (
            begin + (math.log10(max(value, 1e-9)) - low) / max(high - low, 1e-9) * (end - begin)
        )
    return lambda value: begin + (value - least) / max(most - least, 1e-9) * (end - begin)


def _steps(least: float, most: float, log: bool) -> list[float]:
    if log:
        low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
        fine = (1, 2, 5) if high - low <= 3 else (1,)
        found = [n * 10.0**power for power in range(low, high + 1) for n in fine]
        return [value for value in found if least <= value <= most * 1.001]
    rough = (most - least) / 4 or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= rough * 0.999)
    first = math.ceil(least / step)
    return [n * step for n in range(first, math.floor(most / step + 0.001) + 1)]


def _picture(title: str, note: str, height: float, made: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" role="img"'
        f' aria-label="{escape(title)}"><style>{STYLE}</style>'
        f'<rect class="ground" width="{WIDTH}" height="{height:.0f}" rx="10"/>'
        f'<text class="title" x="20" y="28">{escape(title)}</text>'
        f'<text class="small" x="20" y="46">{escape(note)}</text>'
    )
    return "\n".join([head, *made, "</svg>", ""])
