"""Who are they? Find one, or a kind. Not here: how they are found (profiles/queries.py)."""

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cdp.kernel import access, speech, web
from cdp.kernel.errors import BadRequest
from channels.models import Channel
from profiles import queries

PER_PAGE = 50
DATES = ("first_seen_after", "first_seen_before", "last_seen_after", "last_seen_before")
NUMBERS = ("orders_min", "revenue_min")
FILTERS = ("search", "identifier", *DATES, *NUMBERS)


@access.needs("viewer")
def show(request: HttpRequest) -> HttpResponse:
    """The list: what the address asks for, a page of it."""
    workspace = request.workspace  # type: ignore[attr-defined]
    channels = {
        channel.slug: channel for channel in Channel.objects.filter(workspace=workspace).order_by("id")
    }
    given, problem = _given(request), ""
    ordering, at = request.GET.get("ordering", ""), request.GET.get("cursor") or None
    try:
        page = queries.find(connection, workspace, given, at, PER_PAGE, ordering)
        count = queries.count(connection, workspace, given)
    except BadRequest as wrong:
        given, problem = {}, str(wrong)
        page, count = (
            queries.find(connection, workspace, {}, None, PER_PAGE),
            queries.count(connection, workspace, {}),
        )
    every = queries.count(connection, workspace, {}) if given else count
    rows = [
        item | {"channels": [channels[slug] for slug in item["channels"] if slug in channels]}
        for item in page.items
    ]
    values = {
        "rows": rows,
        "page": page,
        "given": given,
        "problem": problem,
        "channels": list(channels.values()),
        "chips": _chips(request, given, channels),
        "ordering": ordering or queries.DEFAULT_ORDERING,
        "count": capped(count),
        "every": capped(every),
        "finding": _finding(workspace, given, count, every, len(channels), rows),
        "search_text": given.get("search", ""),
        "widest": _widest(workspace, given, request, channels) if given and not rows else None,
        "nobody": not every,
    }
    return render(request, "cdp/customers.html", values)


def capped(count: int) -> str:
    """A count, honest about where counting stopped."""
    return f"{queries.COUNT_CAP:,}+" if count > queries.COUNT_CAP else f"{count:,}"


def _given(request: HttpRequest) -> dict[str, Any]:
    """The filters of the address that are not empty."""
    given: dict[str, Any] = {name: text for name in FILTERS if (text := request.GET.get(name, "").strip())}
    if slugs := [slug for slug in request.GET.getlist("channel") if slug]:
        given["channel"] = slugs
    return given


def _phrase(name: str, value: Any, channels: dict[str, Channel]) -> tuple[str, str]:
    """A filter as the two halves of a sentence."""
    if name == "channel":
        return _("Seen on"), _(" or ").join(web.channel_name(channels.get(slug, slug)) for slug in value)
    words = {
        "search": _("Found by"),
        "identifier": _("Has the identifier"),
        "first_seen_after": _("First seen since"),
        "first_seen_before": _("First seen before"),
        "last_seen_after": _("Last seen since"),
        "last_seen_before": _("Last seen before"),
        "orders_min": _("Orders, at least"),
        "revenue_min": _("Spent, at least"),
    }
    return words[name], speech.day(value, year=True) if name in DATES and speech.as_date(value) else str(
        value
    )


def _chips(request: HttpRequest, given: dict[str, Any], channels: dict[str, Channel]) -> list[dict[str, str]]:
    """The active filters, each with the address without it."""
    found = []
    for name, value in given.items():
        words, shown = _phrase(name, value, channels)
        found.append({"words": words, "shown": shown, "without": web.address(request, **{name: ""})})
    return found


def _widest(
    workspace: Any, given: dict[str, Any], request: HttpRequest, channels: dict[str, Channel]
) -> dict[str, str]:
    """The filter whose removal brings most back."""
    tried = [
        (queries.count(connection, workspace, {k: v for k, v in given.items() if k != name}), name)
        for name in given
    ]
    count, name = max(tried)
    words, shown = _phrase(name, given[name], channels)
    return {
        "count": capped(count),
        "filter": f"{words} {shown}",
        "address": web.address(request, **{name: ""}) if len(given) > 1 else request.path,
    }


def _finding(
    workspace: Any, given: dict[str, Any], count: int, every: int, channels: int, rows: list[dict[str, Any]]
) -> str:
    """The sentence under the title."""
    if not every:
        return _("Nobody has been seen yet.")
    if given:
        return ngettext("%(n)s customer of %(all)s matches.", "%(n)s customers of %(all)s match.", count) % {
            "n": capped(count),
            "all": capped(every),
        }
    newest = max((row["last_seen"] for row in rows if row["last_seen"]), default=None)
    return _("%(n)s customers on %(channels)s channels, the last one seen %(time)s.") % {
        "n": capped(every),
        "channels": channels,
        "time": speech.ago(newest, timezone.localtime()),
    }
