"""A shop with touches, orders of three currencies, refunds, costs and spend: for tests over HTTP and of pages."""

from typing import Any

from tests.shop import Shop, identify, later, order, track


def touch(user: str, day: float, campaign: str = "", source: str = "", **more: Any) -> dict[str, Any]:
    said = {name: value for name, value in {"campaign": campaign, "source": source}.items() if value}
    return track("Campaign Touched", user, later(days=day), **said, **more)


def sold() -> Shop:
    """u1 was met by spring on the web, by 618 in the store, and bought; u2 by spring alone; u3 by nothing; u4 left."""
    made = Shop()
    made.channel("Douyin", "social")
    made.records(
        {"type": "cost", "sku": "A", "unit_cost": "3.333", "at": later().isoformat()},
        {"type": "rate", "currency": "USD", "rate": "7.1234", "at": later().isoformat()},
        {"type": "spend", "amount": "30", "date": "2026-03-05", "campaign": "spring"},
        {"type": "spend", "amount": "10", "from": "2026-03-31", "to": "2026-04-01"},
    )
    made.records({"type": "spend", "amount": "2", "currency": "USD", "date": "2026-03-05"}, to="store")
    made.sends(
        identify("u1", later(), name="One"),
        identify("u2", later(), name="Two"),
        touch("u1", 1, "spring", "red"),
        touch("u2", 1, "spring"),
        touch("u4", 2, "spring"),
        touch("u4", 3),
    )
    made.sends(touch("u1", 2, "618"), to="store")
    bought = [{"sku": "A", "quantity": 3, "price": "20"}, {"sku": "B", "quantity": 1, "price": "9"}]
    made.sends(
        order("o1", "100.01", "u1", later(days=4), products=bought),
        order("o2", "20", "u2", later(days=5), currency="USD"),
        order("o3", "7", "u3", later(days=6)),
        order("o4", "5", None, later(days=7)),
        order("o5", "8", "u1", later(days=7), currency="EUR"),
        track("Order Refunded", "u1", later(days=8), order_id="o1", total="10", refund_id="r1"),
        track("Return Received", "u1", later(days=9), order_id="o1", products=[{"sku": "A", "quantity": 1}]),
        track("Order Cancelled", "u2", later(days=40), order_id="o2"),
    )
    return made
