"""What platforms make of an order's money: what they keep and pay out. Not here: what customers pay (sales.py)."""

from django.utils.translation import gettext_lazy as _

from metrics.catalogue import rows
from metrics.catalogue.base import Measure, Metric

GROUP = _("Settlement")

KEPT = Measure(
    "platform_fees",
    label=_("Platform fees"),
    unit="money",
    rows=rows.SETTLED,
    sum="fees",
    where="x.fees is not null",
    kept="platform_fees",
)
ORDERED = Measure(
    "gmv_with_fees",
    label=_("Ordered, of orders that say their fees"),
    unit="money",
    rows=rows.SETTLED,
    sum="total",
    where="x.fees is not null",
    kept="gmv_with_fees",
)
PAID_OUT = Measure(
    "payout",
    label=_("Payout"),
    unit="money",
    rows=rows.SETTLED,
    sum="payout",
    where="x.payout is not null",
    kept="payout",
)

PLATFORM_FEES = Metric(
    name="platform_fees",
    label=_("Platform fees"),
    question=_(
        "What platforms keep of the orders: commission, freight, service, promotion and whatever they call it."
    ),
    formula=_("sum of the fees of orders, by order time; orders that do not say their fees count nothing"),
    unit="money",
    good="down",
    group=GROUP,
    value=KEPT,
    care=_(
        "Fees are those an order has now, on the day it was placed, however late they were said; what a platform gives "
        "back after a refund counts once it sends the order's fees anew."
    ),
)
PAYOUT = Metric(
    name="payout",
    label=_("Payout"),
    question=_("What platforms pay out to us for the orders."),
    formula=_("sum of the payouts of orders, by order time; orders that do not say theirs count nothing"),
    unit="money",
    good="up",
    group=GROUP,
    value=PAID_OUT,
    care=_("A payout counts on the day of its order, not on the day the money arrives."),
)
TAKE_RATE = Metric(
    name="take_rate",
    label=_("Take rate"),
    question=_("What part of the ordered value platforms keep."),
    formula=_("platform fees ÷ gross merchandise value of the orders that say their fees"),
    unit="share",
    good="down",
    group=GROUP,
    value=KEPT / ORDERED,
    care=_(
        "Orders that do not say their fees stand neither above nor below: they would make the rate look smaller than "
        "it is. An empty list of fees says that there are none, and counts below. Refunds are not deducted."
    ),
)

METRICS: tuple[Metric, ...] = (PLATFORM_FEES, PAYOUT, TAKE_RATE)
