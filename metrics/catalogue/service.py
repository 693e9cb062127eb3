"""After the sale: satisfaction, goods coming back elsewhere. Not here: refunds in money (sales.py)."""

from django.utils.translation import gettext_lazy as _

from metrics.catalogue.base import Count, Customers, Metric

SATISFACTION = Metric(
    name="satisfaction",
    label=_("Satisfaction"),
    unit="share",
    good="up",
    formula=_("customers whose latest answer in the period is satisfied ÷ customers who answered"),
    value=Customers("satisfied") / Customers("answered"),
)
CROSS_CHANNEL_RETURN_RATE = Metric(
    name="cross_channel_return_rate",
    label=_("Cross-channel return rate"),
    unit="share",
    good="none",
    formula=_("returns received in another channel than the order's ÷ returns received"),
    value=Count("returns_elsewhere") / Count("returns"),
)

METRICS = (SATISFACTION, CROSS_CHANNEL_RETURN_RATE)
