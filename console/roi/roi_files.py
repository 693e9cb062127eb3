"""What the page of joining shows as CSV: each metric of each channel, before and after, with what joining did to it.

Not here: the page (roi.py), what the figures are (metrics/roi).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import Http404, HttpResponseBase
from django.utils.translation import gettext as _

from channels.queries import channels_of
from console.metric import export
from console.roi import roi
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from metrics.roi import api


@access.require_role("viewer")
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """The answer to the page's question; 404 where there is none."""
    found, _problem = roi.read(request)
    if found is None:
        raise Http404
    said = api.answer(found)
    return export.answer(request, f"joining-{said['at']}-{said['window']}d", _head(), _rows(request, said))


def _head() -> list[str]:
    return [
        *(_("Metric"), _("Unit"), _("Channels"), _("Before"), _("After")),
        *(_("Effect of joining"), _("at least"), _("at most")),
        _("Why nothing can be told"),
    ]


def _rows(request: WorkspaceRequest, said: Mapping[str, Any]) -> Iterator[list[Any]]:
    known = {one.slug: one.name for one in channels_of(request.workspace.pk).values()}
    for one in said["kpis"]:
        effect = (one["effect"] or {}).get("relative") or {}
        sizes = [effect.get(name) for name in ("value", "low", "high")]
        refused = (one["refused"] or {}).get("message")
        groups = [(_("Joined"), one["joined"], [*sizes, refused]), (_("Others"), one["others"], [None] * 4)]
        each = [(known.get(line["channel"], line["channel"]), line, [None] * 4) for line in one["channels"]]
        for name, line, more in (*groups, *each):
            yield [one["label"], one["unit"], name, line["before"]["value"], line["after"]["value"], *more]
    money = said["money"]
    for name in ("won", "saved", "earned", "net", "roi"):
        part = money[name] or {}
        size = part.get("value", part) if name in ("won", "saved") else part
        refused = (part.get("refused") or {}).get("message") if name in ("won", "saved") else None
        unit = "share" if name == "roi" else money["currency"]
        yield [
            *(str(roi.NAMES[name]), unit, _("Joined"), None, None),
            *((size or {}).get(end) for end in ("value", "low", "high")),
            refused,
        ]
