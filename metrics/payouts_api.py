"""The read API of payouts: bills held against orders. Not here: how they are held against each other (payouts.py)."""

from decimal import Decimal
from typing import Any

from django.db import connection
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import BadRequest
from kernel.periods import utc_text
from kernel.web import access
from kernel.web.api import ApiView, limit, paged, parameters
from kernel.web.openapi import DecimalText, page_of
from metrics import payouts, query
from metrics.api import CHANNEL, PAGING, PERIOD, asked
from metrics.payouts import STATES, Reconciled, Total


class PayoutOrder(serializers.Serializer[Any]):
    """An order's payout as it is expected and as it is paid."""

    order_id = serializers.CharField()
    channel = serializers.SlugField(allow_null=True)
    at = serializers.DateTimeField(help_text="The order's time; without an order that of the latest line.")
    currency = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    expected = DecimalText(allow_null=True, help_text="The order's payout.")
    paid = DecimalText(allow_null=True, help_text="The sum of the lines of bills.")
    difference = DecimalText(help_text="Paid less expected.")
    fees = DecimalText(allow_null=True, help_text="As the order says.")
    fees_billed = DecimalText(allow_null=True, help_text="As the bills say.")
    billed_at = serializers.DateTimeField(allow_null=True)


class PayoutTotal(serializers.Serializer[Any]):
    """What the orders of one state come to in one currency."""

    currency = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    orders = serializers.IntegerField()
    expected = DecimalText()
    paid = DecimalText()
    difference = DecimalText()


PayoutPage = page_of("Payout", PayoutOrder(many=True), totals=PayoutTotal(many=True))


class Payouts(ApiView):
    """Payouts of bills held against those that orders expect."""

    @extend_schema(
        parameters=[
            *PERIOD,
            CHANNEL,
            OpenApiParameter("state", OpenApiTypes.STR, enum=STATES, description="only orders of this state"),
            *PAGING,
        ],
        responses=PayoutPage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of orders, newest first, and what all of the period come to by state (`totals`).

        Orders count on their own day. `unexpected`: paid for what no order of ours expects, by the day of the bill.
        """
        given = parameters(request, ("from", "to", "state"), ["channel"])
        state = given.get("state", "")
        if state and state not in STATES:
            raise BadRequest(f"`state` is one of {', '.join(STATES)}.", "bad_state")
        settings = query.reporting_settings(connection, self.access.workspace)
        ask = asked(given, settings)
        query.intervals(ask)  # a period that cannot be is refused
        about = payouts.Asked(ask.period, ask.channel, state)
        page = payouts.page(connection, settings, about, given.get("cursor"), limit(request))
        answer = paged(
            request, page._replace(items=[_order(one, masked=self.access.masked) for one in page.items])
        )
        answer.data["totals"] = [_total(one) for one in payouts.totals(connection, settings, about)]
        return answer


def _order(one: Reconciled, *, masked: bool) -> dict[str, Any]:
    return {
        "order_id": access.scrub(one.order_id) if masked else one.order_id,
        "channel": one.channel,
        "at": utc_text(one.at),
        "currency": one.currency,
        "state": one.state,
        "expected": _text(one.expected),
        "paid": _text(one.paid),
        "difference": _text((one.paid or Decimal(0)) - (one.expected or Decimal(0))),
        "fees": _text(one.fees),
        "fees_billed": _text(one.fees_billed),
        "billed_at": utc_text(one.billed_at),
    }


def _total(one: Total) -> dict[str, Any]:
    return {
        "currency": one.currency,
        "state": one.state,
        "orders": one.orders,
        "expected": query.text(one.expected),
        "paid": query.text(one.paid),
        "difference": query.text(one.paid - one.expected),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else query.text(value)
