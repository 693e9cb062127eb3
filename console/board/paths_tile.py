"""Paths as a tile: the most frequent, who went them, who ordered. Not here: their page (console/journey/paths.py)."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.board.content import Asked, Content
from console.board.journey_tile import Told, answered
from console.journey import base, paths
from kernel.web import format

DRAWN = 5  # paths; the table has paths.TOP


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Told):
    """The tile; without rows where nobody went any way."""

    drawn: list[paths.Row]
    rows: list[paths.Row]
    most: int  # customers of the most frequent one


def draw(asked: Asked) -> Content:
    """The tile. Raises Trouble for what cannot be asked, or answered now."""
    here, words = asked.here, base.Words(asked.request.workspace.pk)
    (question, found), as_of = answered(here, paths.most_frequent)
    given = paths.said(here.given)
    rows = paths.rows_of(question, found, words, paths.Links(here, given))
    shown = Shown(
        finding=_finding(rows),
        note=_("the first %(n)s places; a new path after a pause of %(time)s")
        % {"n": question.visits, "time": base.long(given["session"])},
        as_of=as_of,
        drawn=rows[:DRAWN],
        rows=rows,
        most=max((row.path.customers for row in rows), default=0),
    )
    return Content(template="board/_paths.html", shows=shown)


def _finding(rows: list[paths.Row]) -> str:
    """The most frequent path and what comes of it."""
    if not rows:
        return _("Nobody went any way in this period.")
    path = rows[0].path
    said = {
        "way": " → ".join(node.words for node in rows[0].nodes),
        "n": format.number(path.customers),
        "share": format.percent(path.converted / path.customers),
    }
    text = ngettext(
        "Most frequent is %(way)s: %(n)s customer, %(share)s of them ordered.",
        "Most frequent is %(way)s: %(n)s customers, %(share)s of them ordered.",
        path.customers,
    )
    return text % said
