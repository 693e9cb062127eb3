"""A campaign's curve as it is drawn: days as dots, the curve in its band. Not here: how it is fitted."""

from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from kernel.web import format
from metrics.marketing.curves import Curve
from metrics.marketing.response import Response

WIDTH, HEIGHT, EDGE = 320, 160, 6
PARTS: Final = 24


class Day(NamedTuple):
    """A day as a dot, and in words."""

    x: str
    y: str
    tip: str


class Point(NamedTuple):
    """A point of the curve as a row of its table."""

    spend: str
    credit: str
    range: str


class Drawing(NamedTuple):
    """Texts of an SVG, and the same as a table."""

    band: str
    line: str
    days: list[Day]
    most_spend: str
    most_credit: str
    points: list[Point]
    say: str


def drawn(one: Response, curve: Curve, currency: str) -> Drawing:
    """The curve from nothing to the most that was spent on a day."""
    places = [curve.most * n / PARTS for n in range(PARTS + 1)]
    ranges = [curve.interval(place) for place in places]
    credits_ = [float(worth) for _day, _cost, worth in one.days]
    top = max([*credits_, *(each.high for each in ranges)], default=0) or 1.0

    def at(spend: float, credit: float) -> tuple[str, str]:
        x = EDGE + spend / curve.most * (WIDTH - 2 * EDGE)
        y = HEIGHT - EDGE - min(max(credit / top, 0), 1) * (HEIGHT - 2 * EDGE)
        return f"{x:.1f}", f"{y:.1f}"

    def path(values: list[tuple[float, float]]) -> str:
        return " ".join(",".join(at(*pair)) for pair in values)

    upper = [(place, each.high) for place, each in zip(places, ranges, strict=True)]
    lower = [(place, each.low) for place, each in zip(places, ranges, strict=True)]
    middle = [(place, each.value) for place, each in zip(places, ranges, strict=True)]
    return Drawing(
        path([*upper, *reversed(lower)]),
        path(middle),
        [
            Day(*at(float(cost), float(worth)), _tip(day, cost, worth, currency))
            for day, cost, worth in one.days
        ],
        format.money_short(round(curve.most, 2), currency),
        format.money_short(round(top, 2), currency),
        [
            Point(
                format.money_short(round(place, 2), currency),
                format.money_short(round(each.value, 2), currency),
                _("%(low)s to %(high)s")
                % {
                    "low": format.money_short(round(each.low, 2), currency),
                    "high": format.money_short(round(each.high, 2), currency),
                },
            )
            for place, each in list(zip(places, ranges, strict=True))[:: PARTS // 6]
        ],
        _("%(campaign)s: credit of a day by what was spent on it, up to %(most)s")
        % {"campaign": one.campaign, "most": format.money_short(round(curve.most, 2), currency)},
    )


def _tip(day: object, cost: object, worth: object, currency: str) -> str:
    return _("%(day)s: %(spend)s spent, %(credit)s credited") % {
        "day": format.day(day),
        "spend": format.money(cost, currency),
        "credit": format.money(worth, currency),
    }
