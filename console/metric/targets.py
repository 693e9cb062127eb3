"""Setting what a metric should come to, and taking it back. Not here: the page (kpi.py), the form (target_form.py),
what a target asks of a period (metrics/targets.py)."""

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

from channels.models import Channel
from channels.queries import channels_of
from console.metric import kpi, target_form, target_status
from kernel import audit, normalise
from kernel.errors import BadRequest
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from metrics import query
from metrics import targets as goals
from metrics.catalogue.base import Metric
from metrics.facts import changes, targets
from metrics.facts.base import WORKSPACE

LARGEST = Decimal(10) ** 15
FIELDS = ("value", "period", "days", "from", "to", "channel")
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
    period = _period(metric, typed, wrong)
    if wrong or value is None or first is None:
        return kpi.page(request, name, typed | {"wrong": wrong, "open": True})
    place = channel.pk if channel else WORKSPACE
    author = request.user.get_username()
    _keep(
        request,
        metric,
        targets.Target(name, place, first, last, value, period, author, None, False, *_stamp()),
    )
    said, where = _said(request, metric, name, (place, first)), _where(channel)
    messages.success(
        request,
        _("Target %(value)s holds from %(day)s for %(where)s.")
        % {"value": said, "day": format.day(first, year=True), "where": where},
    )
    return redirect(shell.in_period(request, "kpi", name))


@require_POST
@access.require_role("analyst")
def remove(request: WorkspaceRequest, name: str) -> HttpResponse:
    """Takes back the target of a channel (empty: of all together) that begins on a day."""
    metric, workspace = query.metric_named(name), request.workspace
    channel = channels_of(workspace.pk).get(request.POST.get("channel", ""))
    first = _date(request.POST.get("from", ""))
    if first is None or (request.POST.get("channel") and channel is None):
        raise BadRequest(_("Say which target: by its first day and its channel."))
    key = (name, channel.pk if channel else WORKSPACE, first)
    said = _said(request, metric, name, key[1:])
    with transaction.atomic():
        settings = changes.settings_of(connection, workspace.pk)
        author = request.user.get_username()
        gone = targets.remove(connection, settings, key, author, timezone.now())
        if gone:
            _noted(request, "target.delete", metric, gone)
    told = {"value": said, "day": format.day(first, year=True), "where": _where(channel)}
    if gone:
        messages.success(request, _("Deleted: target %(value)s from %(day)s for %(where)s.") % told)
    else:
        messages.info(request, _("This target is not there any more."))
    return redirect(shell.in_period(request, "kpi", name) + "#target")


def _said(request: WorkspaceRequest, metric: Metric, name: str, key: tuple[int, date]) -> str:
    """A target that stands, in words."""
    found = next(
        (one for one in goals.targets(connection, request.workspace.pk, name) if one[1:3] == key), None
    )
    if found is None:
        return ""
    return target_status.amount(metric, found, goals.per_of(metric, found), request.workspace.currency)


def _where(channel: Channel | None) -> str:
    return shell.channel_name(channel) if channel else _("all channels together")


def _keep(request: WorkspaceRequest, metric: Metric, target: targets.Target) -> None:
    with transaction.atomic():
        targets.keep(connection, changes.settings_of(connection, request.workspace.pk), target)
        _noted(request, "target.set", metric, target)


def _noted(request: WorkspaceRequest, action: str, metric: Metric, target: targets.Target) -> None:
    audit.by(
        request,
        action,
        metric.name,
        **{
            "value": str(target.value),
            "period": target.period or None,
            "from": str(target.first),
            "to": str(target.last) if target.last else None,
            "channel": target.channel_id or None,
        },
    )


def _stamp() -> tuple[Any, ...]:
    """When it was said and by which message, as a record has them."""
    now, key = timezone.now(), uuid.uuid4()
    return now, key, now, key, 0


def _period(metric: Metric, typed: dict[str, str], wrong: dict[str, str]) -> str:
    """What it is per; what cannot be is put down as `wrong`. A ratio is the same in every period."""
    offered = [value for value, _words in target_form.periods(metric)]
    period = typed["period"] or (offered[0] if offered else "")
    if not offered:
        return ""
    if period not in offered:
        wrong["period"] = _("There is no such period.")
    if period == target_form.DAYS:
        days = normalise.whole(typed["days"], 1, goals.LONGEST)
        if days is None:
            wrong["days"] = _("A whole number of days, from 1 on.")
        return f"{days}d"
    if period == goals.WHOLE and not typed["to"]:
        wrong["to"] = _("All its days together need a last one.")
    return period


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
