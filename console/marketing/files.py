"""The pages of marketing as files: raw numbers. Not here: how a file is made (console/metric/export.py)."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from console.journey import base
from console.journey.base import Here
from console.journey.figures import chosen
from console.marketing import audiences, budget, campaigns
from console.metric import export
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from metrics.loyalty.worth import tidy
from metrics.marketing.curves import Curve

Line = tuple[Any, ...]
File = tuple[Line, Iterable[Line]]  # its head and its rows


@access.require_role("viewer")
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """The file of a page: `of` is one of KINDS, else that of the first page."""
    here = Here.of(request)
    kind = chosen(here.given, "of", tuple(KINDS))
    head, rows = KINDS[kind](here)
    return export.answer(request, f"{kind}-{here.period.first}-{here.period.last}", head, rows)


def _campaigns(here: Here) -> File:
    found = base.ask(here, campaigns.asking_for(chosen(here.given, "model", tuple(campaigns.MODELS))))
    head = (
        *(_("Campaign"), _("Channels"), _("Mediums"), _("First day"), _("Last day"), _("Spend")),
        *(_("Currency"), _("Touches"), _("Customers reached"), _("Credited orders"), _("Credited revenue")),
        *(_("ROAS"), _("ROI"), _("CPA"), _("Not converted")),
    )

    def row(one: Any) -> Line:
        credit = one.credit
        worth = [getattr(credit, name) for name in CREDIT] if credit else [None] * len(CREDIT)
        apart = [f"{value} {code}" for code, value in sorted(one.unconverted.items())]
        return (
            *(one.name, one.channels, one.mediums, one.first, one.last, one.spend, found.currency),
            *(one.touches, one.customers, *worth, apart),
        )

    return head, map(row, found.campaigns)


CREDIT: Final = ("conversions", "revenue", "roas", "roi", "cpa")


def _audiences(here: Here) -> File:
    found = base.ask(here, audiences.find)
    head = (_("What"), _("Campaign or touches"), _("Other campaign"), _("Customers"), _("Of"), _("Ordered"))

    def rows() -> Iterator[Line]:
        for pair in found.pairs:
            yield (_("reached by both"), pair.first, pair.second, pair.customers, pair.either, None)
        for one in found.frequency:
            yield (_("touches"), audiences.called(one), None, one.customers, None, one.converted)

    return head, rows()


def _budget(here: Here) -> File:
    found = base.ask(here, lambda asked, _given: budget.find(asked, {})).curves
    head = (
        *(_("Campaign"), _("Day"), _("Spend"), _("Credited revenue"), _("Expected"), _("Interval from")),
        *(_("Interval to"), _("Currency"), _("Note")),
    )

    def rows() -> Iterator[Line]:
        for one in found.campaigns:
            curve = one.curve
            for day, cost, worth in one.days:
                told = curve.interval(float(cost)) if isinstance(curve, Curve) else (None, None, None)
                ends = [None if value is None else f"{value:.2f}" for value in told]
                note = "" if isinstance(curve, Curve) else str(curve)
                amounts = [tidy(value, found.currency) for value in (cost, worth)]
                yield (one.campaign, day, *amounts, *ends, found.currency, note)

    return head, rows()


KINDS: Final[dict[str, Callable[[Here], File]]] = {
    "campaigns": _campaigns,
    "audiences": _audiences,
    "budget": _budget,
}
