"""Which events mean something, by any spelling, and where each touches the customer."""

import pytest

from kernel import vocabulary


@pytest.mark.parametrize(
    "name",
    [
        "Order Completed",
        " order completed ",
        "ORDER COMPLETED",
        "order_completed",
        "orderCompleted",
        "order-completed",
    ],
)
def test_a_name_is_known_by_any_spelling(name):
    assert vocabulary.event(name).kind == "order_completed"


@pytest.mark.parametrize(
    ("name", "touchpoint"),
    [
        ("Product Viewed", "browse"),
        ("Product List Viewed", "browse"),
        ("Products Searched", "browse"),
        ("Product Added", "cart"),
        ("Checkout Started", "cart"),
        ("Order Cancelled", "order"),
        ("Payment Info Entered", "payment"),
        ("Order Delivered", "logistics"),
        ("Order Refunded", "after-sales"),
        ("Return Inspected", "after-sales"),
        ("Ticket Opened", "after-sales"),
        ("Feedback Given", "feedback"),
        ("Store Visited", "store"),
        ("Content Saved", "social"),
        ("Email Opened", "marketing"),
        ("smsSent", "marketing"),
        ("push_received", "marketing"),
        ("Membership Renewed", "membership"),
        ("Emailed", "other"),
        ("加购", "other"),
        ("…", "other"),
    ],
)
def test_touchpoints(name, touchpoint):
    assert vocabulary.event(name).touchpoint == touchpoint


def test_every_row_is_sound():
    assert len(vocabulary.BY_KIND) == 20
    for row in vocabulary.EVENTS:
        assert row.touchpoint in vocabulary.TOUCHPOINTS
        assert row.kind or row.person, f"{row.name}: a touchpoint alone needs a person"
