"""Which order each message speaks of, and which messages are repeats of one fact. Pure; not here: what they come to.

An Order Completed makes an order on the channel it names, else on its own. All else speaks of one: of the one on the
channel it names, else on its own channel, else on the only channel with an Order Completed. An Order Updated that finds
none makes one. A named channel binds: without an order there, the message waits. What is second-hand (an ERP's, of a
shop's order) counts where the shop itself is silent: of its cancellation, of each family of facts.
"""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

import msgspec

from metrics.facts.messages import CANCELLED, COMPLETED, FAMILY, UPDATED, Message, first_hand

UNKNOWN_ORDER, NOT_UNIQUE = "unknown_order", "not_unique"


class Homes(NamedTuple):
    """On which channels there is an order of this number, and on which of them by an Order Completed."""

    completed: set[int]
    orders: set[int]

    def of(self, order_channel: int | None, own: int) -> int | str:
        """The channel of the order that is spoken of, or why there is none."""
        if order_channel is not None:
            return order_channel if order_channel in self.orders else UNKNOWN_ORDER
        if own in self.orders:
            return own
        if len(self.completed) == 1:
            return next(iter(self.completed))
        return NOT_UNIQUE if self.completed else UNKNOWN_ORDER


class Fact(NamedTuple):
    """The messages of one refund, return, payment or shipment, in order."""

    family: str
    channel: int
    key: str
    messages: list[Message]

    @property
    def order_channel(self) -> int | None:
        """The channel that was named as the order's, by the latest message that names one."""
        named = [message.order_channel for message in self.messages if message.order_channel is not None]
        return named[-1] if named else None

    @property
    def second_hand(self) -> bool:
        """Whether only others than the order's own systems tell it."""
        return all(message.data.second_hand for message in self.messages)

    def first(self, kind: str) -> Message | None:
        """Its earliest message of a kind."""
        return next((message for message in self.messages if message.kind == kind), None)

    def at(self, kind: str) -> datetime | None:
        """When it was first said."""
        message = self.first(kind)
        return message.occurred_at if message else None


class OrderMessages(msgspec.Struct):
    """All that speaks of one order."""

    order: list[Message] = []  # Completed and Updated, in order
    cancelled: list[Message] = []
    facts: list[Fact] = []


def match(ordered: list[Message]) -> tuple[dict[int, OrderMessages], list[tuple[str, Message]]]:
    """Which order each message speaks of, by channel; and those that speak of none, with the reason."""
    homes = _homes(ordered)
    told: dict[int, OrderMessages] = defaultdict(OrderMessages)
    lost: list[tuple[str, Message]] = []
    for message in ordered:
        if FAMILY[message.kind] != "order":
            continue
        home = _home(homes, message)
        if isinstance(home, str):
            lost.append((home, message))
        else:
            (told[home].cancelled if message.kind == CANCELLED else told[home].order).append(message)
    for fact in facts_of(ordered):
        home = homes.of(fact.order_channel, fact.channel)
        if isinstance(home, str):
            lost += [(home, message) for message in fact.messages]
        else:
            told[home].facts.append(fact)
    return told, lost


def counted(told: OrderMessages) -> OrderMessages:
    """Without what is second-hand and the order's own systems tell too. They may number a parcel or a refund otherwise,
    so of a family of facts that they speak of only theirs count."""
    own = {fact.family for fact in told.facts if not fact.second_hand}
    facts = [fact for fact in told.facts if not (fact.second_hand and fact.family in own)]
    return OrderMessages(told.order, first_hand(told.cancelled), facts)


def _homes(ordered: list[Message]) -> Homes:
    completed = {message.order_channel or message.channel for message in ordered if message.kind == COMPLETED}
    updated = [message for message in ordered if message.kind == UPDATED]
    named = {message.order_channel for message in updated if message.order_channel is not None}
    made = set() if completed else {message.channel for message in updated if message.order_channel is None}
    return Homes(completed, completed | named | made)


def _home(homes: Homes, message: Message) -> int | str:
    if message.kind == COMPLETED:
        return message.order_channel or message.channel
    return homes.of(message.order_channel, message.channel)


def facts_of(ordered: list[Message]) -> list[Fact]:
    """Repeats of one fact (same key in the same channel) are one."""
    grouped: dict[tuple[str, int, str], list[Message]] = defaultdict(list)
    for message in ordered:
        family = FAMILY[message.kind]
        if family != "order":
            grouped[family, message.channel, message.key].append(message)
    return [Fact(*name, messages) for name, messages in grouped.items()]
