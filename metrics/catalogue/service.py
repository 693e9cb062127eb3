"""After the sale: satisfaction, answers to those who ask, goods coming back. Not here: refunds in money (sales.py)."""

from django.utils.translation import gettext_lazy as _

from metrics import term_readers
from metrics.catalogue import rows, service_rows
from metrics.catalogue.base import Customers, Difference, Measure, Metric, Term

GROUP = _("Service")

SATISFIED = Customers("satisfied", label=_("Satisfied"), rows=rows.ANSWERS, where="x.satisfied")
ANSWERED = Customers("answered", label=_("Answered"), rows=rows.ANSWERS)
PROMOTERS = Term(
    "promoters",
    label=_("Promoters"),
    unit="count",
    rows=rows.ANSWERS,
    where="x.score * 10 >= x.scale * 9",
    reader=term_readers.promoters,
)
DETRACTORS = Term(
    "detractors",
    label=_("Detractors"),
    unit="count",
    rows=rows.ANSWERS,
    where="x.score * 10 <= x.scale * 6",
    reader=term_readers.detractors,
)
NET_PROMOTERS = Difference(
    "net_promoters",
    left=PROMOTERS,
    less=DETRACTORS,
    label=_("Promoters less detractors"),
    unit="count",
    rows=rows.ANSWERS_WEIGHED,
)
RETURNS = Measure("returns", label=_("Returns received"), unit="count", rows=rows.RETURNS, kept="returns")
RETURNS_ELSEWHERE = Measure(
    "returns_elsewhere",
    label=_("Received in another channel"),
    unit="count",
    rows=rows.RETURNS,
    where="x.service_channel_id <> x.channel_id",
    kept="returns_elsewhere",
)
ANSWERED_TICKETS = Measure(
    "tickets_answered", label=_("Tickets answered"), unit="count", rows=service_rows.TICKETS_ANSWERED
)
UNANSWERED_FOR = Measure(
    "response_time",
    label=_("Time to the first response"),
    unit="minutes",
    rows=service_rows.TICKETS_ANSWERED,
    sum="minutes",
)
RESOLVED_TICKETS = Measure(
    "tickets_resolved", label=_("Tickets resolved"), unit="count", rows=service_rows.TICKETS_RESOLVED
)
OPEN_FOR = Measure(
    "resolution_time",
    label=_("Time to the resolution"),
    unit="hours",
    rows=service_rows.TICKETS_RESOLVED,
    sum="hours",
)
REFUNDS_OF_RETURNS = Measure(
    "refunds_of_returns",
    label=_("Refunds after a return"),
    unit="count",
    rows=service_rows.REFUNDS_OF_RETURNS,
)
MONEY_OUT_FOR = Measure(
    "refund_time",
    label=_("Time from return to refund"),
    unit="hours",
    rows=service_rows.REFUNDS_OF_RETURNS,
    sum="hours",
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
NPS = Metric(
    name="nps",
    label=_("Net promoter score"),
    question=_("How many more would recommend us than would not."),
    formula=_("(promoters − detractors) ÷ customers who answered"),
    unit="share",
    good="up",
    group=GROUP,
    value=NET_PROMOTERS / ANSWERED,
    care=_(
        "From 9 of 10 on a customer is a promoter, up to 6 a detractor; answers on another scale are put on one of 10: "
        "of 5 points only 5 promote, and 4 are neither. The latest answer of a customer in the period decides."
    ),
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

FIRST_RESPONSE_MINUTES = Metric(
    name="first_response_minutes",
    label=_("First response"),
    question=_("How long those who ask for help wait for the first word."),
    formula=_("minutes from opening a ticket to its first response ÷ tickets answered"),
    unit="minutes",
    good="down",
    group=GROUP,
    value=UNANSWERED_FOR / ANSWERED_TICKETS,
    care=_(
        "A ticket counts on the day it is first answered, on the channel where it was opened: those that still wait "
        "are not in it. A mean; nights and weekends count as any hours."
    ),
)
RESOLUTION_HOURS = Metric(
    name="resolution_hours",
    label=_("Time to resolution"),
    question=_("How long a customer's problem stays open."),
    formula=_("hours from opening a ticket to its resolution ÷ tickets resolved"),
    unit="hours",
    good="down",
    group=GROUP,
    value=OPEN_FOR / RESOLVED_TICKETS,
    care=_(
        "A ticket counts on the day it is resolved, on the channel where it was opened: those still open are not in "
        "it. A ticket that is resolved twice counts by the first time."
    ),
)
REFUND_HOURS = Metric(
    name="refund_hours",
    label=_("Time to refund"),
    question=_("How long customers wait for their money after they announce a return."),
    formula=_("hours from a return to the refund of its order ÷ refunds after a return"),
    unit="hours",
    good="down",
    group=GROUP,
    value=MONEY_OUT_FOR / REFUNDS_OF_RETURNS,
    care=_(
        "A refund counts on its own day, for the channel of its order, from the last return of the order that was "
        "asked for or received before it. Refunds without a return, and cancellations, are not in it."
    ),
)

METRICS: tuple[Metric, ...] = (
    SATISFACTION,
    NPS,
    CROSS_CHANNEL_RETURN_RATE,
    FIRST_RESPONSE_MINUTES,
    RESOLUTION_HOURS,
    REFUND_HOURS,
)
