"""What somebody is after on his way through the channels. Not here: where the way leads (journeys.py)."""

from typing import Any

from demo.goods import Good
from demo.post import Session


class Trip:
    """A wish and how far it got: the basket goes along from channel to channel."""

    __slots__ = ("basket", "buys", "campaign", "code", "step")

    def __init__(self, basket: list[Good]) -> None:
        self.basket = basket
        self.step = 0
        self.campaign: dict[str, Any] | None = None  # what brought him to this contact
        self.buys = False  # at this contact
        self.code = False  # he has one to redeem, tied to his member card

    def context(self) -> dict[str, Any]:
        """The part of a message's context that names the campaign."""
        return {"campaign": self.campaign} if self.campaign else {}


class Order:
    """An order as the retailer's systems know it. Money in fen."""

    __slots__ = ("at", "channel", "lines", "order_id", "shop", "total", "who")

    def __init__(self, order_id: str, channel: str, who: Session, at: int) -> None:
        self.order_id, self.channel, self.who, self.at = order_id, channel, who, at
        self.lines: list[tuple[Good, int, int]] = []  # good, quantity, price of one
        self.total = 0
        self.shop = ""

    def facts(self, channel: str) -> dict[str, Any]:
        """How another message names this order, told on a channel."""
        named = {"order_id": self.order_id}
        return named if channel == self.channel else {**named, "order_channel": self.channel}
