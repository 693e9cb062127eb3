"""What the rows of orders add to the roll-ups, and what each measure of them is (rollups.py: MEASURES). Pure.

gmv, orders              on the order's channel and day; orders by currency: without a rate they stand below no money
platform_fees, payout    of the orders that say them; gmv_with_fees: the totals of those that say their fees
refunds                  on the order's channel, by the refund's day, converted by the order's day
cogs, missing_cost       by the order's day; missing_cost counts LINES without a cost
cogs_returned            by the day the goods came back, converted as the line's cost was
returns                  returns received, by their day, on the order's channel; returns_elsewhere: of them in another
spend_acquisition, spend_retention (spend.py), stock_value (stock.py)
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from metrics.facts.rows import Order, OrderLine, Refund, Return, ReturnLine, Settlement
from metrics.facts.tables import Key
from metrics.rollups import Amounts, Sum

ONE = Decimal(1)


def count(sums: Amounts, measure: str, channel: int, day: date) -> None:
    """One more of what is counted."""
    sums[Sum(measure, channel, day, day, "")] += ONE


def of_orders(sums: Amounts, orders: Iterable[Order]) -> None:
    """Adds gmv and orders."""
    for order in orders:
        sums[Sum("gmv", order.channel_id, order.day, order.day, order.currency)] += order.total
        sums[Sum("orders", order.channel_id, order.day, order.day, order.currency)] += ONE


def of_settlements(sums: Amounts, settlements: Mapping[Key, Settlement], orders: Mapping[Key, Order]) -> None:
    """Adds what platforms keep of orders and pay out."""
    for key, one in settlements.items():
        place = (one.channel_id, one.day, one.day, one.currency)
        if one.fees is not None:
            sums[Sum("platform_fees", *place)] += one.fees
            sums[Sum("gmv_with_fees", *place)] += orders[key].total
        if one.payout is not None:
            sums[Sum("payout", *place)] += one.payout


def of_refunds(sums: Amounts, refunds: Iterable[Refund]) -> None:
    """Adds refunds, the cancellation among them."""
    for refund in refunds:
        sums[Sum("refunds", refund.channel_id, refund.day, refund.order_day, refund.currency)] += (
            refund.amount
        )


def of_returns(sums: Amounts, returns: Iterable[Return]) -> None:
    """Adds returns received, and those in another channel than the order's."""
    for back in returns:
        if back.day is not None:
            count(sums, "returns", back.channel_id, back.day)
            if back.service_channel_id != back.channel_id:
                count(sums, "returns_elsewhere", back.channel_id, back.day)


def of_goods(sums: Amounts, lines: Mapping[Key, OrderLine], back: Iterable[ReturnLine]) -> None:
    """Adds the cost of goods sold, of goods taken back, and the lines without a cost."""
    for line in lines.values():
        if line.unit_cost is None:
            count(sums, "missing_cost", line.channel_id, line.day)
        else:
            sums[_cost("cogs", line, line.day)] += line.quantity * line.unit_cost
    for part in back:
        line = lines.get((part.order_id, part.channel_id, part.line))  # type: ignore[assignment]
        if line is not None and line.unit_cost is not None:
            sums[_cost("cogs_returned", line, part.day)] += part.quantity * line.unit_cost


def _cost(measure: str, line: OrderLine, day: date) -> Sum:
    cost_day: Any = line.cost_day
    return Sum(measure, line.channel_id, day, cost_day, line.cost_currency or "")
