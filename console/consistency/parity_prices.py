"""A price as a cell of the matrix, and a price to move, in words. Not here: which differ (metrics/assortment)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from channels.models import Channel
from kernel.web import format
from metrics.assortment.comparing import Held, Move
from metrics.assortment.parity import Sku
from metrics.assortment.rules import Rules

FAR: Final = Decimal("0.08")  # from the usual price: not only marked, but loudly
TONES: Final = ("", "hi", "hit")


@dataclass(frozen=True, slots=True)
class Cell:
    """A price on a channel. `tone`: one of TONES, or off where it is not compared."""

    text: str
    note: str
    tone: str
    tip: str


@dataclass(frozen=True, slots=True)
class Way:
    """A price to move."""

    channel: Channel | None
    before: str
    after: str


def cells(sku: Sku, columns: Sequence[Channel], rules: Rules) -> list[Cell | None]:
    """The prices of a SKU on some channels, in their order; None: it has none there."""
    by_channel = {one.channel: one for one in sku.prices}
    return [
        _cell(by_channel[channel.pk], sku, rules) if channel.pk in by_channel else None for channel in columns
    ]


def price(value: Decimal, currency: str) -> str:
    """A price beside many others: without cents where it has none, so that a row of channels fits."""
    if value != value.to_integral_value():
        return format.money(value, currency)
    return format.symbol(currency) + format.number(value, 0)


def _cell(one: Held, sku: Sku, rules: Rules) -> Cell:
    text = price(one.price, one.currency)
    since = _("since %(time)s") % {"time": format.moment(one.at)}
    if one.worth is None:
        return Cell(text, _("no rate"), "off", since)
    if one.allowed:
        return Cell(text, _("may differ"), "off", f"{since}; {one.promotion}" if one.promotion else since)
    usual = sku.judged.usual
    if not usual or one.worth == usual or sku.judged.agree is not False:
        return Cell(text, "", "", since)
    part = (one.worth - usual) / usual
    far = abs(part)
    tone = "" if far <= rules.tolerance else "hit" if far > FAR else "hi"
    sign = "+" if part > 0 else format.MINUS
    return Cell(text, f"{sign}{format.percent(far)}", tone, since)


def way(move: Move, channels: Mapping[int, Channel]) -> Way:
    """A move in words."""
    return Way(
        channels.get(move.channel),
        price(move.before, move.currency),
        price(move.after, move.currency),
    )
