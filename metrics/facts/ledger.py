"""The ledger of an order number: all its messages in, what they come to out. Pure: a function of the set of messages.

One number may stand for an order on each of several channels, so all messages of a number are read together.
- Per field the latest message that carries it holds; an amount and its currency are one field. Time: the earliest
  Order Completed, else Order Updated; customer: the earliest of them that has one.
- What is second-hand (an ERP's word of a shop's order) holds where the order's own channel is silent.
- The currency is the latest total's; an amount that says none is in its order's.
- Refunds and the cancellation are taken in order until the total is used up, goods back until their line is.
- What speaks of no one order, an order without a total, an amount in another currency: they wait, and count nothing.
- What is paid after the cancellation is listed with them, for a person; a payment of no order is one (payments.py).
Not here: which message speaks of which order (order_matching.py), the database (orders.py), what goods cost (costs.py).
"""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

import msgspec

from kernel import money
from kernel.event import Fee, Line
from metrics.facts import payments
from metrics.facts.base import WorkspaceSettings
from metrics.facts.goods import take, worth_of
from metrics.facts.messages import (
    COMPLETED,
    DELIVERED,
    PAY_SUCCEEDED,
    RECEIVED,
    REQUESTED,
    SHIPPED,
    UPDATED,
    Message,
    first_hand,
    latest,
    moment,
    said,
)
from metrics.facts.order_matching import Fact, OrderMessages, counted, facts_of, match
from metrics.facts.rows import (
    Order,
    OrderLine,
    Payment,
    Refund,
    Return,
    ReturnLine,
    Settlement,
    Shipment,
    Waiting,
)

NO_TOTAL, OTHER_CURRENCY = "no_total", "other_currency"
PAID_AFTER_CANCEL = "paid_after_cancel"  # waits for nothing but a person
NOUGHT = Decimal(0)
ENCODER = msgspec.json.Encoder()


class Ledger(msgspec.Struct):
    """What the messages of an order number come to."""

    orders: list[Order] = []
    settlements: list[Settlement] = []
    lines: list[OrderLine] = []
    refunds: list[Refund] = []
    returns: list[Return] = []
    return_lines: list[ReturnLine] = []
    payments: list[Payment] = []
    shipments: list[Shipment] = []
    waiting: dict[UUID, Waiting] = {}


def ledger(order_id: str, messages: Iterable[Message], settings: WorkspaceSettings) -> Ledger:
    """The ledger of an order number; `settings`: the reporting zone, and what the channels' amounts are in."""
    ordered, book = sorted(messages, key=moment), Ledger()
    told, lost = match(ordered)
    for reason, message in lost:
        _wait(book, order_id, message, reason, settings.currency_of(message.channel))
    book.payments += payments.without_order(order_id, facts_of([message for _, message in lost]), settings)
    for channel, of_order in sorted(told.items()):
        _Order(book, order_id, channel, of_order, settings).write()
    return book


def _wait(book: Ledger, order_id: str, message: Message, reason: str, currency: str) -> None:
    """Lists a message as waiting; the first reason found stands. `currency`: of an amount that says none."""
    amount = message.data.total if message.data.total is not None else message.data.amount
    said = currency if amount is not None and message.data.currency is None else message.data.currency
    row = Waiting(
        order_id,
        message.id,
        reason,
        message.kind,
        message.channel,
        message.order_channel,
        message.occurred_at,
        message.message_id,
        None if amount is None else money.rounded(amount, said or currency),
        said,
    )
    book.waiting.setdefault(message.id, row)


class _Order:
    """One order on its way into the ledger."""

    def __init__(
        self, book: Ledger, order_id: str, channel: int, told: OrderMessages, settings: WorkspaceSettings
    ) -> None:
        self.book, self.told, self.settings, self.day = book, told, settings, settings.day
        self.order_id, self.channel = order_id, channel
        self.priced = latest(told.order, "total")
        self.currency = self._currency()

    def write(self) -> None:
        """Adds the order and all that speaks of it; without a total all of it waits."""
        if self.priced is None:
            facts = [message for fact in self.told.facts for message in fact.messages]
            for message in [*self.told.order, *self.told.cancelled, *facts]:
                self._wait(message, NO_TOTAL)
            self.book.payments += payments.without_order(
                self.order_id, self.told.facts, self.settings, self.channel
            )
            return
        self.told = counted(self.told)
        completed = first_hand([message for message in self.told.order if message.kind == COMPLETED])
        updated = first_hand([message for message in self.told.order if message.kind == UPDATED])
        self.head = (completed or updated)[0]
        self.order_day = self.day(self.head.occurred_at)
        self.total = self._money(self.priced.data.total or NOUGHT)
        people = (one.sighting for one in [*completed, *updated] if one.sighting is not None)
        self.person = next(people, None)
        lines = self._lines()
        refunded = self._refunds(lines)
        self._returns(lines)
        for fact in self.told.facts:
            if fact.family == "payment":
                self._payment(fact)
            elif fact.family == "shipment":
                self._shipment(fact)
        self._order(refunded)

    def _currency(self) -> str:
        """The latest total's. An update may leave it out: it is what the order had before, else the channel's."""
        totals = first_hand([one for one in self.told.order if one.data.total is not None])
        said = [message.data.currency for message in totals if message.data.currency is not None]
        if said:
            return said[-1]
        return self.settings.currency_of(self.told.order[0].channel)

    def _money(self, amount: Decimal) -> Decimal:
        """An amount in the order's currency: one that came without a currency is as it was sent."""
        return money.rounded(amount, self.currency)

    def _order(self, refunded: Decimal) -> None:
        cancelled = self.told.cancelled[0].occurred_at if self.told.cancelled else None
        state = "open" if not refunded else "refunded" if refunded == self.total else "part_refunded"
        row = Order(
            order_id=self.order_id,
            channel_id=self.channel,
            occurred_at=self.head.occurred_at,
            day=self.order_day,
            event_id=self.head.id,
            message_id=self.head.message_id,
            sighting_id=self.person,
            currency=self.currency,
            total=self.total,
            refunded=refunded,
            cancelled_at=cancelled,
            state="cancelled" if cancelled else state,
            tax=self._amount("tax"),
            shipping=self._amount("shipping"),
            discount=self._amount("discount"),
            coupon=said(self.told.order, "coupon"),
            store=said(self.told.order, "store"),
            reason=said(self.told.cancelled, "reason"),
            campaign=said(self.told.order, "campaign"),
            source=said(self.told.order, "source"),
        )
        self.book.orders.append(row)
        if any(message.data.settles for message in self.told.order):
            self._settlement()

    def _settlement(self) -> None:
        fees, fee_kinds = self._fees()
        row = Settlement(
            order_id=self.order_id,
            channel_id=self.channel,
            day=self.order_day,
            currency=self.currency,
            paid=self._amount("paid"),
            merchant_discount=self._amount("merchant_discount"),
            platform_discount=self._amount("platform_discount"),
            fees=fees,
            fee_kinds=fee_kinds,
            payout=self._amount("payout"),
        )
        self.book.settlements.append(row)

    def _amount(self, field: str) -> Decimal | None:
        """An amount of the order itself; in another currency it counts nothing and waits."""
        message = latest(self.told.order, field)
        if message is None or self._foreign(message):
            return None
        return self._money(getattr(message.data, field))

    def _fees(self) -> tuple[Decimal, str] | tuple[None, None]:
        """The latest list of fees, what it comes to and as JSON; in another currency it waits."""
        message = latest(self.told.order, "fees")
        if message is None or (message.data.fees and self._foreign(message)):
            return None, None
        fees = [Fee(fee.kind, self._money(fee.amount)) for fee in message.data.fees or ()]
        return sum((fee.amount for fee in fees), NOUGHT), ENCODER.encode(fees).decode()

    def _lines(self) -> list[OrderLine]:
        message = latest(self.told.order, "lines")
        if message is None or not message.data.lines:
            return []
        lines = message.data.lines
        amounts = any(x is not None for line in lines for x in (line.price, line.cost, line.discount))
        foreign = amounts and self._foreign(message)
        rows = [self._line(number, line, foreign) for number, line in enumerate(lines)]
        self.book.lines += rows
        return rows

    def _line(self, number: int, line: Line, foreign: bool) -> OrderLine:
        cost = None if foreign else line.cost
        return OrderLine(
            order_id=self.order_id,
            channel_id=self.channel,
            line=number,
            sku=line.sku,
            occurred_at=self.head.occurred_at,
            day=self.order_day,
            quantity=line.quantity,
            price=None if foreign or line.price is None else self._money(line.price),
            discount=None if foreign or line.discount is None else self._money(line.discount),
            currency=self.currency,
            name=line.name,
            category=line.category,
            brand=line.brand,
            own_cost=cost,
            unit_cost=cost,
            cost_currency=None if cost is None else self.currency,
            cost_day=None if cost is None else self.order_day,
        )

    def _refunds(self, lines: list[OrderLine]) -> Decimal:
        """Refunds and the cancellation in order, until the total is used up; what they came to."""
        asked: list[tuple[Message, str, str, Decimal | None, str | None]] = []
        for fact in self.told.facts:
            priced = latest(fact.messages, "total")
            if fact.family != "refund" or (priced and self._foreign(priced)):
                continue
            reason = said(fact.messages, "reason")
            amount = self._money(priced.data.total or NOUGHT) if priced else self._worth(lines, fact)
            asked.append((fact.messages[0], "refund", fact.key, amount, reason))
        if self.told.cancelled:
            asked.append((self.told.cancelled[0], "cancel", "", None, said(self.told.cancelled, "reason")))
        left = self.total
        for message, kind, key, wanted, reason in sorted(asked, key=lambda one: moment(one[0])):
            amount = left if wanted is None else min(wanted, left)
            left -= amount
            row = Refund(
                order_id=self.order_id,
                channel_id=self.channel,
                kind=kind,
                service_channel_id=message.channel,
                key=key,
                occurred_at=message.occurred_at,
                day=self.day(message.occurred_at),
                order_day=self.order_day,
                event_id=message.id,
                currency=self.currency,
                asked=wanted,
                amount=amount,
                excess=NOUGHT if wanted is None else wanted - amount,
                reason=reason,
            )
            self.book.refunds.append(row)
        return self.total - left

    def _worth(self, lines: list[OrderLine], fact: Fact) -> Decimal | None:
        """What the goods that a refund names come to at the order's prices; None: it names none, all is given back."""
        message = latest(fact.messages, "lines")
        if message is None or not message.data.lines:
            return None
        own = message.data.currency in (None, self.currency)
        return self._money(
            sum((worth_of(lines, line, line.price if own else None) for line in message.data.lines), NOUGHT)
        )

    def _returns(self, lines: list[OrderLine]) -> None:
        """Goods back in order, until each line is used up."""
        back: list[tuple[Message, Fact | None]] = []
        for fact in self.told.facts:
            if fact.family != "return":
                continue
            received = fact.first(RECEIVED)
            self._return(fact, received)
            if received:
                back.append((received, fact))
        if self.told.cancelled:
            back.append((self.told.cancelled[0], None))
        left = [line.quantity for line in lines]
        for message, of in sorted(back, key=lambda one: moment(one[0])):
            products = (said(of.messages, "lines") if of else None) or ()
            taken = take(lines, left, [(line.sku, line.quantity) for line in products])
            for number, (sku, quantity, excess) in sorted(taken.items()):
                row = ReturnLine(
                    order_id=self.order_id,
                    channel_id=self.channel,
                    kind="return" if of else "cancel",
                    service_channel_id=message.channel,
                    key=of.key if of else "",
                    line=number,
                    sku=sku,
                    occurred_at=message.occurred_at,
                    day=self.day(message.occurred_at),
                    quantity=quantity,
                    excess=excess,
                )
                self.book.return_lines.append(row)

    def _return(self, fact: Fact, received: Message | None) -> None:
        first = fact.messages[0]
        row = Return(
            order_id=self.order_id,
            channel_id=self.channel,
            service_channel_id=fact.channel,
            key=fact.key,
            occurred_at=first.occurred_at,
            requested_at=fact.at(REQUESTED),
            received_at=received.occurred_at if received else None,
            day=self.day(received.occurred_at) if received else None,
            event_id=(received or first).id,
            store=said(fact.messages, "store"),
        )
        self.book.returns.append(row)

    def _payment(self, fact: Fact) -> None:
        paid, priced = fact.first(PAY_SUCCEEDED), latest(fact.messages, "amount")
        counts = None if priced is None or self._foreign(priced) else priced
        if paid and self.told.cancelled and moment(paid) > moment(self.told.cancelled[0]):
            self._wait(paid, PAID_AFTER_CANCEL)
        row = payments.of_order(
            self.order_id, self.channel, fact, self.settings, counts, self.currency, self.person
        )
        self.book.payments.append(row)

    def _shipment(self, fact: Fact) -> None:
        first = fact.messages[0]
        row = Shipment(
            order_id=self.order_id,
            channel_id=self.channel,
            service_channel_id=fact.channel,
            key=fact.key,
            occurred_at=first.occurred_at,
            day=self.day(first.occurred_at),
            shipped_at=fact.at(SHIPPED),
            delivered_at=fact.at(DELIVERED),
            promised_at=said(fact.messages, "promised_at"),
            carrier=said(fact.messages, "carrier"),
        )
        self.book.shipments.append(row)

    def _foreign(self, message: Message) -> bool:
        """An amount in another currency than the order's: it waits."""
        foreign = message.data.currency not in (None, self.currency)
        if foreign:
            self._wait(message, OTHER_CURRENCY)
        return foreign

    def _wait(self, message: Message, reason: str) -> None:
        _wait(self.book, self.order_id, message, reason, self.currency)
