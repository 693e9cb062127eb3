"""From the order to the door: whether payments succeed, how long parcels take, whether promises are kept.

Not here: what comes after it (service.py).
"""

from django.utils.translation import gettext_lazy as _

from metrics.catalogue import service_rows as rows
from metrics.catalogue.base import Measure, Metric

GROUP = _("Payment and delivery")

BEGUN = Measure("payments_started", label=_("Payments started"), unit="count", rows=rows.PAYMENTS)
SUCCEEDED = Measure(
    "payments_succeeded",
    label=_("Payments succeeded"),
    unit="count",
    rows=rows.PAYMENTS,
    where="x.state = 'succeeded'",
)
ARRIVED = Measure(
    "deliveries", label=_("Parcels delivered"), unit="count", rows=rows.PARCELS, where="x.hours is not null"
)
UNDER_WAY = Measure(
    "delivery_time",
    label=_("Time from order to door"),
    unit="hours",
    rows=rows.PARCELS,
    sum="hours",
    where="x.hours is not null",
)
PROMISED = Measure(
    "deliveries_promised",
    label=_("Parcels with a promise"),
    unit="count",
    rows=rows.PARCELS,
    where="x.promised_at is not null",
)
ON_TIME = Measure(
    "deliveries_on_time",
    label=_("Parcels on time"),
    unit="count",
    rows=rows.PARCELS,
    where="x.on_time",
)

PAYMENT_CONVERSION = Metric(
    name="payment_conversion",
    label=_("Payment conversion"),
    question=_("How many of the payments that customers start succeed."),
    formula=_("payments that succeeded ÷ payments started, of orders"),
    unit="share",
    good="up",
    group=GROUP,
    value=SUCCEEDED / BEGUN,
    care=_(
        "A payment counts once, on the day it was started, with its own method; whoever fails and tries again has "
        "started two. Those of the last hours may still succeed. Counted are payments of orders: the page Payments "
        "also counts attempts whose number never became an order."
    ),
)
DELIVERY_HOURS = Metric(
    name="delivery_hours",
    label=_("Delivery time"),
    question=_("How long customers wait for what they ordered."),
    formula=_("hours from order to delivery ÷ parcels delivered"),
    unit="hours",
    good="down",
    group=GROUP,
    value=UNDER_WAY / ARRIVED,
    care=_(
        "A parcel counts on the day it arrives, for the channel of its order: what is under way is not in it yet. "
        "A mean: a few very late parcels weigh much, and stand first when the rows are sorted by hours."
    ),
)
ON_TIME_SHARE = Metric(
    name="on_time_share",
    label=_("On-time delivery"),
    question=_("How many parcels arrive when they were promised."),
    formula=_("parcels delivered by the time promised ÷ parcels delivered that had a promise"),
    unit="share",
    good="up",
    group=GROUP,
    value=ON_TIME / PROMISED,
    care=_("A parcel counts on the day it arrives: one that is late and still under way is not in it yet."),
)

METRICS: tuple[Metric, ...] = (PAYMENT_CONVERSION, DELIVERY_HOURS, ON_TIME_SHARE)
