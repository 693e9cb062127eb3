"""Setting what a metric should come to. Not here: the page (kpi.py), how targets hold (metrics/facts/targets.py)."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from channels.queries import channels_of
from console.metric import kpi
from kernel import audit
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from metrics import query
from metrics.catalogue.base import Metric
from metrics.facts import changes, targets

LARGEST = Decimal(10) ** 15
FIELDS = ("value", "from", "to", "channel")
PERCENT = Decimal(100)


@require_POST
@access.require_role("analyst")
def keep(request: WorkspaceRequest, name: str) -> HttpResponse:
    """The target a person typed; what cannot be one is said under its field, with all that was typed kept."""
    metric = query.metric_named(name)
    typed = {field: request.POST.get(field, "").strip() for field in FIELDS}
    workspace = request.workspace
    channel = channels_of(workspace.pk).get(typed["channel"])
    value, first, last = _value(metric, typed["value"]), _date(typed["from"]), _date(typed["to"])
    wrong: dict[str, str] = {}
    if value is None:
        wrong["value"] = _("A number from 0 on, without a unit.")
    if first is None:
        wrong["from"] = _("The day from which it holds.")
    if typed["to"] and (last is None or (first and last < first)):
        wrong["to"] = _("A day that is not before the first, or nothing.")
    if typed["channel"] and channel is None:
        wrong["channel"] = _("There is no such channel.")
    if wrong or value is None or first is None:
        return kpi.page(request, name, typed | {"wrong": wrong, "open": True})
    _keep(request, metric, targets.Target(name, channel.pk if channel else 0, first, last, value, *_stamp()))
    said = format.in_unit(value, metric.unit, workspace.currency)
    where = shell.channel_name(channel) if channel else _("all channels together")
    messages.success(
        request,
        _("Target %(value)s holds from %(day)s for %(where)s.")
        % {"value": said, "day": format.day(first, year=True), "where": where},
    )
    return redirect(shell.in_period(request, "kpi", name))


def _keep(request: WorkspaceRequest, metric: Metric, target: targets.Target) -> None:
    workspace = request.workspace
    with transaction.atomic():
        targets.keep(connection, changes.settings_of(connection, workspace.pk), target)
        audit.by(
            request,
            "target.set",
            metric.name,
            **{
                "value": str(target.value),
                "from": str(target.first),
                "to": str(target.last) if target.last else None,
                "channel": target.channel_id or None,
            },
        )


def _stamp() -> tuple[Any, ...]:
    """When it was said and by which message, as a record has them."""
    now, key = timezone.now(), uuid.uuid4()
    return now, key, now, key, 0


def _value(metric: Metric, text: str) -> Decimal | None:
    """A number as typed; shares are typed in percent."""
    number = format.decimal(text.replace(",", "").replace("，", "").removesuffix("%").strip())
    if number is None or not number.is_finite() or not 0 <= number <= LARGEST:
        return None
    return number / PERCENT if metric.unit == "share" else number


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if shell.EARLIEST <= found <= shell.LATEST else None
