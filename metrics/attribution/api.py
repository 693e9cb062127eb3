"""Attribution over HTTP: rows, the orders and people behind one, the credit of an order. Not here: how it is found."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import cursor, money, periods
from kernel.cursor import Page
from kernel.errors import BadRequest, NotFound
from kernel.web import access
from kernel.web.api import ApiView, limit, paged, parameters
from metrics import query
from metrics.attribution import answers, background, fields, orders, question
from metrics.attribution.answers import Attributed, Credit
from metrics.attribution.background import Making
from metrics.attribution.models import BY_NAME
from metrics.attribution.orders import Behind, Explained
from metrics.attribution.question import Question
from metrics.attribution.rounding import rounded
from metrics.attribution.sentences import sentence
from metrics.attribution.walk import Order
from metrics.drill_mirror import place
from metrics.journeys import asking
from metrics.journeys.base import Asked
from metrics.journeys.values import NONE
from profiles.answers import ProfilePage

AGAIN_SECONDS: Final = 2
PERIOD: Final = ("from", "to")
SPENT: Final = ("spend", "roi", "roas", "cpa")
PLACES: Final = 10  # of shares and figures
PERIOD_OF_ONE: Final = timedelta(days=29)  # before an order's day: the paths that models learn from


class Attribution(ApiView):
    """Who earned what."""

    @extend_schema(
        parameters=[*fields.ASKED, *fields.SORTED],
        responses={200: fields.AttributionAnswer, 202: fields.AttributionMaking},
    )
    def get(self, request: Request) -> Response:
        """Rows of credit under a model, each with what was spent on it; `channel: null` is what has no touch or person.

        Orders count in the period they are placed in; what is refunded or taken back counts off in its own. Credit is
        no proof of cause. What takes longer than a few seconds is made in the background: 202 says how far
        it is, and the same request gets the answer once it is ready.
        """
        given = parameters(request, (*PERIOD, *question.NAMED))
        with asking.opened(self.access.workspace, given) as asked:
            wanted = question.read(given, asked.settings.channels)
            models = [wanted.model, *([wanted.compare] if wanted.compare else [])]
            found = background.asked(connection, asked, wanted, models, background.API_SECONDS)
        if isinstance(found, Making):
            return Response(_making(found), status=202, headers={"Retry-After": str(AGAIN_SECONDS)})
        return Response(_answer(found, wanted, masked=self.access.masked))


class AttributionOrders(ApiView):
    """The orders behind a row."""

    @extend_schema(
        parameters=[*fields.ASKED, fields.KEY, *asking.PEOPLE[1:]], responses=fields.AttributionOrderPage
    )
    def get(self, request: Request) -> Response:
        """A cursor page of orders, the newest first, each with its part of the row's figures."""
        given = parameters(request, (*PERIOD, *question.NAMED, "key"))
        with asking.opened(self.access.workspace, given) as asked:
            wanted = question.read(given, asked.settings.channels)
            found = orders.behind(connection, asked, of_orders(wanted), key(given))
        begin, most = place(given.get("cursor")), limit(request)
        slugs, masked = asked.settings.channels, self.access.masked
        page = Page(
            [_behind(one, slugs, masked=masked) for one in found[begin : begin + most]],
            cursor.encode(False, "", begin + most) if len(found) > begin + most else None,
            cursor.encode(True, "", max(begin - most, 0)) if begin else None,
        )
        return paged(request, page)


class AttributionPeople(ApiView):
    """The people behind a row."""

    shows_contacts = True

    @extend_schema(parameters=[*fields.ASKED, fields.KEY, *asking.PEOPLE], responses=ProfilePage)
    def get(self, request: Request) -> Response:
        """A cursor page of profiles: whoever's order has credit in the row."""
        given = parameters(request, (*PERIOD, *question.NAMED, "key", "ordering"))

        def find(asked: Asked) -> list[int]:
            wanted = question.read(given, asked.settings.channels)
            return people(asked, wanted, key(given))

        return asking.listed(request, self.access, given, find)


class AttributionOrder(ApiView):
    """The credit of one order."""

    @extend_schema(
        parameters=[one for one in fields.ASKED if one.name != "conversion"], responses=fields.AttributedOrder
    )
    def get(self, request: Request, channel: str, order_id: str) -> Response:
        """The touches before an order, and whose it is under each model, or under the one asked for.

        Models that learn from all paths learn from those of the period: without one, of the 30 days to the order's.
        """
        given = parameters(request, (*PERIOD, *question.NAMED))
        settings = query.reporting_settings(connection, self.access.workspace)
        ids = {slug: one for one, slug in settings.channels.items()}
        order = Order(order_id, ids.get(channel, 0))
        with asking.opened(self.access.workspace, given) as asked:
            wanted = of_orders(question.read(given, settings.channels))
            models = [wanted.model] if "model" in given else list(BY_NAME)
            if not given.keys() & set(PERIOD):
                asked = around(asked, order)
            found = orders.explained(connection, asked, wanted, order, models)
        if found is None:
            raise NotFound(
                "There is no such order in what is read here: its channel and number are asked for."
            )
        return Response(_explained(found, channel, wanted, settings.channels, masked=self.access.masked))


# ---- what an address asks ------------------------------------------------------------------------------


def key(given: Mapping[str, Any]) -> str | None:
    """The row an address means."""
    if "key" not in given:
        raise BadRequest("`key` names the row: a channel, campaign or source of it, or null.", "no_key")
    text: str = given["key"]
    return None if text in ("", NONE) else text


def of_orders(wanted: Question) -> Question:
    """The same; a BadRequest where no order is asked for."""
    if wanted.conversion is not None:
        raise BadRequest("Orders stand behind orders alone: leave `conversion` out.", "bad_conversion")
    return wanted


def people(asked: Asked, wanted: Question, of: str | None) -> list[int]:
    """The serial ids of the profiles behind a row."""
    found = orders.behind(connection, asked, wanted, of)
    return list(dict.fromkeys(one.profile for one in found if one.profile is not None))


def around(asked: Asked, order: Order) -> Asked:
    """The same over the 30 days to an order's day."""
    text = "select day from purchases where order_id = $order_id and channel = $channel"
    for (day,) in asked.mirror.rows(text, **order._asdict()):
        return asked._replace(days=asked.days._replace(first=day - PERIOD_OF_ONE, last=day))
    return asked


# ---- how it is answered --------------------------------------------------------------------------------


def _answer(found: list[Attributed], wanted: Question, *, masked: bool) -> dict[str, Any]:
    one, others = found[0], {row.key: row for more in found[1:] for row in more.rows}
    told = {warning.code: warning for each in found for warning in each.warnings}
    rows = []
    for row in one.rows:
        beside = {"compare": _figures(others[row.key])} if row.key in others else {}
        rows.append({wanted.by: _said(row.key, wanted.by, masked=masked), **_figures(row), **beside})
    return {
        "model": one.model,
        "compare": wanted.compare or None,
        "by": wanted.by,
        "measure": wanted.measure,
        "currency": one.currency,
        "channels": rows,
        "total": _figures(one.total),
        "unconverted": [
            {"currency": code, "value": query.text(value)} for code, value in sorted(one.unconverted.items())
        ],
        "warnings": [
            {"code": warning.code, "message": sentence(warning, one.currency)} for warning in told.values()
        ],
        "quality": {name: _figure(value, wanted.by, masked=masked) for name, value in one.quality.items()},
        "as_of": one.as_of,
    }


def _making(found: Making) -> dict[str, Any]:
    job = found.job
    return {
        "job": job.pk,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "message": _("This is being calculated: send the same request again in a few seconds."),
    }


def _said(name: str | None, by: str, *, masked: bool) -> str | None:
    """A key as its reader may see it: a campaign is what a sender wrote."""
    return str(access.scrub(name)) if masked and name is not None and by != "channel" else name


def _figures(row: Credit) -> dict[str, str | None]:
    found: dict[str, str | None] = {name: query.text(getattr(row, name)) for name in answers.MEASURES}
    for name in SPENT:
        value: Decimal | None = getattr(row, name)
        found[name] = None if value is None else query.text(value)
    return found


def _figure(value: Any, by: str, *, masked: bool) -> Any:
    if isinstance(value, list):
        return [{"key": _said(one["key"], by, masked=masked), "value": _plain(one["value"])} for one in value]
    return _plain(value) if isinstance(value, float) else value


def _plain(value: float) -> str:
    return f"{value:.12f}"


def _behind(one: Behind, slugs: Mapping[int, str], *, masked: bool) -> dict[str, Any]:
    return {
        "order_id": access.scrub(one.order_id) if masked else one.order_id,
        "channel": slugs.get(one.channel),
        "at": periods.utc_text(one.occurred_at.replace(tzinfo=UTC)),
        "share": _share(one.share),
        **{name: _share(getattr(one, name)) for name in answers.MEASURES},
    }


def _share(value: Fraction) -> str:
    return query.text(rounded(value, PLACES))


def _explained(
    found: Explained, channel: str, wanted: Question, slugs: Mapping[int, str], *, masked: bool
) -> dict[str, Any]:
    unit, net = money.unit(found.currency), found.total - found.refunded
    models = []
    for name, shares in found.shares.items():
        parts = orders.amounts(shares, net, unit)
        credited = [
            {
                "key": _said(one, wanted.by, masked=masked),
                "share": _share(share),
                "revenue": query.text(parts[one]),
            }
            for one, share in shares.items()
        ]
        models.append({"model": name, "credits": credited})
    return {
        "order_id": access.scrub(found.order.order_id) if masked else found.order.order_id,
        "channel": channel,
        "at": _aware(found.occurred_at),
        "currency": found.currency,
        "total": query.text(found.total),
        "refunded": query.text(found.refunded),
        "by": wanted.by,
        "touches": list(_touches(found, slugs, masked=masked)),
        "models": models,
        "as_of": found.as_of,
    }


def _touches(found: Explained, slugs: Mapping[int, str], *, masked: bool) -> Iterable[dict[str, Any]]:
    for one in found.touches:
        told = {name: getattr(one, name) for name in ("touchpoint", "name", "campaign", "source")}
        yield {
            "at": _aware(one.occurred_at),
            "channel": slugs.get(one.channel),
            **(access.scrub(told) if masked else told),
        }


def _aware(at: datetime) -> str | None:
    return periods.utc_text(at.replace(tzinfo=UTC))
