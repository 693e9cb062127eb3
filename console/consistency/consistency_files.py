"""What the page of consistency shows as CSV: channels against the mean, gaps and who left, the gaps that cost most.

Not here: the page (consistency.py), what the figures are (metrics/consistency).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.http import Http404, HttpResponseBase
from django.utils.translation import gettext as _

from channels.queries import channels_of
from console.consistency import consistency
from console.journey import base
from console.metric import export
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from metrics.consistency import api
from metrics.consistency.standing import MEASURES

PARTS: Final = ("channels", "churn", "gaps")
Said = Mapping[str, Any]  # as the API answers


@access.require_role("viewer")
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """A part of the page (`of`), whole, as this person may see it; 404 where nothing can be answered."""
    part = request.GET.get("of", PARTS[0])
    found, _problem, _within = consistency.read(base.Here.of(request))
    if part not in PARTS or found is None:
        raise Http404
    said = api.answer(found, masked=request.access.masked)
    days = found.asked.days
    head, rows = {"channels": _channels, "churn": _churn, "gaps": _gaps}[part](request, said)
    return export.answer(request, f"consistency-{part}-{days.first}-{days.last}", head, rows)


Table = tuple[list[str], Iterator[list[Any]]]


def _channels(request: WorkspaceRequest, said: Said) -> Table:
    known = {one.slug: one.name for one in channels_of(request.workspace.pk).values()}
    head = [
        *(_("Channel"), _("Metric"), _("Unit"), _("Value"), _("Numerator"), _("Denominator")),
        *(_("Mean of all"), _("Apart from it")),
    ]

    def rows() -> Iterator[list[Any]]:
        for line in said["channels"]:
            for one in MEASURES:
                cell = line[one.name]
                yield [
                    *(
                        known.get(line["channel"], line["channel"]),
                        str(consistency.COLUMNS[one.name]),
                        one.unit,
                    ),
                    *(cell[name] for name in ("value", "numerator", "denominator")),
                    *(said["mean"][one.name], cell["apart"]),
                ]

    return head, rows()


def _churn(_request: WorkspaceRequest, said: Said) -> Table:
    head = [
        *(_("Gap"), _("Met it"), _("of these left"), _("Did not meet it"), _("of these left")),
        *(_("Left, met it, alike"), _("Left, did not, alike"), _("Difference"), _("at least"), _("at most")),
        _("Why nothing can be told"),
    ]

    def rows() -> Iterator[list[Any]]:
        for one in said["churn"]["gaps"]:
            alike, refused = one["matched"] or {}, one["refused"] or {}
            difference = alike.get("difference", {})
            yield [
                str(consistency.KINDS[one["gap"]]),
                *(one[name] for name in ("met", "met_left", "not_met", "not_met_left")),
                *(alike.get(name) for name in ("share_met", "share_not_met")),
                *(difference.get(name) for name in ("value", "low", "high")),
                refused.get("message"),
            ]

    return head, rows()


def _gaps(request: WorkspaceRequest, said: Said) -> Table:
    known = {one.slug: one.name for one in channels_of(request.workspace.pk).values()}
    head = [
        *(_("Gap"), _("Channel"), _("SKU"), _("Name"), _("Customers"), _("Times")),
        *(_("Cost"), _("at least"), _("at most"), _("Currency")),
    ]

    def rows() -> Iterator[list[Any]]:
        for one in said["gaps"]:
            cost = one["cost"] or {}
            yield [
                *(str(consistency.KINDS[one["gap"]]), known.get(one["channel"], one["channel"])),
                *(one[name] for name in ("sku", "name", "customers", "times")),
                *(cost.get(name) for name in ("value", "low", "high")),
                said["currency"],
            ]

    return head, rows()
