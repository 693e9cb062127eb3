"""Visits, carts and what becomes of them; whose events are; rows. Not here: what a visit is (metrics/visits.py)."""

from django.utils.translation import gettext_lazy as _

from metrics.catalogue.base import Metric, Mirrored
from metrics.catalogue.rows import AT, CHANNEL, WHO, Column, Rows

GROUP = _("Visits")

CONTACT_ROWS = Rows(
    kind="events",
    mirrored=True,
    shown=("profile_id", "channel_id", "name", "occurred_at"),
    usual="-occurred_at",
    columns=(WHO, CHANNEL, Column("name", _("Event")), AT),
)
_VISIT = (
    WHO,
    CHANNEL,
    Column("began", _("Began"), "moment"),
    Column("ended", _("Ended"), "moment"),
    Column("events", _("Events"), "number"),
)
_ORDERED_AT = Column("ordered_at", _("Ordered"), "moment")
_ADDED_AT = Column("added_at", _("Put in the cart"), "moment")
VISIT_ROWS = Rows(
    kind="visits",
    mirrored=True,
    shown=("profile_id", "channel_id", "began", "ended", "events"),
    usual="-began",
    columns=_VISIT,
)
ORDERED_ROWS = Rows(
    kind="visits_with_orders",
    mirrored=True,
    shown=("profile_id", "channel_id", "began", "ended", "events", "ordered_at"),
    usual="-began",
    columns=(*_VISIT, _ORDERED_AT),
)
CART_ROWS = Rows(
    kind="carts",
    mirrored=True,
    shown=("profile_id", "channel_id", "added_at"),
    usual="-added_at",
    columns=(WHO, CHANNEL, _ADDED_AT),
)
CART_ORDERED_ROWS = Rows(
    kind="carts_ordered",
    mirrored=True,
    shown=("profile_id", "channel_id", "added_at", "ordered_at"),
    usual="-added_at",
    columns=(WHO, CHANNEL, _ADDED_AT, _ORDERED_AT),
)

BEGUN = Mirrored("visits", label=_("Visits"), rows=VISIT_ROWS)
ORDERED = Mirrored("visits_ordered", label=_("Visits with an order"), rows=ORDERED_ROWS)
CARTS = Mirrored("cart_customers", label=_("Customers with something in the cart"), rows=CART_ROWS)
CARTS_ORDERED = Mirrored("cart_ordered", label=_("Those who ordered"), rows=CART_ORDERED_ROWS)
IDENTIFIED = Mirrored("events_identified", label=_("Events of identified customers"), rows=CONTACT_ROWS)
CONTACTS = Mirrored("events_with_customer", label=_("Events with a customer"), rows=CONTACT_ROWS)

VISITS = Metric(
    name="visits",
    label=_("Visits"),
    question=_("How often people came to look around."),
    formula=_(
        "a customer's events of browsing, cart or store on one channel, with pauses under 30 minutes; by its beginning"
    ),
    unit="count",
    good="up",
    group=GROUP,
    value=BEGUN,
    over_time="adds_up",  # each begins once
    care=_("Known crawlers and events without a person make no visit."),
)
VISIT_CONVERSION = Metric(
    name="visit_conversion",
    label=_("Visit conversion"),
    question=_("How many visits end in an order."),
    formula=_(
        "visits with an order of the same person and channel during them or within 24 hours after ÷ visits"
    ),
    unit="share",
    good="up",
    group=GROUP,
    value=ORDERED / BEGUN,
    care=_("Visits of the last day may still be followed by an order."),
)
CART_CONVERSION = Metric(
    name="cart_conversion",
    label=_("Cart conversion"),
    question=_("How many of those who put something in the cart buy it."),
    formula=_(
        "customers with an order within 7 days after their first Product Added of the period ÷ customers with one"
    ),
    unit="share",
    good="up",
    group=GROUP,
    value=CARTS_ORDERED / CARTS,
    over_time="own",
    care=_("Carts of the last 7 days may still be followed by an order."),
)
IDENTIFIED_SHARE = Metric(
    name="identified_share",
    label=_("Identified share"),
    question=_("Of how much of what people do we know who they are."),
    formula=_(
        "events of customers with user id, member number, phone, e-mail or unionid ÷ events with a customer"
    ),
    unit="share",
    good="up",
    group=GROUP,
    value=IDENTIFIED / CONTACTS,
    care=_("Page, screen and track events; whoever is identified later is so for all that came before."),
)

METRICS: tuple[Metric, ...] = (VISITS, VISIT_CONVERSION, CART_CONVERSION, IDENTIFIED_SHARE)
