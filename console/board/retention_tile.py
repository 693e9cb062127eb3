"""Retention as a tile: the newest cohorts, the first intervals. Not here: its page (console/journey/retention.py)."""

from dataclasses import dataclass

from console.board.content import Asked, Content
from console.board.journey_tile import Told, answered
from console.journey import retention
from console.journey.cohorts import Matrix, Mean, Row
from kernel.web import format

ROWS, COLUMNS = 7, 6  # cohorts and intervals that are drawn; the table has all


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Told):
    """The tile; without rows where nobody began."""

    columns: list[str]
    drawn: list[Row]
    rows: list[Row]
    means: list[Mean]
    total: str
    everybody: str  # the address of all of them
    on: str
    size: int  # columns that are drawn


def draw(asked: Asked) -> Content:
    """The tile. Raises Trouble for what cannot be answered now."""
    question, shown, days = retention.wanted(asked.here)
    whole = question._replace(by="")
    found, as_of = answered(asked.here, retention.asking_for(whole, days))
    matrix = Matrix(asked.here, found, whole, shown, days)
    rows = matrix.rows if matrix.size else []
    drawn = rows[-ROWS:]
    size = max((n for row in drawn for n, cell in enumerate(row.cells[:COLUMNS], 1) if cell), default=0)
    tile = Shown(
        finding=matrix.finding,
        note=format.days(days.first, days.last),
        own_days=True,
        as_of=as_of,
        columns=matrix.columns,
        drawn=[row._replace(cells=row.cells[:size]) for row in drawn],
        rows=rows,
        means=matrix.means(matrix.cohorts),
        total=format.number(matrix.size),
        everybody=matrix.everybody(0) if matrix.size else "",
        on=question.on,
        size=size,
    )
    return Content(template="board/_retention.html", shows=tile)
