"""Messages that are wrong on purpose, as real systems send them: so that the rejects page has something to show.

Each is wrong in exactly one way. Not here: mistakes that look right (a cashier's typo is in stores.py).
"""

from typing import Any

from demo.world import World

A_CUSTOMER_DAY = 1 / 5_500
KNOWN = {"anonymousId": "a-browser-that-erred"}


def _track(event: str, properties: Any, **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, "properties": properties, **more}


def _all(number: str) -> list[tuple[str, str, dict[str, Any]]]:
    """(connector, reason, message); `number` makes their orders different."""
    order = {"order_id": f"ERR-{number}", "currency": "CNY"}
    return [
        ("tmall", "missing_field", _track("Order Completed", {**order, "pay_amount": "219.00"})),
        ("tmall", "missing_field", _track("Order Completed", {"total": "219.00", "currency": "CNY"})),
        ("tills", "bad_amount", _track("Order Completed", {**order, "total": -89})),
        ("jd", "bad_amount", _track("Order Completed", {**order, "total": "面议"})),
        (
            "douyin",
            "bad_currency",
            _track("Order Completed", {**order, "total": "129.00", "currency": "YUAN"}),
        ),
        ("web", "no_identity", _track("Product Viewed", {"sku": "HM-1040-O"})),
        ("mini-program", "no_identity", _track("Product Viewed", {"sku": "HM-1047-I"}, anonymousId="  ")),
        ("app", "unknown_type", {"type": "tap", "name": "Home", **KNOWN}),
        ("web", "no_type", {"event": "Product Viewed", "properties": {}, **KNOWN}),
        ("web", "no_event_name", {"type": "track", "properties": {"sku": "HM-1040-O"}, **KNOWN}),
        ("app", "bad_properties", _track("Product Viewed", ["HM-1040-O"], **KNOWN)),
        (
            "call-centre",
            "bad_time",
            _track("Ticket Opened", {"ticket_id": f"T{number}"}, timestamp="昨天下午"),
        ),
        ("tills", "unknown_channel", _track("Return Received", {**order, "order_channel": "old-outlet"})),
        ("mini-program", "missing_field", _track("Feedback Given", {"text": "很好", **order})),
        ("erp", "missing_field", {"type": "price", "price": 89, "currency": "CNY", "at": ""}),
        (
            "jd",
            "bad_amount",
            {"type": "price", "sku": "HM-1040-O", "price": "free", "currency": "CNY", "at": ""},
        ),
    ]


def daily(world: World, day: int) -> None:
    """Some of them, more with more business."""
    wanted = world.customers * A_CUSTOMER_DAY
    for _ in range(int(wanted) + world.chance(wanted % 1)):
        at = world.moment(day)
        connector, reason, body = world.random.choice(_all(world.name("")))
        if "at" in body:
            body["at"] = world.post.time(at)
        world.post.bad(connector, at, body, reason)
