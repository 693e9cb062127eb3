"""Small drawings as SVG attributes: sparklines, bars, bullets. No style, so that the strict policy holds.

Not here: charts with axes (static/js/charts.js).
"""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

SPARK_WIDTH, SPARK_HEIGHT, MARGIN = 84, 34, 3
FULL = 100.0  # a bar's width in its own units


class Spark(NamedTuple):
    """A sparkline: its line, the ground under it, its last point, the target's height, what of it is dotted."""

    line: str
    area: str
    x: float
    y: float
    target: float | None
    width: int = SPARK_WIDTH
    height: int = SPARK_HEIGHT
    dotted: str = ""  # what leads to a point that is not whole


def spark(
    values: Sequence[Any], target: Decimal | None = None, partial: Collection[int] = ()
) -> Spark | None:
    """A line through what is there; None when there are not two points to join. `partial`: places not whole yet."""
    points = [(i, float(value)) for i, value in enumerate(values) if value is not None]
    if len(points) < 2:
        return None
    every = [value for _i, value in points] + ([float(target)] if target is not None else [])
    low, high = min(every), max(every)
    span, last = (high - low) or 1.0, max(len(values) - 1, 1)

    def at(value: float) -> float:
        return round(SPARK_HEIGHT - MARGIN - (value - low) / span * (SPARK_HEIGHT - 2 * MARGIN), 1)

    drawn = [(round(1 + i / last * (SPARK_WIDTH - 5), 1), at(value)) for i, value in points]
    whole = "M" + "L".join(f"{x} {y}" for x, y in drawn)
    area = f"{whole}L{drawn[-1][0]} {SPARK_HEIGHT}L{drawn[0][0]} {SPARK_HEIGHT}Z"
    height = at(float(target)) if target is not None else None
    if not partial:
        return Spark(whole, area, *drawn[-1], height)
    pieces = list(zip(points, drawn, points[1:], drawn[1:], strict=False))
    parts = [
        "".join(
            f"M{x} {y}L{to_x} {to_y}"
            for (i, _from), (x, y), (j, _to), (to_x, to_y) in pieces
            if (i in partial or j in partial) is dotted
        )
        for dotted in (False, True)
    ]
    return Spark(parts[0], area, *drawn[-1], height, dotted=parts[1])


def width(part: Any, whole: Any) -> float:
    """How far a bar reaches, of 100."""
    top = float(whole or 0)
    return round(min(max(float(part or 0) / top, 0.0), 1.0) * FULL, 1) if top > 0 else 0.0
