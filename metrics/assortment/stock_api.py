"""Stock over HTTP: items, what to move between channels, what was sold that was not there. Not here: what is found."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.db import connection
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.periods import utc_text
from kernel.web.api import ApiView, limit, paged, parameters
from kernel.web.openapi import DecimalText, page_of, shape
from metrics import api, query
from metrics.assortment import asking, stock
from metrics.assortment.parity_api import AT, CATEGORY, SKU, said, text
from metrics.assortment.stock import ORDERINGS, STATES, Item, Oversold, Totals
from metrics.assortment.transfers import Shelf, Transfer

PLACES = Decimal("1E-6")  # of days, pieces that were not sold, turnover
CHANNEL = OpenApiParameter(
    "channel", OpenApiTypes.STR, many=True, description="only these; may repeat, any of"
)
FILTERS = [AT, CATEGORY, SKU, CHANNEL]


class StockItem(serializers.Serializer[Any]):
    """A SKU on a channel over the 30 days to `at`."""

    sku = serializers.CharField()
    channel = serializers.SlugField()
    name = serializers.CharField(allow_blank=True)
    category = serializers.CharField(allow_blank=True)
    level = DecimalText(help_text="Pieces, all locations together; below 0: owed.")
    state = serializers.ChoiceField(choices=STATES)
    days = serializers.IntegerField(help_text="Since its first level, 30 at most.")
    days_out = serializers.IntegerField(help_text="Days that closed with 0 or less.")
    stock_outs = serializers.IntegerField(help_text="How often it ran out.")
    units = DecimalText(help_text="Sold.")
    daily = DecimalText(allow_null=True, help_text="Sold on a day that closed with stock.")
    days_of_cover = DecimalText(allow_null=True, help_text="level / daily; null: nothing sells.")
    turnover = DecimalText(allow_null=True, help_text="Sold / mean level, in pieces.")
    lost_units = DecimalText(allow_null=True, help_text="daily x days_out.")
    lost_units_low = DecimalText(allow_null=True, help_text="95 %; null: fewer than two days with stock.")
    lost_units_high = DecimalText(allow_null=True)
    lost_sales = DecimalText(allow_null=True, help_text="At the newest price; null: none is known.")
    lost_sales_low = DecimalText(allow_null=True)
    lost_sales_high = DecimalText(allow_null=True)
    value = DecimalText(allow_null=True, help_text="What lies there, at its cost; null: none is known.")


class StockTotals(serializers.Serializer[Any]):
    """All items that are asked for."""

    items = serializers.IntegerField()
    out = serializers.IntegerField()
    short = serializers.IntegerField()
    even = serializers.IntegerField()
    long = serializers.IntegerField()
    stock_out_rate = DecimalText(allow_null=True, help_text="Days without stock of all days of all items.")
    lost_sales = DecimalText()
    without_price = serializers.IntegerField(help_text="Items that lost sales and have no price.")
    value = DecimalText()
    without_cost = serializers.IntegerField(help_text="Items with stock and no cost.")


StockPage = page_of("Stock", StockItem(many=True), totals=StockTotals(), currency=serializers.CharField())


class StockEffect(serializers.Serializer[Any]):
    """A channel before and after."""

    level = DecimalText()
    level_after = DecimalText()
    days_of_cover = DecimalText(allow_null=True)
    days_of_cover_after = DecimalText(allow_null=True)


StockTransfer = shape(
    "StockTransfer",
    {
        "sku": serializers.CharField(),
        "name": serializers.CharField(allow_blank=True),
        "from": serializers.SlugField(),
        "to": serializers.SlugField(),
        "pieces": DecimalText(),
        "source": StockEffect(),
        "target": StockEffect(),
        "turnover": DecimalText(allow_null=True, help_text="Of both, in the next 30 days, if nothing moves."),
        "turnover_after": DecimalText(allow_null=True),
        "units_more": DecimalText(help_text="Sold more in the next 30 days."),
        "sales_more": DecimalText(allow_null=True, help_text="At the price there; null: none is known."),
    },
)
StockTransfers = shape(
    "StockTransfers", {"currency": serializers.CharField(), "transfers": StockTransfer(many=True)}
)


class OversoldLine(serializers.Serializer[Any]):
    """A line of an order that took what was not there."""

    order_id = serializers.CharField()
    channel = serializers.SlugField(allow_null=True)
    at = serializers.DateTimeField()
    sku = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    quantity = DecimalText()
    level = DecimalText(help_text="When it was ordered.")
    state = serializers.CharField(help_text="The order's.")
    message_id = serializers.CharField(help_text="The order's message: /api/events/?message_id=")


OversoldPage = page_of("Oversold", OversoldLine(many=True))


class Stock(ApiView):
    """Stock by SKU and channel."""

    @extend_schema(
        parameters=[
            *FILTERS,
            OpenApiParameter("state", OpenApiTypes.STR, enum=STATES),
            OpenApiParameter(
                "ordering", OpenApiTypes.STR, description=f"{', '.join(ORDERINGS)}, with - for falling"
            ),
            *api.PAGING,
        ],
        responses=StockPage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of items, those that lost most sales first; `totals` of all that are asked for."""
        given = parameters(request, ("at", "category", "state", "ordering"), ["sku", "channel"])
        settings = query.reporting_settings(connection, self.access.workspace)
        found = stock.items(connection, asking.asked(given, settings, timezone.now()))
        state, ordering = given.get("state", ""), given.get("ordering", "-lost_sales")
        page = stock.page(found, ordering, state, given.get("cursor"), limit(request))
        masked = self.access.masked
        answer = paged(
            request, page._replace(items=[item_json(one, settings, masked=masked) for one in page.items])
        )
        answer.data |= {"totals": totals_json(stock.totals(found)), "currency": settings.currency}
        return answer


class Transfers(ApiView):
    """What to move between channels."""

    @extend_schema(parameters=FILTERS, responses=StockTransfers)
    def get(self, request: Request) -> Response:
        """Pieces stuck on one channel while another runs out, with what moving them does; most sales first."""
        given = parameters(request, ("at", "category"), ["sku", "channel"])
        settings = query.reporting_settings(connection, self.access.workspace)
        found = stock.items(connection, asking.asked(given, settings, timezone.now()))
        by_item = {(one.sku, one.channel): one for one in found}
        masked = self.access.masked
        moves = [transfer_json(one, by_item, settings, masked=masked) for one in stock.moves(found)]
        return Response({"currency": settings.currency, "transfers": moves})


class OversoldOrders(ApiView):
    """What was sold while nothing was there."""

    @extend_schema(parameters=[*FILTERS, *api.PAGING], responses=OversoldPage)
    def get(self, request: Request) -> Response:
        """A cursor page of the lines of orders of the 30 days to `at` whose SKU was at 0 or below on their channel."""
        given = parameters(request, ("at", "category"), ["sku", "channel"])
        settings = query.reporting_settings(connection, self.access.workspace)
        about = asking.asked(given, settings, timezone.now())
        page = stock.oversold(connection, about, given.get("cursor"), limit(request))
        masked = self.access.masked
        return paged(request, page._replace(items=[line_json(one, masked=masked) for one in page.items]))


def item_json(one: Item, settings: query.ReportingSettings, *, masked: bool) -> dict[str, Any]:
    """An item as the API says it."""
    low, high = one.lost_range or (None, None)
    return {
        "sku": said(one.sku, masked=masked),
        "channel": settings.channels[one.channel],
        "name": said(one.name, masked=masked),
        "category": said(one.category, masked=masked),
        "level": query.text(one.level),
        "state": one.state,
        "days": one.days,
        "days_out": one.days_out,
        "stock_outs": one.stock_outs,
        "units": query.text(one.units),
        "daily": rounded(one.daily),
        "days_of_cover": rounded(one.cover),
        "turnover": rounded(one.turnover),
        "lost_units": rounded(one.lost),
        "lost_units_low": rounded(low),
        "lost_units_high": rounded(high),
        "lost_sales": rounded(one.money(one.lost)),
        "lost_sales_low": rounded(one.money(low)),
        "lost_sales_high": rounded(one.money(high)),
        "value": text(one.value),
    }


def totals_json(found: Totals) -> dict[str, Any]:
    """The sums as the API says them."""
    return {
        "items": found.items,
        **found.states,
        "stock_out_rate": rounded(found.stock_out_rate),
        "lost_sales": rounded(found.lost_sales),
        "without_price": found.unpriced,
        "value": query.text(found.value),
        "without_cost": found.uncosted,
    }


def transfer_json(
    one: Transfer, items: dict[tuple[str, int], Item], settings: query.ReportingSettings, *, masked: bool
) -> dict[str, Any]:
    """A transfer as the API says it."""
    source, target = one.after
    before, after = one.turnover
    item = items[one.target.sku, one.target.channel]
    return {
        "sku": said(item.sku, masked=masked),
        "name": said(item.name, masked=masked),
        "from": settings.channels[source.channel],
        "to": settings.channels[target.channel],
        "pieces": query.text(one.pieces),
        "source": _effect(one.source, source),
        "target": _effect(one.target, target),
        "turnover": rounded(before),
        "turnover_after": rounded(after),
        "units_more": rounded(one.more),
        "sales_more": rounded(item.money(one.more)),
    }


def _effect(before: Shelf, after: Shelf) -> dict[str, Any]:
    return {
        "level": query.text(before.level),
        "level_after": query.text(after.level),
        "days_of_cover": rounded(before.cover),
        "days_of_cover_after": rounded(after.cover),
    }


def line_json(one: Oversold, *, masked: bool) -> dict[str, Any]:
    """A line as the API says it."""
    return {
        "order_id": said(one.order_id, masked=masked),
        "channel": one.channel,
        "at": utc_text(one.at),
        "sku": said(one.sku, masked=masked),
        "name": said(one.name, masked=masked),
        "quantity": query.text(one.quantity),
        "level": query.text(one.level),
        "state": one.state,
        "message_id": said(one.message_id, masked=masked),
    }


def rounded(value: Decimal | None) -> str | None:
    """A number to six places."""
    return None if value is None else query.text(value.quantize(PLACES, ROUND_HALF_EVEN))
