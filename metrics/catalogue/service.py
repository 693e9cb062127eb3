"""After the sale: satisfaction, goods coming back elsewhere. Not here: refunds in money (sales.py)."""

from django.utils.translation import gettext_lazy as _

from metrics.catalogue import rows
from metrics.catalogue.base import Customers, Measure, Metric

GROUP = _("Service")

SATISFIED = Customers("satisfied", label=_("Satisfied"), rows=rows.ANSWERS, where="x.satisfied")
ANSWERED = Customers("answered", label=_("Answered"), rows=rows.ANSWERS)
RETURNS = Measure("returns", label=_("Returns received"), unit="count", rows=rows.RETURNS, kept="returns")
RETURNS_ELSEWHERE = Measure(
    "returns_elsewhere",
    label=_("Received in another channel"),
    unit="count",
    rows=rows.RETURNS,
    where="x.service_channel_id <> x.channel_id",
    kept="returns_elsewhere",
)

SATISFACTION = Metric(
    name="satisfaction",
    label=_("Satisfaction"),
    question=_("How many of those who answered were satisfied."),
    formula=_("customers whose latest answer in the period is satisfied ÷ customers who answered"),
    unit="share",
    good="up",
    group=GROUP,
    value=SATISFIED / ANSWERED,
    care=_("The latest answer of a customer in the period decides."),
)
CROSS_CHANNEL_RETURN_RATE = Metric(
    name="cross_channel_return_rate",
    label=_("Cross-channel return rate"),
    question=_("How many returns were received in a channel other than the order's."),
    formula=_("returns received in a channel other than the order's ÷ returns received"),
    unit="share",
    good="none",
    group=GROUP,
    value=RETURNS_ELSEWHERE / RETURNS,
    care=_("Returns count for the channel of their order."),
)

METRICS: tuple[Metric, ...] = (SATISFACTION, CROSS_CHANNEL_RETURN_RATE)
