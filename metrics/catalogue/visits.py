"""Visits, carts and what becomes of them; whose events are. Not here: what a visit is (metrics/visits.py)."""

from django.utils.translation import gettext_lazy as _

from metrics.catalogue import rows
from metrics.catalogue.base import Metric, Mirrored

GROUP = _("Visits")

BEGUN = Mirrored("visits", label=_("Visits"), rows=rows.VISITS)
ORDERED = Mirrored("visits_ordered", label=_("Visits with an order"), rows=rows.VISITS_WITH_ORDERS)
CARTS = Mirrored("cart_customers", label=_("Customers with something in the cart"), rows=rows.CARTS)
CARTS_ORDERED = Mirrored("cart_ordered", label=_("Those who ordered"), rows=rows.CARTS_ORDERED)
IDENTIFIED = Mirrored("events_identified", label=_("Events of identified customers"), rows=rows.CONTACTS)
CONTACTS = Mirrored("events_with_customer", label=_("Events with a customer"), rows=rows.CONTACTS)

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
