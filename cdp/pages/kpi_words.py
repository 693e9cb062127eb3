"""What each metric asks, what to beware of, what its parts are called. Not here: formulas (metrics/catalogue)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

QUESTIONS: dict[str, Any] = {
    "gmv": _("What was ordered, before anything came back."),
    "refunds": _("What went back to customers, by the day it went."),
    "net_revenue": _("What stays of orders after refunds."),
    "orders": _("How often somebody bought."),
    "aov": _("What one order is worth."),
    "refund_rate": _("How much of what was ordered went back."),
    "active_customers": _("How many people we met."),
    "buyers": _("How many people bought."),
    "new_customers": _("How many people bought for the first time ever."),
    "cross_channel_share": _("How many of the people we met use more than one channel."),
    "retention": _("How many of the people we met before came again."),
    "cac": _("What we spent to win one new customer."),
    "repeat_purchase_rate": _("How many buyers bought more than once."),
    "inventory_turnover": _("How often the stock was sold in the period."),
    "price_parity": _("On how many goods all channels ask for the same price."),
    "satisfaction": _("How many of those who answered were satisfied."),
    "cross_channel_return_rate": _("How many returns came back in another channel than the order's."),
}
ONCE = _("A customer seen on several channels counts once in the total, so channels do not add up to it.")
CARES: dict[str, Any] = {
    "refunds": _(
        "A refund stands on the channel of its order and on its own day; a cancellation is a refund of the rest."
    ),
    "net_revenue": _("Refunds stand on their own day, not on the order's: a day may be below zero."),
    "refund_rate": _("Refunds stand on their own day: those of the period may belong to earlier orders."),
    "active_customers": ONCE,
    "buyers": ONCE,
    "new_customers": _("A new customer counts for the channel of the first order ever."),
    "cross_channel_share": ONCE,
    "retention": _(
        "The total holds the period against as many days before it; the series holds whole calendar intervals."
    ),
    "cac": _(
        "New customers count for the channel of their first order; spend for the channel it was booked on."
    ),
    "repeat_purchase_rate": ONCE,
    "inventory_turnover": _(
        "Goods are taken at the cost valid when they were sold; stock at its closing worth of each day."
    ),
    "price_parity": _(
        "Prices as they stand at the end of the period, in one currency; later ones do not count."
    ),
    "satisfaction": _("The latest answer of a customer in the period decides."),
    "cross_channel_return_rate": _("Returns stand on the channel of their order."),
}
PARTS: dict[str, Any] = {
    "gmv": _("Ordered"),
    "orders": _("Orders"),
    "priced_orders": _("Orders"),
    "refunds": _("Refunds"),
    "returns": _("Returns received"),
    "returns_elsewhere": _("Received elsewhere"),
    "cogs": _("Cost of goods sold"),
    "cogs_returned": _("Cost of goods taken back"),
    "spend_acquisition": _("Acquisition spend"),
    "cogs_net": _("Cost of goods sold less taken back"),
    "net_revenue": _("Orders less refunds"),
    "differing": _("SKUs that differ"),
    "stock": _("Average inventory"),
    "compared": _("SKUs compared"),
    "agreeing": _("SKUs that agree"),
    "active": _("Active customers"),
    "cross": _("Active on several channels"),
    "retained": _("Active again"),
    "active_before": _("Active before"),
    "buyers": _("Buyers"),
    "repeat": _("Bought more than once"),
    "new": _("New customers"),
    "answered": _("Answered"),
    "satisfied": _("Satisfied"),
}
STATES: dict[str, Any] = {
    "open": _("stands"),
    "part_refunded": _("partly refunded"),
    "refunded": _("refunded"),
    "cancelled": _("cancelled"),
}
WHATS: dict[str, Any] = {
    "order": _("order"),
    "refund": _("refund"),
    "sold": _("sold"),
    "back": _("taken back"),
}
MONEY_PARTS = frozenset(
    {"net_revenue", "cogs_net", "gmv", "refunds", "cogs", "cogs_returned", "spend_acquisition", "stock"}
)


def unit(part: str) -> str:
    """What a part is counted in."""
    return "money" if part in MONEY_PARTS else "count"
