"""Two channels that contradict each other, a gap for each of four customers; not here: what is asked of them.

u1 paid more on the web than the store asks, u2's parcel is late, u3 waits for an answer, u4 buys what is gone; u5 comes
back, u6 met nothing.
"""

from datetime import timedelta
from typing import Any

from tests.shop import Shop, identify, later, order, track

WAITS = {"web-shop": [5, 20, 90], "store": [3, 2000]}


def goods(sku: str, price: str) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": 1, "price": price, "name": f"Goods {sku}"}]


def gapped_shop() -> Shop:
    """Everything of it stored."""
    made = Shop()
    made.records(
        {"type": "price", "sku": "A", "price": "10", "at": later().isoformat()},
        {"type": "price", "sku": "B", "price": "5", "at": later().isoformat()},
        {"type": "stock", "sku": "B", "quantity": 3, "at": later().isoformat()},
        {"type": "stock", "sku": "B", "quantity": 0, "at": later(days=4).isoformat()},
    )
    made.records(
        {"type": "price", "sku": "A", "price": "8", "at": later().isoformat()},
        {"type": "price", "sku": "B", "price": "5", "at": later().isoformat()},
        {"type": "stock", "sku": "B", "quantity": 3, "at": later().isoformat()},
        to="store",
    )
    made.sends(
        *(identify(f"u{n}", later(), name=f"Buyer u{n}") for n in range(1, 7)),
        order("o1", "10", "u1", later(days=2), products=goods("A", "10")),
        order("o2", "5", "u2", later(days=3), products=goods("B", "5")),
        order("o4", "5", "u4", later(days=6), products=goods("B", "5")),
        order("o5", "5", "u5", later(days=2), products=goods("B", "5")),
        order("back", "7", "u5", later(days=40)),
        *parcel("o2", "u2", later(days=3), promised=2, came=4),
        *parcel("o5", "u5", later(days=2), promised=3, came=1),
        track("Feedback Given", "u1", later(days=8), score=2, feedback_id="f1"),
        track("Feedback Given", "u5", later(days=8), score=5, feedback_id="f2"),
    )
    made.sends(
        order("s1", "8", "u6", later(days=2), products=goods("A", "8")),
        *parcel("s1", "u6", later(days=2), promised=3, came=2),
        track("Feedback Given", "u6", later(days=9), score=5, feedback_id="f3"),
        track("Return Requested", "u6", later(days=9), order_id="s1", return_id="r1"),
        track(
            "Return Received", "u6", later(days=10), order_id="s1", return_id="r1", products=goods("A", "8")
        ),
        track("Order Refunded", "u6", later(days=11), order_id="s1", total="8", refund_id="back1"),
        to="store",
    )
    for slug, waits in WAITS.items():
        made.sends(
            *(message for n, wait in enumerate(waits) for message in ticket(f"{slug}-{n}", wait)), to=slug
        )
    return made


def parcel(number: str, user: str, at: Any, promised: int, came: int) -> list[dict[str, Any]]:
    said = {"order_id": number, "shipment_id": f"p-{number}"}
    due = (at + timedelta(days=promised)).isoformat()
    return [
        track("Order Shipped", user, at + timedelta(hours=5), promised_at=due, **said),
        track("Order Delivered", user, at + timedelta(days=came), **said),
    ]


def ticket(key: str, wait: int) -> list[dict[str, Any]]:
    """Opened on the third day by u3; answered so many minutes later."""
    at = later(days=3)
    answered = (at + timedelta(minutes=wait)).isoformat()
    return [
        track("Ticket Opened", "u3", at, ticket_id=key, topic="size"),
        track("Ticket Resolved", "u3", at + timedelta(days=2), ticket_id=key, first_response_at=answered),
    ]
