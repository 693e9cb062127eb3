"""Money and orders. Not here: who bought (customers.py)."""

from django.utils.translation import gettext_lazy as _

from metrics.catalogue import rows
from metrics.catalogue.base import Difference, Measure, Metric

GROUP = _("Sales")

ORDERED = Measure("gmv", label=_("Ordered"), unit="money", rows=rows.ORDERS, sum="total", kept="gmv")
ORDERS = Measure("orders", label=_("Orders"), unit="count", rows=rows.ORDERS, kept="orders")
PRICED_ORDERS = Measure(  # what goes below their money: less those that have no rate
    "priced_orders", label=_("Orders"), unit="count", rows=rows.ORDERS, kept="orders", priced=True
)
REFUNDED = Measure(
    "refunds", label=_("Refunds"), unit="money", rows=rows.REFUNDS, sum="refund", kept="refunds"
)
STAYED = Difference(
    "net_revenue", left=ORDERED, less=REFUNDED, label=_("Orders less refunds"), unit="money", rows=rows.MOVES
)

GMV = Metric(
    name="gmv",
    label=_("Gross merchandise value"),
    question=_("What was ordered, before refunds."),
    formula=_("sum of order totals, by order time; refunds and cancellations are not deducted"),
    unit="money",
    good="up",
    group=GROUP,
    value=ORDERED,
)
REFUNDS = Metric(
    name="refunds",
    label=_("Refunds"),
    question=_("Money refunded to customers, by the day of the refund."),
    formula=_("sum of refunds and cancellations, by their own time"),
    unit="money",
    good="down",
    group=GROUP,
    value=REFUNDED,
    care=_("A refund counts for the channel of its order, on its own day; a cancellation refunds the rest."),
)
NET_REVENUE = Metric(
    name="net_revenue",
    label=_("Net revenue"),
    question=_("What remains of orders after refunds."),
    formula=_("gross merchandise value − refunds"),
    unit="money",
    good="up",
    group=GROUP,
    value=STAYED,
    care=_("Refunds count on their own day, not on the order's: a day may be below zero."),
)
ORDER_COUNT = Metric(
    name="orders",
    label=_("Orders"),
    question=_("How many purchases were made."),
    formula=_("number of orders, by order time; cancelled ones included"),
    unit="count",
    good="up",
    group=GROUP,
    value=ORDERS,
)
AOV = Metric(
    name="aov",
    label=_("Average order value"),
    question=_("What one order is worth."),
    formula=_("gross merchandise value ÷ orders"),
    unit="money",
    good="up",
    group=GROUP,
    value=ORDERED / PRICED_ORDERS,
)
REFUND_RATE = Metric(
    name="refund_rate",
    label=_("Refund rate"),
    question=_("How much of the ordered value was refunded."),
    formula=_("refunds ÷ gross merchandise value"),
    unit="share",
    good="down",
    group=GROUP,
    value=REFUNDED / ORDERED,
    care=_("Refunds count on their own day: those of the period may belong to earlier orders."),
)

METRICS: tuple[Metric, ...] = (GMV, REFUNDS, NET_REVENUE, ORDER_COUNT, AOV, REFUND_RATE)
