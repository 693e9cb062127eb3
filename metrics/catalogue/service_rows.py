"""Lists of rows of what follows an order: payments; parcels, tickets, refunds, each on the day it came to its end.

Not here: the form of a list, orders, refunds and returns themselves (rows.py), the terms (fulfilment.py, service.py).
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from kernel.db import Statements
from metrics.catalogue.rows import AT, CHANNEL, ORDER, WHO, Column, Rows

SQL = Statements(__file__)
PAID: dict[str, Any] = {
    "started": _("started"),
    "succeeded": _("succeeded"),
    "failed": _("failed"),
}
_HOURS = Column("hours", _("Hours"), "number")
_TOPIC = Column("topic", _("Topic"))
_OPENED = Column("opened_at", _("Opened"), "moment")

PAYMENTS = Rows(
    kind="payments",
    statement="payments",
    source=SQL,
    key_cast="text",
    daily=True,
    shown=("order_id", "channel_id", "occurred_at", "method", "state", "reason", "due", "currency"),
    usual="-occurred_at",
    columns=(
        ORDER,
        WHO,
        CHANNEL,
        AT,
        Column("method", _("Payment method")),
        Column("state", _("State"), "word", PAID),
        Column("reason", _("Reason")),
        Column("due", _("Amount"), "money"),
    ),
)
PARCELS = Rows(
    kind="parcels",
    statement="parcels",
    source=SQL,
    key_cast="text",
    daily=True,
    shown=(
        "order_id",
        "channel_id",
        "ordered_at",
        "delivered_at",
        "promised_at",
        "on_time",
        "carrier",
        "hours",
    ),
    usual="-delivered_at",
    columns=(
        ORDER,
        WHO,
        CHANNEL,
        Column("carrier", _("Carrier")),
        Column("ordered_at", _("Ordered"), "moment"),
        Column("delivered_at", _("Delivered"), "moment"),
        Column("promised_at", _("Promised"), "moment"),
        Column("on_time", _("On time"), "yes"),
        _HOURS,
    ),
)
TICKETS_ANSWERED = Rows(
    kind="tickets",
    statement="tickets_answered",
    source=SQL,
    key_cast="text",
    daily=True,
    shown=("sighting_id", "ticket", "channel_id", "topic", "opened_at", "first_response_at", "minutes"),
    usual="-first_response_at",
    columns=(
        WHO,
        Column("ticket", _("Ticket")),
        CHANNEL,
        _TOPIC,
        _OPENED,
        Column("first_response_at", _("First response"), "moment"),
        Column("minutes", _("Minutes"), "number"),
    ),
)
TICKETS_RESOLVED = Rows(
    kind="tickets",
    statement="tickets_resolved",
    source=SQL,
    key_cast="text",
    daily=True,
    shown=("sighting_id", "ticket", "channel_id", "topic", "opened_at", "resolved_at", "hours"),
    usual="-resolved_at",
    columns=(
        WHO,
        Column("ticket", _("Ticket")),
        CHANNEL,
        _TOPIC,
        _OPENED,
        Column("resolved_at", _("Resolved"), "moment"),
        _HOURS,
    ),
)
REFUNDS_OF_RETURNS = Rows(
    kind="refunds",
    statement="refunds_of_returns",
    source=SQL,
    key_cast="text",
    daily=True,
    shown=(
        *("order_id", "channel_id", "service_channel_id", "returned_at"),
        *("occurred_at", "currency", "refund", "hours"),
    ),
    usual="-occurred_at",
    columns=(
        ORDER,
        WHO,
        CHANNEL,
        Column("returned_at", _("Return announced"), "moment"),
        Column("occurred_at", _("Refunded"), "moment"),
        Column("refund", _("Refund"), "money"),
        _HOURS,
    ),
)
