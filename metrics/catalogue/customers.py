"""Distinct customers: active, buying, new, staying, and what a new one costs. Not here: money (sales.py)."""

from django.utils.translation import gettext_lazy as _

from metrics import term_readers
from metrics.catalogue import rows
from metrics.catalogue.base import Customers, Measure, Metric, Term

GROUP = _("Customers")
ONCE = _("A customer seen on several channels counts once in the total, so channels do not add up to it.")

ACTIVE = Customers("active", label=_("Active customers"), rows=rows.ACTIVE)
CROSS = Customers("cross", label=_("Active on several channels"), rows=rows.ACTIVE_ON_SEVERAL)
RETAINED = Term(
    "retained", label=_("Active again"), unit="count", rows=rows.ACTIVE_AGAIN, reader=term_readers.retained
)
ACTIVE_BEFORE = Term(
    "active_before",
    label=_("Active before"),
    unit="count",
    rows=rows.ACTIVE_BEFORE,
    reader=term_readers.active_before,
)
BUYERS = Customers("buyers", label=_("Buyers"), rows=rows.BUYERS)
REPEAT = Customers("repeat", label=_("Bought more than once"), rows=rows.BUYERS_AGAIN)
CUSTOMER_ORDERS = Measure(
    "customer_orders",
    label=_("Orders with a customer"),
    unit="count",
    rows=rows.ORDERS,
    where="x.sighting_id is not null",
)
NEW = Customers("new", label=_("New customers"), rows=rows.FIRST_ORDERS)
ACQUISITION_SPEND = Measure(
    "spend_acquisition",
    label=_("Acquisition spend"),
    unit="money",
    rows=rows.SPEND,
    sum="spent",
    where="x.kind = 'acquisition'",
    kept="spend_acquisition",
)

ACTIVE_CUSTOMERS = Metric(
    name="active_customers",
    label=_("Active customers"),
    question=_("How many people we reached."),
    formula=_("customers with a track, page or screen event of their own making"),
    unit="count",
    good="up",
    group=GROUP,
    value=ACTIVE,
    care=ONCE,
)
BUYER_COUNT = Metric(
    name="buyers",
    label=_("Buyers"),
    question=_("How many people bought."),
    formula=_("customers with an order"),
    unit="count",
    good="up",
    group=GROUP,
    value=BUYERS,
    care=ONCE,
)
NEW_CUSTOMERS = Metric(
    name="new_customers",
    label=_("New customers"),
    question=_("How many people bought for the first time ever."),
    formula=_("customers whose first order ever is in the period"),
    unit="count",
    good="up",
    group=GROUP,
    value=NEW,
    over_time="adds_up",  # each has one first order, on one day
    care=_("A new customer counts for the channel of the first order ever."),
)
CROSS_CHANNEL_SHARE = Metric(
    name="cross_channel_share",
    label=_("Cross-channel share"),
    question=_("How many of the people active use more than one channel."),
    formula=_("customers active in two channels or more ÷ active customers"),
    unit="share",
    good="up",
    group=GROUP,
    value=CROSS / ACTIVE,
    over_time="own",
    care=ONCE,
)
RETENTION = Metric(
    name="retention",
    label=_("Retention"),
    question=_("How many of the people active before came back."),
    formula=_("customers active in this interval and in the one before ÷ customers active in the one before"),
    unit="share",
    good="up",
    group=GROUP,
    value=RETAINED / ACTIVE_BEFORE,
    over_time="own",
    care=_(
        "The total compares the period with as many days before it; the chart shows whole calendar intervals."
    ),
)
CAC = Metric(
    name="cac",
    label=_("Customer acquisition cost"),
    question=_("What we spent to win one new customer."),
    formula=_("acquisition spend ÷ new customers"),
    unit="money",
    good="down",
    group=GROUP,
    value=ACQUISITION_SPEND / NEW,
    care=_(
        "New customers count for the channel of their first order; spend for the channel it was booked on."
    ),
)
REPEAT_PURCHASE_RATE = Metric(
    name="repeat_purchase_rate",
    label=_("Repeat purchase rate"),
    question=_("How many buyers bought more than once."),
    formula=_("buyers with two orders or more in the period ÷ buyers"),
    unit="share",
    good="up",
    group=GROUP,
    value=REPEAT / BUYERS,
    over_time="own",
    care=ONCE,
)
PURCHASE_FREQUENCY = Metric(
    name="purchase_frequency",
    label=_("Purchase frequency"),
    question=_("How often a buyer bought in the period."),
    formula=_("orders with a customer ÷ buyers"),
    unit="ratio",
    good="up",
    group=GROUP,
    value=CUSTOMER_ORDERS / BUYERS,
    over_time="own",
    care=ONCE,
)

METRICS: tuple[Metric, ...] = (
    ACTIVE_CUSTOMERS,
    BUYER_COUNT,
    NEW_CUSTOMERS,
    CROSS_CHANNEL_SHARE,
    RETENTION,
    CAC,
    REPEAT_PURCHASE_RATE,
    PURCHASE_FREQUENCY,
)
