"""What is paid after its order was cancelled comes to a person's eyes: on the overview, its order, its own page."""

from datetime import UTC, datetime

from tests.pages.test_numbers import person, text
from tests.shop import Shop, order, track


def march(day: int) -> datetime:
    return datetime(2026, 3, day, 4, tzinfo=UTC)


def test_a_payment_after_the_cancellation_is_seen(db: None) -> None:
    shop = Shop()
    shop.sends(
        order("A-1", "100.00", "u1", at=march(1)),
        track("Payment Succeeded", "u1", at=march(3), order_id="A-1", amount="100.00", message_id="late"),
    )
    client = person(shop, "viewer")
    said = "1 payment came after its order was cancelled"
    assert said not in text(client.get("/"))
    shop.sends(track("Order Cancelled", "u1", at=march(2), order_id="A-1"))
    overview = client.get("/")
    assert said in text(overview)
    assert 'href="/events/late/"' in overview.content.decode()
    page = text(client.get("/events/late/"))
    assert "paid after its order was cancelled" in page
    assert "Paid after its order was cancelled: needs attention." in page
    assert "after the cancellation" in text(client.get(f"/customers/{shop.profile('user_id:u1')['id']}/"))


def test_what_was_left_out_of_a_message_is_said_on_its_page(db: None) -> None:
    shop = Shop()
    shop.sends(order("A-1", "100.00", "u1", at=march(1), tax="much", discount=-5, message_id="odd"))
    page = text(person(shop, "viewer").get("/events/odd/"))
    assert "What was sent as “tax” cannot be used: it was left out." in page
    assert "An amount was negative: its sign was removed." in page
