"""Money and orders. Not here: who bought (customers.py)."""

from django.utils.translation import gettext_lazy as _

from metrics.catalogue.base import ConvertedOrders, Count, Metric, Sum

ORDERED = Sum("gmv")
REFUNDED = Sum("refunds")
ORDERS = Count("orders")

GMV = Metric(
    name="gmv",
    label=_("Gross merchandise value"),
    unit="money",
    good="up",
    formula=_("sum of order totals, by order time; refunds and cancellations are not deducted"),
    value=ORDERED,
)
REFUNDS = Metric(
    name="refunds",
    label=_("Refunds"),
    unit="money",
    good="down",
    formula=_("sum of refunds and cancellations, by their own time"),
    value=REFUNDED,
)
NET_REVENUE = Metric(
    name="net_revenue",
    label=_("Net revenue"),
    unit="money",
    good="up",
    formula=_("gross merchandise value − refunds"),
    value=ORDERED - REFUNDED,
)
ORDER_COUNT = Metric(
    name="orders",
    label=_("Orders"),
    unit="count",
    good="up",
    formula=_("number of orders, by order time; cancelled ones included"),
    value=ORDERS,
)
AOV = Metric(
    name="aov",
    label=_("Average order value"),
    unit="money",
    good="up",
    formula=_("gross merchandise value ÷ orders"),
    value=ORDERED / ConvertedOrders(),
)
REFUND_RATE = Metric(
    name="refund_rate",
    label=_("Refund rate"),
    unit="share",
    good="down",
    formula=_("refunds ÷ gross merchandise value"),
    value=REFUNDED / ORDERED,
)

METRICS = (GMV, REFUNDS, NET_REVENUE, ORDER_COUNT, AOV, REFUND_RATE)
