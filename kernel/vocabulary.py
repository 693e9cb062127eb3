"""The events and records that mean something, a row each, and the touchpoint of every event name.

`event` alone decides what an event is: counting, timeline, ribbon, filters and pages ask it, none compares a name as it
was sent. A known event is stored under its row's name; the name as sent stays beside it.
To add an event: a row in EVENTS (and its reader in metrics/facts/). Not here: how a field is cleaned
(channels/mapping/meaning.py), what it counts as (metrics).
"""

import re
import unicodedata
from functools import lru_cache, partial

import msgspec

MEMORY = 50_000  # event names whose row is remembered per process

# How the fields of meaningful events are read. What is not named here is text.
PLATFORM = (
    "paid",
    "merchant_discount",
    "platform_discount",
    "payout",
)  # of an order, as a platform settles it
AMOUNTS = frozenset({"total", "amount", "tax", "shipping", "discount", *PLATFORM})
NUMBERS = frozenset({"score", "scale"})
SIGNED = frozenset({"points"})  # numbers whose sign says which way they go
TIMES = frozenset({"promised_at", "first_response_at"})
LINES = "products"
FEES = "fees"  # a list of kinds and amounts

CUSTOMER, COMPANY = "customer", "company"  # who makes an event: a customer, or a system or the staff

TOUCHPOINTS = (
    "browse",
    "cart",
    "order",
    "payment",
    "logistics",
    "after-sales",
    "feedback",
    "store",
    "social",
    "marketing",
    "membership",
    "other",
)


class Event(msgspec.Struct, frozen=True):
    """A name and what it means. `kind` is empty where the event is a touchpoint and no more."""

    name: str
    touchpoint: str
    kind: str = ""
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    key: str = ""  # the field that is the fact's own key
    fallback: str = ""  # the field that stands in for it; none: the messageId
    person: bool = True  # False: without an identity it is a fact without a person
    known: bool = True  # False: a name of the sender's own, as it was sent
    made_by: str = CUSTOMER  # what the company makes is no activity of the customer it is about

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that are read, required ones first."""
        return self.required + self.optional


_ORDER = ("currency", LINES, "tax", "shipping", "discount", "coupon", "store", *PLATFORM, FEES)
_GOODS = (LINES, "store", "reason")
_PAYMENT = ("currency", "method", "reason")
_PARCEL = ("carrier", "promised_at")
_CONSENT = ("channel", "proof", "text_version")
_TICKET = ("topic", "order_id", "first_response_at")
_Fact = partial(Event, person=False)  # counts without a person too
_Done = partial(_Fact, made_by=COMPANY)

EVENTS: tuple[Event, ...] = (
    _Fact("Order Completed", "order", "order_completed", ("order_id", "total"), _ORDER, "order_id"),
    _Done("Order Updated", "order", "order_updated", ("order_id",), ("total", *_ORDER), "order_id"),
    _Fact("Order Cancelled", "order", "order_cancelled", ("order_id",), ("reason",), "order_id"),
    _Done(
        "Order Refunded",
        "after-sales",
        "order_refunded",
        ("order_id",),
        ("total", "currency", LINES, "reason"),
        "refund_id",
    ),
    _Fact("Return Requested", "after-sales", "return_requested", ("order_id",), _GOODS, "return_id"),
    _Done("Return Received", "after-sales", "return_received", ("order_id",), _GOODS, "return_id"),
    _Fact(
        "Payment Started", "payment", "payment_started", ("order_id",), ("amount", *_PAYMENT), "payment_id"
    ),
    _Fact(
        "Payment Succeeded", "payment", "payment_succeeded", ("order_id", "amount"), _PAYMENT, "payment_id"
    ),
    _Fact("Payment Failed", "payment", "payment_failed", ("order_id",), ("amount", *_PAYMENT), "payment_id"),
    _Done("Order Shipped", "logistics", "order_shipped", ("order_id",), _PARCEL, "shipment_id", "order_id"),
    _Done(
        "Order Delivered", "logistics", "order_delivered", ("order_id",), _PARCEL, "shipment_id", "order_id"
    ),
    _Fact("Ticket Opened", "after-sales", "ticket_opened", ("ticket_id",), _TICKET, "ticket_id"),
    _Done("Ticket Resolved", "after-sales", "ticket_resolved", ("ticket_id",), _TICKET, "ticket_id"),
    _Fact(
        "Feedback Given",
        "feedback",
        "feedback_given",
        ("score",),
        ("scale", "about", "order_id", "text"),
        "feedback_id",
    ),
    Event("Membership Joined", "membership", "membership_joined", ("member_no",), ("tier",)),
    Event(
        "Membership Upgraded",
        "membership",
        "membership_upgraded",
        ("member_no",),
        ("tier",),
        made_by=COMPANY,
    ),
    # Points and money of a member's account. `reason`: earned, spent, expired; for any other word the sign tells.
    Event(
        "Points Changed",
        "membership",
        "points_changed",
        ("member_no", "points"),
        ("reason",),
        made_by=COMPANY,
    ),
    Event(
        "Balance Changed",
        "membership",
        "balance_changed",
        ("member_no", "amount"),
        ("currency", "reason"),
        made_by=COMPANY,
    ),
    # Of a person to a purpose, on a channel of messages or on all (channels/mapping/consent.py).
    Event("Consent Given", "other", "consent_given", ("purpose",), _CONSENT),
    Event("Consent Withdrawn", "other", "consent_withdrawn", ("purpose",), _CONSENT),
    Event("Store Visited", "store"),
    Event("Content Liked", "social"),
    Event("Content Shared", "social"),
    Event("Content Commented", "social"),
    Event("Account Followed", "social"),  # an official account, a brand's page
    Event("Account Unfollowed", "social"),
    Event("Account Code Scanned", "social"),
    Event("Account Menu Clicked", "social"),
    Event("Account Chat Opened", "social"),
    Event("Account Message Sent", "social"),  # by the customer
    Event("Account Authorization Revoked", "other"),
    Event("Message Subscription Accepted", "marketing"),
    Event("Message Subscription Refused", "marketing"),
    Event("Campaign Touched", "marketing"),
    Event("Product Viewed", "browse"),
    Event("Product List Viewed", "browse"),
    Event("Products Searched", "browse"),
    Event("Product Searched", "browse"),
    Event("Product Added", "cart"),
    Event("Product Removed", "cart"),
    Event("Cart Viewed", "cart"),
    Event("Checkout Started", "cart"),
    *(
        Event(f"{medium} {done}", "marketing", made_by=COMPANY)
        for medium in ("Email", "Push", "Push Notification", "SMS")
        for done in ("Sent", "Delivered", "Bounced")
    ),
)

# Events whose first word alone says where they belong.
FAMILIES = {
    "payment": "payment",
    "return": "after-sales",
    "ticket": "after-sales",
    "content": "social",
    "email": "marketing",
    "push": "marketing",
    "sms": "marketing",
    "membership": "membership",
}


class RecordType(msgspec.Struct, frozen=True):
    """A type of /v1/records: its fields and whether it is the workspace's when it names no channel."""

    type: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    shared: bool = False  # without `channel` it holds for the whole workspace


RECORDS: dict[str, RecordType] = {
    row.type: row
    for row in (
        RecordType("product", ("sku",), ("name", "category", "brand", "tags"), shared=True),
        RecordType("price", ("sku", "price"), ("currency", "list_price", "promotion")),
        RecordType("stock", ("sku", "quantity"), ("location",)),
        RecordType("cost", ("sku", "unit_cost"), ("currency",), shared=True),
        RecordType(
            "spend",
            ("amount",),
            ("currency", "date", "from", "to", "id", "campaign", "medium", "kind", "clicks", "impressions"),
        ),
        RecordType("payout", ("order_id", "amount"), ("currency", FEES, "id")),
        RecordType("target", ("metric", "value", "from"), ("to", "period"), shared=True),
        RecordType("rate", ("currency", "rate"), shared=True),
    )
}

_BREAKS = re.compile(r"[\W_]+")
_WORDS = re.compile(r"[\W_]+|(?<=[a-z0-9])(?=[A-Z])")


def folded(name: str) -> str:
    """A name without case, blanks and joints: 'Order Completed', 'order_completed' and 'orderCompleted' are one.

    American spelling is one with British: 'Order Canceled', 'Order Cancelled'.
    """
    bare = _BREAKS.sub("", unicodedata.normalize("NFKC", name)).casefold()
    return bare.replace("canceled", "cancelled")


_BY_NAME = {folded(row.name): row for row in EVENTS}
BY_KIND = {row.kind: row for row in EVENTS if row.kind}


@lru_cache(maxsize=MEMORY)
def event(name: str) -> Event:
    """The row of an event name; an unknown one gets a row of its own, with its touchpoint."""
    known = _BY_NAME.get(folded(name))
    if known:
        return known
    words = [word for word in _WORDS.split(name) if word]
    family = FAMILIES.get(words[0].casefold(), "other") if words else "other"
    return Event(name=name, touchpoint=family, known=False)


def called(name: str) -> str:
    """What an event of this name is called: by its row where it has one, else as it was sent."""
    row = event(name)
    return row.name if row.known else name
