"""Who makes an event, and what makes a customer active."""

import pytest

from kernel import contacts, vocabulary
from kernel.vocabulary import COMPANY, CUSTOMER

THE_COMPANYS = (
    "Order Updated", "Order Refunded", "Order Shipped", "Order Delivered", "Return Received", "Ticket Resolved",
    "Membership Upgraded", "Points Changed", "Balance Changed",
    "Email Sent", "Email Delivered", "Email Bounced", "Push Sent", "Push Delivered",
    "Push Bounced", "SMS Sent", "SMS Delivered", "SMS Bounced", "order_updated", "emailSent", "sms-bounced",
)  # fmt: skip
THE_CUSTOMERS = (
    "Order Completed", "Order Cancelled", "Return Requested", "Payment Started", "Payment Succeeded", "Payment Failed",
    "Ticket Opened", "Feedback Given", "Membership Joined", "Store Visited", "Content Liked", "Campaign Touched",
    "Product Viewed", "Product Added", "Checkout Started", "Email Opened", "Email Link Clicked", "Push Opened",
    "SMS Clicked", "Parcel Scanned",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "by"), [*((one, COMPANY) for one in THE_COMPANYS), *((one, CUSTOMER) for one in THE_CUSTOMERS)]
)
def test_who_makes_an_event(name, by):
    assert contacts.maker(vocabulary.event(name)) == by
    assert contacts.active("track", vocabulary.event(name), ()) is (by == CUSTOMER)


def test_messages_about_mails_are_marketing():
    assert {vocabulary.event(f"{one} Sent").touchpoint for one in ("Email", "Push", "SMS")} == {"marketing"}


def test_a_workspace_says_who_makes_its_own_events():
    own = contacts.own_names({"Parcel Scanned": COMPANY, "Odd": "nobody", "More": ["customer"]})
    assert own == {"parcelscanned": COMPANY}
    assert contacts.maker(vocabulary.event("parcel_scanned"), own) == COMPANY
    assert contacts.maker(vocabulary.event("Parcel Lost"), own) == CUSTOMER
    assert contacts.own_names(None) == contacts.own_names([1]) == {}


@pytest.mark.parametrize(
    ("kind", "marks", "contact"),
    [
        ("track", (), True),
        ("page", ("large",), True),
        ("screen", ["name_cut"], True),
        ("page", ("large", "bot"), False),
        ("identify", (), False),
        ("group", (), False),
        ("alias", (), False),
    ],
)
def test_what_is_a_contact(kind, marks, contact):
    assert contacts.contact(kind, marks) is contact
    assert contacts.active(kind, None, marks) is contact
