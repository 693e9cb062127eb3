"""What members bring: their share of what is sold and of those who buy; the rows of both.

A member is who has joined the programme, or risen in it, by the time of the order; people who turn out to be one are
one member. Not here: tiers (a dimension: metrics/breakdown/dimensions.py).
"""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from kernel.db import Connection, Statements
from metrics import term_readers
from metrics.catalogue import customers, rows, sales
from metrics.catalogue.base import Difference, Measure, Metric, Term
from metrics.catalogue.rows import CHANNELS, WHO, Column, Rows
from metrics.scope import Reading, Scope

SQL = Statements(__file__)
GROUP = _("Membership")

ORDERS_OF_MEMBERS = replace(rows.ORDERS, statement="orders_of_members", source=SQL)
REFUNDS_OF_MEMBERS = replace(rows.REFUNDS, statement="refunds_of_members", source=SQL)
MEMBER_BUYERS = Rows(
    kind="customers",
    statement="member_buyers",
    source=SQL,
    key_cast="bigint",
    at_cast="bigint",
    shown=("profile_id", "since", "first_at", "last_at", "channels", "orders"),
    columns=(
        WHO,
        CHANNELS,
        Column("since", _("Member since"), "moment"),
        Column("first_at", _("First order"), "moment"),
        Column("last_at", _("Last order"), "moment"),
        Column("orders", _("Orders"), "number"),
    ),
)


def _member_buyers(db: Connection, scope: Scope) -> Reading:
    return term_readers.distinct(db, scope, ORDERS_OF_MEMBERS.text, "profile_id")


ORDERED = Measure(
    "member_gmv", label=_("Ordered by members"), unit="money", rows=ORDERS_OF_MEMBERS, sum="total"
)
REFUNDED = Measure(
    "member_refunds", label=_("Refunds to members"), unit="money", rows=REFUNDS_OF_MEMBERS, sum="refund"
)
STAYED = Difference(
    "member_net_revenue",
    left=ORDERED,
    less=REFUNDED,
    label=_("Orders of members less refunds"),
    unit="money",
    rows=rows.MOVES,
)
MEMBERS_WHO_BOUGHT = Term(
    "member_buyers",
    label=_("Members who bought"),
    unit="count",
    rows=MEMBER_BUYERS,
    reader=_member_buyers,
)

MEMBER_REVENUE_SHARE = Metric(
    name="member_revenue_share",
    label=_("Members' share of revenue"),
    question=_("How much of what is sold is sold to members."),
    formula=_("net revenue of orders that members placed ÷ net revenue"),
    unit="share",
    good="up",
    group=GROUP,
    value=STAYED / sales.STAYED,
    care=_(
        "Whoever joins after an order was no member for it. Refunds count on their own day: those of the period may "
        "belong to earlier orders."
    ),
)
MEMBERSHIP_PENETRATION = Metric(
    name="membership_penetration",
    label=_("Membership penetration"),
    question=_("How many of those who buy are members."),
    formula=_("customers with an order placed as a member ÷ buyers"),
    unit="share",
    good="up",
    group=GROUP,
    value=MEMBERS_WHO_BOUGHT / customers.BUYERS,
    over_time="own",
    care=customers.ONCE,
)

METRICS: tuple[Metric, ...] = (MEMBER_REVENUE_SHARE, MEMBERSHIP_PENETRATION)
