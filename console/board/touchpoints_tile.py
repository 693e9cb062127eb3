"""Touchpoints as a tile: differences with their intervals. Not here: their page (console/journey/touchpoints.py)."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from console.board.content import Asked, Content
from console.board.journey_tile import Told, answered
from console.journey import base, touchpoints
from metrics.journeys.touchpoints import Effect

DRAWN = 6  # differences: the surest and largest; the table has all


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Told):
    """The tile; without rows where nobody met any."""

    drawn: list[touchpoints.Row]
    parts: list[touchpoints.Part]
    more: int  # differences that only the table has


def draw(asked: Asked) -> Content:
    """The tile. Raises Trouble for what cannot be answered now."""
    here = asked.here
    within, alike = touchpoints.wanted(here.given)
    found, as_of = answered(here, touchpoints.asking_for(within, alike=alike))
    address = touchpoints.leading(here, within)
    met = any(one.with_.customers for one in found.effects)
    compared = sorted((one for one in found.effects if one.repurchase.difference), key=_size)
    note = _("bought again within %(time)s, those alike; no proof of cause") if alike else ""
    shown = Shown(
        finding=touchpoints.finding(found.effects),
        note=(note or _("bought again within %(time)s; no proof of cause")) % {"time": base.long(within)},
        as_of=as_of,
        drawn=touchpoints.rows_of(compared[:DRAWN], "repurchase", address) if met else [],
        parts=touchpoints.parts_of(found.effects, address) if met else [],
        more=len(compared[DRAWN:]),
    )
    return Content(template="board/_touchpoints.html", shows=shown)


def _size(effect: Effect) -> tuple[bool, float]:
    """What is surely a difference first, then the largest."""
    one = effect.repurchase.difference
    if one is None:
        return True, 0.0
    return not (one.low > 0 or one.high < 0), -abs(one.value)
