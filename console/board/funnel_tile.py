"""A funnel as a tile: its steps with bars, shares and losses. Not here: its page (console/journey/funnel.py)."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from console.board.content import Asked, Content
from console.board.journey_tile import Told, answered
from console.journey import base, funnel


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Told):
    """The tile; without bars where nobody met the first step."""

    bars: list[funnel.Bar]
    broken_by: str  # a dimension that only its own page shows


def draw(asked: Asked) -> Content:
    """The tile. Raises Trouble for what cannot be asked, or answered now."""
    by = asked.here.given.get("by", "")
    here = asked.here._replace(
        given={name: value for name, value in asked.here.given.items() if name != "by"}
    )
    found, as_of = answered(here, funnel.find)
    words = base.Words(asked.request.workspace.pk)
    bars = funnel.bars_of(found, words, funnel.Links(here, found.given))
    shown = Shown(
        finding=funnel.finding(bars),
        note=_("within %(time)s of the first step") % {"time": base.long(found.given["window"])},
        as_of=as_of,
        bars=bars if bars[0].customers else [],
        broken_by=by,
    )
    return Content(template="board/_funnel.html", shows=shown)
