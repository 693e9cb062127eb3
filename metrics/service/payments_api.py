"""Payments over HTTP: how they end, what a method's arrival changed, what is to be mended. Not here: the counting."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import BadRequest
from kernel.web.api import ApiView, limit, paged, parameters
from metrics import api, query
from metrics.journeys import asking
from metrics.journeys.base import Asked
from metrics.service import answers, arrival, listing, payments, troubles
from metrics.service.arrival import LONGEST, WINDOW, Question
from metrics.service.asking import NULL, channel, day
from metrics.service.listing import Slice
from metrics.service.payments import BY, OUTCOMES

BY_WHAT = asking.text_of("by", f"{', '.join(BY)}; default method")


class Payments(ApiView):
    """How payments ended."""

    @extend_schema(parameters=[*api.PERIOD, BY_WHAT], responses=answers.PaymentsAnswer)
    def get(self, request: Request) -> Response:
        """Started, succeeded, failed, and what was tried again elsewhere; by reason, of those that failed."""
        given = parameters(request, ("from", "to", "by"))
        by = of_what(given)
        with asking.opened(self.access.workspace, given) as asked:
            return Response(payments.payments(asked, by).json())


class PaymentRows(ApiView):
    """The payments behind a figure."""

    shows_contacts = True

    @extend_schema(
        parameters=[
            *api.PERIOD,
            BY_WHAT,
            asking.text_of("key", f"of a group, {NULL} for what says none; default all"),
            asking.text_of("outcome", f"{', '.join(OUTCOMES)}; default started: all"),
            *api.PAGING,
        ],
        responses=answers.ServicePaymentPage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page, newest first."""
        given = parameters(request, ("from", "to", "by", "key", "outcome"))
        by = of_what(given)
        outcome = asking.one_of("outcome", given.get("outcome", "started"), OUTCOMES)
        with asking.opened(self.access.workspace, given) as asked:
            key = key_of(asked, by, given.get("key", ""))
            wanted = Slice(given.get("cursor"), limit(request), self.access.masked)
            of = payments.rows(by, outcome, keyed="key" in given)
            return paged(request, listing.page(connection, asked, of, wanted, key=key))


class Arrival(ApiView):
    """What a method's arrival changed on a channel."""

    @extend_schema(
        parameters=[
            asking.text_of("method", "as payments say it", required=True),
            asking.text_of("channel", "slug of the channel of the orders", required=True),
            asking.text_of("at", "the first day with it; default that of its first payment there"),
            asking.text_of("window", f"how long each side is, in days; default {WINDOW}"),
        ],
        responses=answers.ArrivalAnswer,
    )
    def get(self, request: Request) -> Response:
        """Before against after, equally long, and how much more that is than on channels without the method."""
        given = parameters(request, ("method", "channel", "at", "window"))
        with asking.opened(self.access.workspace, {}) as asked:
            return Response(arrival.arrival(asked, question(asked, given)).json(asked))


class Troubles(ApiView):
    """Payments that somebody must mend."""

    @extend_schema(
        parameters=[
            *api.PERIOD,
            asking.text_of("kind", "orphan (default): paid without an order; duplicate: an order paid twice"),
            *api.PAGING,
        ],
        responses=answers.PaymentTroublePage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page, newest first, by the day of the payment."""
        given = parameters(request, ("from", "to", "kind"))
        kind = asking.one_of("kind", given.get("kind", "orphan"), troubles.KINDS)
        settings = query.reporting_settings(connection, self.access.workspace)
        days = asking.period(given, settings)
        wanted = Slice(given.get("cursor"), limit(request), self.access.masked)
        found = troubles.page(connection, settings, days, kind, timezone.now(), wanted)
        found = found._replace(items=[one.json(masked=wanted.masked) for one in found.items])
        answer = paged(request, found)
        answer.data["kind"] = kind
        return answer


def of_what(given: Mapping[str, Any]) -> str:
    """Method, channel or reason."""
    return asking.one_of("by", given.get("by", "method"), BY)


def key_of(asked: Asked, by: str, text: str) -> str | None:
    """A group's key as it is counted, by how it is shown."""
    if text in ("", NULL):
        return None
    return str(channel(asked.settings.channels, text)) if by == "channel" else text


def question(asked: Asked, given: Mapping[str, Any]) -> Question:
    """What an address asks of an arrival; a BadRequest says what of it cannot be."""
    method = given.get("method", "").strip()
    if not method:
        raise BadRequest(
            "`method` is missing: a method as payments say it, for example wechat.", "bad_method"
        )
    window = asking.length("window", given.get("window", WINDOW))
    if window.days < 1 or window > LONGEST:
        raise BadRequest(f"`window` is from 1 to {LONGEST.days} days, for example {WINDOW}.", "bad_window")
    at = day("at", given["at"]) if given.get("at") else None
    return Question(method, channel(asked.settings.channels, given.get("channel", "")), at, window)
