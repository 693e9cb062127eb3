"""Setting what a metric should come to. Not here: the page (kpi.py), how targets hold (metrics/facts/targets.py)."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cdp.kernel import access, speech, web
from cdp.kernel.models import Audit
from cdp.pages import kpi
from channels.models import Channel
from metrics import query
from metrics.catalogue.base import Metric
from metrics.facts import book, targets

LARGEST = Decimal(10) ** 15
FIELDS = ("value", "from", "to", "channel")
PERCENT = Decimal(100)


@require_POST
@access.needs("analyst")
def keep(request: HttpRequest, name: str) -> HttpResponse:
    """The target a person typed; what cannot be one is said under its field, with all that was typed kept."""
    metric = query.metric_named(name)
    typed = {field: request.POST.get(field, "").strip() for field in FIELDS}
    workspace = request.workspace  # type: ignore[attr-defined]
    channel = Channel.objects.filter(workspace=workspace, slug=typed["channel"] or "-").first()
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
    said = speech.in_unit(value, metric.unit, workspace.currency)
    where = web.channel_name(channel) if channel else _("all channels together")
    messages.success(
        request,
        _("Target %(value)s holds from %(day)s for %(where)s.")
        % {"value": said, "day": speech.day(first, year=True), "where": where},
    )
    return redirect(web.in_period(request, "kpi", name))


def _keep(request: HttpRequest, metric: Metric, target: targets.Target) -> None:
    workspace = request.workspace  # type: ignore[attr-defined]
    with transaction.atomic():
        targets.keep(connection, book.place(connection, workspace.pk), target)
        Audit.objects.create(
            workspace=workspace,
            actor=request.user.get_username(),
            action="target.set",
            target=metric.name,
            detail={
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
    number = speech.decimal(text.replace(",", "").replace("，", "").removesuffix("%").strip())
    if number is None or not number.is_finite() or not 0 <= number <= LARGEST:
        return None
    return number / PERCENT if metric.unit == "share" else number


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if web.EARLIEST <= found <= web.LATEST else None
