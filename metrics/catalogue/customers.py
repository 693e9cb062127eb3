"""Distinct customers: active, buying, new, staying, and what a new one costs. Not here: money (sales.py)."""

from django.utils.translation import gettext_lazy as _

from metrics.catalogue.base import ActiveBefore, Customers, Metric, Retained, Sum

ACTIVE = Customers("active")
BUYERS = Customers("buyers")
NEW = Customers("new")

ACTIVE_CUSTOMERS = Metric(
    name="active_customers",
    label=_("Active customers"),
    unit="count",
    good="up",
    formula=_("customers with a track, page or screen event"),
    value=ACTIVE,
)
BUYER_COUNT = Metric(
    name="buyers",
    label=_("Buyers"),
    unit="count",
    good="up",
    formula=_("customers with an order"),
    value=BUYERS,
)
NEW_CUSTOMERS = Metric(
    name="new_customers",
    label=_("New customers"),
    unit="count",
    good="up",
    formula=_("customers whose first order ever is in the period"),
    value=NEW,
)
CROSS_CHANNEL_SHARE = Metric(
    name="cross_channel_share",
    label=_("Cross-channel share"),
    unit="share",
    good="up",
    formula=_("customers active in two channels or more ÷ active customers"),
    value=Customers("cross") / ACTIVE,
)
RETENTION = Metric(
    name="retention",
    label=_("Retention"),
    unit="share",
    good="up",
    formula=_("customers active in this interval and in the one before ÷ customers active in the one before"),
    value=Retained() / ActiveBefore(),
)
CAC = Metric(
    name="cac",
    label=_("Customer acquisition cost"),
    unit="money",
    good="down",
    formula=_("acquisition spend ÷ new customers"),
    value=Sum("spend_acquisition") / NEW,
)
REPEAT_PURCHASE_RATE = Metric(
    name="repeat_purchase_rate",
    label=_("Repeat purchase rate"),
    unit="share",
    good="up",
    formula=_("buyers with two orders or more in the period ÷ buyers"),
    value=Customers("repeat") / BUYERS,
)

METRICS = (
    ACTIVE_CUSTOMERS,
    BUYER_COUNT,
    NEW_CUSTOMERS,
    CROSS_CHANNEL_SHARE,
    RETENTION,
    CAC,
    REPEAT_PURCHASE_RATE,
)
