"""What the page of stock shows as CSV: stock positions, transfers, oversold orders. Not here: the page (stock.py)."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db import connection
from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from console.consistency import shelf
from console.consistency.stock import PARTS, WORDS
from console.metric import export
from kernel.periods import utc_text
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from metrics import query
from metrics.assortment import stock, stock_api

PER_READ: Final = 500


@access.require_role("viewer")
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """The part of the page that is shown, whole, as CSV, as this person may see it."""
    asked = shelf.Asked(request)
    part, state = asked.chosen("part", tuple(PARTS), "shelves"), asked.chosen("state", tuple(WORDS))
    if part == "transfers":
        return export.answer(request, f"transfers-{asked.about.day}", _transfers_head(), _transfers(asked))
    if part == "oversold":
        return export.answer(request, f"oversold-{asked.about.day}", _oversold_head(), _oversold(asked))
    return export.answer(request, f"stock-{asked.about.day}", _shelves_head(), _shelves(asked, state))


def _shelves_head() -> list[str]:
    return [
        *(_("SKU"), _("Name"), _("Category"), _("Channel"), _("Level"), _("State"), _("Days known")),
        *(_("Days without stock"), _("Stock-outs"), _("Sold, 30 days"), _("Sold a day"), _("Days of cover")),
        *(_("Turnover"), _("Pieces not sold"), _("at least"), _("at most"), _("Sales lost"), _("at least")),
        *(_("at most"), _("Worth at cost")),
    ]


def _shelves(asked: shelf.Asked, state: str) -> Iterator[Iterable[Any]]:
    found = stock.items(connection, asked.about)
    for one in found:
        if state and one.state != state:
            continue
        said = stock_api.item_json(one, asked.settings, masked=asked.masked)
        yield [
            *(said[name] for name in ("sku", "name", "category", "channel", "level", "state", "days")),
            *(
                said[name]
                for name in ("days_out", "stock_outs", "units", "daily", "days_of_cover", "turnover")
            ),
            *(said[name] for name in ("lost_units", "lost_units_low", "lost_units_high")),
            *(said[name] for name in ("lost_sales", "lost_sales_low", "lost_sales_high", "value")),
        ]


def _transfers_head() -> list[str]:
    return [
        *(_("SKU"), _("Name"), _("From channel"), _("To channel"), _("Pieces")),
        *(_("Cover there, before"), _("Cover there, after"), _("Turnover, before"), _("Turnover, after")),
        *(_("Pieces sold more"), _("Sales more")),
    ]


def _transfers(asked: shelf.Asked) -> Iterator[Iterable[Any]]:
    found = stock.items(connection, asked.about)
    by_item = {(one.sku, one.channel): one for one in found}
    for move in stock.moves(found):
        said = stock_api.transfer_json(move, by_item, asked.settings, masked=asked.masked)
        target = said["target"]
        yield [
            *(said[name] for name in ("sku", "name", "from", "to", "pieces")),
            *(target["days_of_cover"], target["days_of_cover_after"]),
            *(said[name] for name in ("turnover", "turnover_after", "units_more", "sales_more")),
        ]


def _oversold_head() -> list[str]:
    return [
        *(_("Order"), _("Channel"), _("Order time"), _("SKU"), _("Name"), _("Quantity"), _("Level")),
        *(_("State"), _("Message")),
    ]


def _oversold(asked: shelf.Asked) -> Iterator[Iterable[Any]]:
    at = None
    while True:
        page = stock.oversold(connection, asked.about, at, PER_READ)
        for one in page.items:
            yield [
                *(asked.said(one.order_id), one.channel, utc_text(one.at), asked.said(one.sku)),
                *(asked.said(one.name), query.text(one.quantity), query.text(one.level), one.state),
                asked.said(one.message_id),
            ]
        at = page.next
        if at is None:
            return
