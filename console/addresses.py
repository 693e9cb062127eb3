"""Where things that many pages name are shown. Not here: the routes (urls.py)."""

from django.urls import reverse

from kernel.web import access


def of_order(channel: str | None, order_id: str, *, masked: bool) -> str:
    """The page of an order; "" where there is none to name, and for whoever must not see its whole number."""
    if not channel or not order_id or (masked and access.scrub(order_id) != order_id):
        return ""
    return reverse("order", args=[channel, order_id])
