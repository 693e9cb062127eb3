"""The read API of metrics: the catalogue, one metric over a period. Not here: how it is counted (query.py)."""

from datetime import date
from types import MappingProxyType
from typing import Any

from django.db import connection
from django.utils import timezone
from django_filters import ChoiceFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import periods
from kernel.cursor import Page
from kernel.errors import BadRequest
from kernel.web import access
from kernel.web.api import ApiView, limit, paged, parameters
from kernel.web.filters import Filters
from metrics import answers, drill, queries, query
from metrics.anomalies import series
from metrics.anomalies.judge import SENSITIVITIES
from metrics.breakdown import dimensions
from metrics.catalogue import METRICS
from metrics.scope import Days

DATE_LENGTH = len("2026-11-01")
NAMED = ("from", "to", "interval", "by", "anomalies")
# What a sender fills with words: may hold somebody's phone or e-mail.
TEXTS = frozenset(
    (
        *("order_id", "reason", "store", "about", "campaign", "medium", "id", "sku", "name", "category"),
        *("brand", "tags", "promotion", "location", "message_id", "coupon", "text", "key", "customer", "ref"),
    )
)


PERIOD = [
    OpenApiParameter("from", OpenApiTypes.DATE, description="first day; default 30 days to today"),
    OpenApiParameter("to", OpenApiTypes.DATE, description="last day, inside the period"),
]
CHANNEL = OpenApiParameter("channel", OpenApiTypes.STR, description="slug of one channel")
BY = OpenApiParameter(
    "by",
    OpenApiTypes.STR,
    description=(
        f"a dimension, one of {', '.join(dimensions.NAMES)}; one that the metric does not know names those it does"
    ),
)
FILTER = OpenApiParameter(
    "filter",
    OpenApiTypes.STR,
    many=True,
    description=(
        "DIMENSION:VALUE, may repeat: of one dimension any, of several all. `null`: what has no value; "
        "`other`: what lies beyond the values listed; a value of that very name, or with a = before it, begins with ="
    ),
)
ORDERING = OpenApiParameter(
    "ordering", OpenApiTypes.STR, description="a field of the rows, with - for falling; a wrong one names all"
)
PAGING = [OpenApiParameter(name, OpenApiTypes.STR) for name in ("cursor", "limit")]


class Catalogue(ApiView):
    """The metrics there are."""

    @extend_schema(responses=answers.MetricPage)
    def get(self, request: Request) -> Response:
        """All of them, in the order of the catalogue."""
        parameters(request)
        found = [
            {
                "name": metric.name,
                "label": str(metric.label),
                "unit": metric.unit,
                "formula": str(metric.formula),
                "good": metric.good,
            }
            for metric in METRICS
        ]
        return Response({"next": None, "previous": None, "results": found})


class Metric(ApiView):
    """One metric over a period."""

    @extend_schema(
        parameters=[
            *PERIOD,
            OpenApiParameter("interval", OpenApiTypes.STR, enum=periods.INTERVALS),
            BY,
            FILTER,
            CHANNEL,
            OpenApiParameter(
                "anomalies",
                OpenApiTypes.STR,
                enum=list(SENSITIVITIES),
                description="each day of the series with what was expected, and whether it is an anomaly",
            ),
        ],
        responses=answers.Measured,
    )
    def get(self, request: Request, name: str) -> Response:
        """Total, series and, by a dimension, the same for each of its values (the rest as `other`, none as `null`).

        By channel it has every channel. By anything else, or with a filter, it says how new it is (`as_of`).
        """
        query.metric_named(name)
        given = parameters(request, NAMED, ["channel", "filter"])
        settings = query.reporting_settings(connection, self.access.workspace)
        ask = asked(given, settings)
        answer = query.measure(connection, settings, name, ask).json()
        if "anomalies" in given:
            how = series.sensitivity(given["anomalies"])
            found = series.judged(connection, settings, name, ask, how, today(settings))
            series.put(answer, found)
        return Response(_called(answer) if self.access.masked else answer)


class Rows(ApiView):
    """The rows behind a metric's total."""

    @extend_schema(
        parameters=[*PERIOD, OpenApiParameter("part", OpenApiTypes.STR), CHANNEL, FILTER, ORDERING, *PAGING],
        responses=answers.RowPage,
    )
    def get(self, request: Request, name: str) -> Response:
        """A cursor page of what the number is made of (`part`: a term of its formula), newest first.

        `rows` says what they are, `counts` what each adds to the part, `ordering` may name a field of theirs.
        """
        given = parameters(request, ("from", "to", "part", "ordering"), ["channel", "filter"])
        settings = query.reporting_settings(connection, self.access.workspace)
        ask = asked(given, settings)._replace(masked=self.access.masked)
        kind, page = drill.behind(
            connection,
            settings,
            name,
            ask,
            given.get("cursor"),
            limit(request),
            given.get("part"),
            given.get("ordering", ""),
        )
        answer = paged(request, page)
        answer.data["rows"] = kind
        self.shows_contacts = any("customer" in row for row in page.items)
        return answer


class WaitingFilters(Filters):
    """Why something waits."""

    reason = ChoiceFilter(choices=[(why, why) for why in queries.WHY])

    refusals = MappingProxyType({"reason": (f"`reason` is one of {', '.join(queries.WHY)}.", "bad_reason")})


class WaitingOrders(ApiView):
    """What speaks of orders and counts nothing yet."""

    shows_contacts = True

    @extend_schema(parameters=WaitingFilters.documented(), responses=answers.WaitingPage)
    def get(self, request: Request) -> Response:
        """A cursor page of the messages that wait, newest first, each with the reason."""
        given, workspace = WaitingFilters.of(request), self.access.workspace.pk
        found = queries.waiting(
            connection, workspace, given.get("reason"), given.get("cursor"), limit(request)
        )
        found = found._replace(items=[one.json() for one in found.items])
        return paged(request, _shown(found, masked=self.access.masked))


class Records(ApiView):
    """Records read back: products, prices, stock, costs, spend, targets, rates."""

    @extend_schema(
        parameters=[
            OpenApiParameter(name, OpenApiTypes.STR) for name in ("type", "sku", "channel", "cursor", "limit")
        ],
        responses=answers.RecordPage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of one type's records as they hold now, newest first."""
        given = parameters(request, ("type", "sku"), ["channel"])
        found = queries.records(
            connection, self.access.workspace.pk, given, given.get("cursor"), limit(request)
        )
        return paged(request, _shown(found, masked=self.access.masked))


def _called(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer whose values hold no contact data: they are what senders write."""
    if "values" not in answer:
        return answer
    by, values = answer["by"], answer["values"]
    said = {one["key"]: access.scrub(one["key"]) for one in values}
    shown: dict[str, str] = {}
    for key, text in said.items():  # two that read alike stay two
        like = sum(1 for one in shown.values() if one.partition(" #")[0] == text)
        shown[key] = f"{text} #{like + 1}" if like else text
    return answer | {
        "by": {shown[key]: line for key, line in by.items()},
        "values": [{"key": shown[one["key"]], "value": access.scrub(one["value"])} for one in values],
    }


def _shown(page: Page, *, masked: bool) -> Page:
    """A page as its reader may see it: contact data in free texts masked, numbers left alone."""
    if not masked:
        return page
    return page._replace(
        items=[
            item | access.scrub({name: value for name, value in item.items() if name in TEXTS})
            for item in page.items
        ]
    )


def asked(given: dict[str, Any], settings: query.ReportingSettings) -> query.Ask:
    """The parameters of an address as a question; a BadRequest says which of them cannot be."""
    channels = given.get("channel", [])
    if len(channels) > 1:
        raise BadRequest("One `channel` at most can be asked for here.", "one_channel")
    ids = {slug: channel for channel, slug in settings.channels.items()}
    if channels and channels[0] not in ids:
        raise BadRequest(f"There is no channel {channels[0]!r} in this workspace.", "unknown_channel")
    return query.Ask(
        period(given, today(settings)),
        given.get("interval", "day"),
        given.get("by", ""),
        ids[channels[0]] if channels else None,
        dimensions.filters(given.get("filter", ())),
    )


def today(settings: query.ReportingSettings) -> date:
    """The date it is where the workspace reports."""
    return periods.day(timezone.now(), periods.zone(settings.zone))


def period(given: dict[str, Any], now: date) -> Days:
    """`from` and `to`; what is missing is filled so that 30 days come to today, or to `to`."""
    last = date_of("to", given["to"]) if "to" in given else now
    first = date_of("from", given["from"]) if "from" in given else periods.default(last)[0]
    return Days(first, last)


def date_of(name: str, text: str) -> date:
    """A day like 2026-11-01; a BadRequest for anything else."""
    try:
        if len(text) != DATE_LENGTH:
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"`{name}` is a date like 2026-11-01.", "bad_date") from None
