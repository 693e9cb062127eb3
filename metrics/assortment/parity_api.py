"""Parity over HTTP: all SKUs at a moment, one SKU over time, who met two prices, the rules. Not here: what is found."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import audit, periods
from kernel.errors import BadRequest, NotFound
from kernel.periods import utc_text
from kernel.web import access
from kernel.web.api import ApiView, body, limit, paged, parameters
from kernel.web.openapi import DecimalText, shape
from metrics import api, query
from metrics.assortment import asking, parity, people, rules
from metrics.assortment.comparing import Held, Suggestion
from metrics.assortment.parity import ORDERINGS, STATES, Sku
from metrics.journeys import asking as journeys
from metrics.scope import Days
from profiles.answers import ProfilePage

PLACES = Decimal("1E-10")  # of shares
AT = OpenApiParameter(
    "at", OpenApiTypes.STR, description="a day (as it ends) or a moment in ISO 8601; default now"
)
CATEGORY = OpenApiParameter("category", OpenApiTypes.STR, description="only SKUs of this category")
SKU = OpenApiParameter("sku", OpenApiTypes.STR, many=True, description="only these; may repeat")
CHANNEL = OpenApiParameter(
    "channel", OpenApiTypes.STR, many=True, description="only SKUs with a price there; may repeat, any of"
)
DAYS = journeys.text_of("days", "of the series, up to `at`; 1 to 400, default 30")
MOST_DAYS = 400


class ParityPrice(serializers.Serializer[Any]):
    """The newest price of a SKU on a channel."""

    channel = serializers.SlugField()
    price = DecimalText()
    currency = serializers.CharField()
    list_price = DecimalText(allow_null=True)
    promotion = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()
    comparable = DecimalText(
        allow_null=True, help_text="After tax, in the workspace's currency; null: no rate on the price's day."
    )
    allowed = serializers.BooleanField(help_text="A rule lets this promotion differ.")


ParityMove = shape(
    "ParityMove",
    {
        "channel": serializers.SlugField(),
        "from": DecimalText(),
        "to": DecimalText(),
        "currency": serializers.CharField(),
        "money": DecimalText(help_text="What 30 days' units bring more; below 0: less."),
    },
)


class ParitySuggestion(serializers.Serializer[Any]):
    """The fewest prices to move so that all agree, and what that comes to in the workspace's currency."""

    moves = ParityMove(many=True)
    money = DecimalText()


class ParitySku(serializers.Serializer[Any]):
    """A SKU and its prices."""

    sku = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    category = serializers.CharField(allow_blank=True)
    prices = ParityPrice(many=True)
    spread = DecimalText(help_text="The highest comparable price less the lowest.")
    usual = DecimalText(allow_null=True, help_text="The comparable price that most channels ask.")
    gap = DecimalText(allow_null=True, help_text="The spread as a share of the usual price.")
    agree = serializers.BooleanField(allow_null=True, help_text="null: fewer than two prices to compare.")
    units = DecimalText(help_text="Sold in the 30 days to `at`, on all channels.")
    exposure = DecimalText(help_text="Units x spread where prices do not agree, else 0.")
    suggestion = ParitySuggestion(allow_null=True)


class ParityAnswer(serializers.Serializer[Any]):
    """SKUs at a moment. Amounts without a currency are in `currency`."""

    rate = DecimalText(allow_null=True, help_text="Agreeing of compared.")
    target = DecimalText(allow_null=True)
    compared = serializers.IntegerField()
    agreeing = serializers.IntegerField()
    skus_priced = serializers.IntegerField()
    without_rate = serializers.IntegerField(help_text="SKUs with a price in a currency that has no rate.")
    exposure = DecimalText()
    currency = serializers.CharField()
    tolerance = DecimalText()
    skus = ParitySku(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class ParityRate(serializers.Serializer[Any]):
    """As a day ends."""

    day = serializers.DateField()
    rate = DecimalText(allow_null=True)
    compared = serializers.IntegerField()
    agreeing = serializers.IntegerField()


class ParityRatesAnswer(serializers.Serializer[Any]):
    """The rate day by day."""

    target = DecimalText(allow_null=True)
    days = ParityRate(many=True)


class ParityDay(serializers.Serializer[Any]):
    """A SKU as a day ends."""

    day = serializers.DateField()
    spread = DecimalText()
    gap = DecimalText(allow_null=True)
    agree = serializers.BooleanField(allow_null=True)


class ParityHistoryAnswer(serializers.Serializer[Any]):
    """A SKU over time."""

    sku = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    currency = serializers.CharField()
    tolerance = DecimalText()
    prices = ParityPrice(many=True, help_text="Every price record up to `at`, oldest first.")
    days = ParityDay(many=True)


class ParityPromotion(serializers.Serializer[Any]):
    """Prices of a promotion that may differ."""

    channel = serializers.SlugField()
    until = serializers.DateField(help_text="The day itself included.")
    promotion = serializers.CharField(required=False, allow_blank=True, help_text="Its name; empty: any.")


class ParityRules(serializers.Serializer[Any]):
    """When prices agree."""

    tolerance = DecimalText(required=False, help_text="A share of the usual price.")
    alert = DecimalText(required=False, help_text="A new gap beyond it is an alarm.")
    taxes = serializers.DictField(
        child=DecimalText(),
        required=False,
        help_text="By channel, what its prices leave out and customers pay on top: a share.",
    )
    promotions = ParityPromotion(many=True, required=False)


class Parity(ApiView):
    """All SKUs at a moment."""

    @extend_schema(
        parameters=[
            *(AT, CATEGORY, SKU, CHANNEL),
            OpenApiParameter("state", OpenApiTypes.STR, enum=STATES),
            OpenApiParameter(
                "ordering", OpenApiTypes.STR, description=f"{', '.join(ORDERINGS)}, with - for falling"
            ),
            *api.PAGING,
        ],
        responses=ParityAnswer,
    )
    def get(self, request: Request) -> Response:
        """The share whose prices agree on all their channels, and the SKUs, the largest gap first; a cursor page.

        Prices are compared after tax and in one currency, by the rate of each price's own day; a promotion that a rule
        allows may differ. The metric `price_parity` knows no such rules.
        """
        given = parameters(request, ("at", "category", "state", "ordering"), ["sku", "channel"])
        place = self.access.workspace
        settings = query.reporting_settings(connection, place)
        about, held = asking.asked(given, settings, timezone.now()), rules.of(place)
        ask = parity.Ask(
            given.get("state", ""), given.get("ordering", "-gap"), given.get("cursor"), limit(request)
        )
        found = parity.board(connection, about, held, ask)
        items = [sku_json(one, settings, masked=self.access.masked) for one in found.page.items]
        page = paged(request, found.page._replace(items=items)).data
        totals = found.totals
        return Response(
            {
                "rate": share(totals.rate),
                "target": share(parity.target(connection, about)),
                "compared": totals.compared,
                "agreeing": totals.agreeing,
                "skus_priced": totals.skus,
                "without_rate": totals.unrated,
                "exposure": query.text(totals.exposure),
                "currency": settings.currency,
                "tolerance": query.text(held.tolerance),
                "skus": page.pop("results"),
                **page,
            }
        )


class ParityRates(ApiView):
    """The rate over time."""

    @extend_schema(parameters=[AT, CATEGORY, SKU, CHANNEL, DAYS], responses=ParityRatesAnswer)
    def get(self, request: Request) -> Response:
        """How many SKUs agree as each day ends; of today, as it is now."""
        given = parameters(request, ("at", "category", "days"), ["sku", "channel"])
        place = self.access.workspace
        settings = query.reporting_settings(connection, place)
        about = asking.asked(given, settings, timezone.now())
        found = parity.by_day(connection, about, rules.of(place), days_of(given, about))
        return Response(
            {
                "target": share(parity.target(connection, about)),
                "days": [
                    {
                        "day": one.day.isoformat(),
                        "rate": share(Decimal(one.agreeing) / one.compared if one.compared else None),
                        "compared": one.compared,
                        "agreeing": one.agreeing,
                    }
                    for one in found
                ],
            }
        )


class ParityHistory(ApiView):
    """One SKU over time."""

    @extend_schema(
        parameters=[journeys.text_of("sku", "which SKU", required=True), AT, DAYS],
        responses=ParityHistoryAnswer,
    )
    def get(self, request: Request) -> Response:
        """Its prices as they came on each channel, and whether they agreed as each day ended."""
        given = parameters(request, ("sku", "at", "days"))
        sku = given.get("sku", "")
        if not sku:
            raise BadRequest("Say which SKU: `sku`.", "no_sku")
        place, masked = self.access.workspace, self.access.masked
        settings = query.reporting_settings(connection, place)
        about = asking.asked({"at": given.get("at", "")}, settings, timezone.now())
        held = rules.of(place)
        found = parity.history(connection, about, held, sku, days_of(given, about))
        if not found.records:
            raise NotFound(f"There is no price of {sku[:60]!r} before that.")
        return Response(
            {
                "sku": said(found.sku, masked=masked),
                "name": said(found.name, masked=masked),
                "currency": settings.currency,
                "tolerance": query.text(held.tolerance),
                "prices": [price_json(one, settings, masked=masked) for one in found.records],
                "days": [
                    {
                        "day": one.day.isoformat(),
                        "spread": query.text(one.judged.spread),
                        "gap": share(one.judged.gap),
                        "agree": one.judged.agree,
                    }
                    for one in found.days
                ],
            }
        )


class ParityPeople(ApiView):
    """Customers who met a gap."""

    shows_contacts = True

    @extend_schema(
        parameters=[
            *api.PERIOD,
            journeys.text_of("sku", "only those who met a gap of this one"),
            *journeys.PEOPLE,
        ],
        responses=ProfilePage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of profiles who bought or viewed a SKU on two channels at different prices in the period."""
        given = parameters(request, ("from", "to", "sku", "ordering"))
        held, sku = rules.of(self.access.workspace), given.get("sku", "")
        return journeys.listed(
            request, self.access, given, lambda asked: people.people(connection, asked, held, sku)
        )


class ParityRule(ApiView):
    """What is called the same price."""

    def get_permissions(self) -> list[Any]:
        """Everybody may read it, an admin may change it."""
        return [access.at_least("admin" if self.request.method == "PUT" else self.role)()]

    @extend_schema(responses=ParityRules)
    def get(self, request: Request) -> Response:
        """Tolerance, taxes, and the promotions that may differ."""
        parameters(request)
        return Response(rules.of(self.access.workspace).json())

    @extend_schema(request=ParityRules, responses=ParityRules)
    def put(self, request: Request) -> Response:
        """What is given takes the place of what was; what is not given stays. Every change is noted with its author."""
        place = self.access.workspace
        settings = query.reporting_settings(connection, place)
        wanted = rules.read(body(request), settings.channels.values(), rules.of(place))
        with transaction.atomic():
            if changed := rules.keep(place, wanted):
                audit.note(place.pk, str(request.user), "parity.rules", place.slug, **changed)
        return Response(wanted.json())


def days_of(given: Mapping[str, Any], about: asking.Asked) -> Days:
    """The days of a series: so many up to the one asked for."""
    count = journeys.whole("days", given.get("days", str(asking.DAYS)), MOST_DAYS)
    return Days(about.day - (count - 1) * periods.ONE_DAY, about.day)


def sku_json(one: Sku, settings: query.ReportingSettings, *, masked: bool) -> dict[str, Any]:
    """A SKU as the API says it."""
    return {
        "sku": said(one.sku, masked=masked),
        "name": said(one.name, masked=masked),
        "category": said(one.category, masked=masked),
        "prices": [price_json(price, settings, masked=masked) for price in one.prices],
        "spread": query.text(one.judged.spread),
        "usual": text(one.judged.usual),
        "gap": share(one.judged.gap),
        "agree": one.judged.agree,
        "units": query.text(sum(one.units.values(), Decimal(0))),
        "exposure": query.text(one.exposure),
        "suggestion": _suggestion(one.suggestion, settings) if one.suggestion else None,
    }


def price_json(one: Held, settings: query.ReportingSettings, *, masked: bool) -> dict[str, Any]:
    """A price as the API says it."""
    return {
        "channel": settings.channels[one.channel],
        "price": query.text(one.price),
        "currency": one.currency,
        "list_price": text(one.list_price),
        "promotion": said(one.promotion, masked=masked) if one.promotion else None,
        "at": utc_text(one.at),
        "comparable": text(one.worth),
        "allowed": one.allowed,
    }


def _suggestion(one: Suggestion, settings: query.ReportingSettings) -> dict[str, Any]:
    moves = [
        {
            "channel": settings.channels[move.channel],
            "from": query.text(move.before),
            "to": query.text(move.after),
            "currency": move.currency,
            "money": query.text(move.money),
        }
        for move in one.moves
    ]
    return {"moves": moves, "money": query.text(one.money)}


def said(words: str, *, masked: bool) -> str:
    """What a sender wrote, as this person may see it."""
    return str(access.scrub(words)) if masked else words


def text(value: Decimal | None) -> str | None:
    """An amount, exact."""
    return None if value is None else query.text(value)


def share(value: Decimal | None) -> str | None:
    """A share to ten places."""
    return None if value is None else query.text(value.quantize(PLACES, ROUND_HALF_EVEN))
