"""What was really sent of the things that are worth finding, noted while it leaves. Not here: who is who (truth.py)."""

from collections import defaultdict
from typing import Any, NamedTuple

from demo import outlets
from demo.people import Id
from demo.plan import Plan
from demo.seasons import DAY

ORDERED, TOUCHED = "Order Completed", "Campaign Touched"
VIEWED, ADDED = "Product Viewed", "Product Added"
SHIPPED, DELIVERED = "Order Shipped", "Order Delivered"
NOTED = frozenset({ORDERED, TOUCHED, VIEWED, ADDED, SHIPPED, DELIVERED})
STARTED, PAID = "Payment Started", "Payment Succeeded"
RETURNING, RETURNED, REFUNDED = "Return Requested", "Return Received", "Order Refunded"
OPENED, RESOLVED = "Ticket Opened", "Ticket Resolved"
JOINED, ROSE = "Membership Joined", "Membership Upgraded"
POINTS, BALANCE = "Points Changed", "Balance Changed"
ACCOUNTS = frozenset({POINTS, BALANCE})
RETURNS = frozenset({RETURNING, RETURNED, REFUNDED})
BETWEEN = frozenset({STARTED, PAID, OPENED, RESOLVED, JOINED, ROSE})


class Sale(NamedTuple):
    """An order; `who` None: nobody was known by anything that is his alone. Times are the world's milliseconds."""

    at: int
    order_id: str
    channel: str
    store: str
    who: Id | None
    total: int  # fen


class Touch(NamedTuple):
    """Somebody met an advertisement."""

    at: int
    channel: str
    campaign: str
    who: Id


class Ledger:
    """Lists in the order in which messages left: by day, inside of a day by time. No more is kept than is asked."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._wrong = plan.mistake and plan.mistake.price / 100
        self._counted = {good.sku for good in plan.gap.goods} | (
            {plan.stock_out.good.sku} if plan.stock_out else set()
        )
        self.sales: list[Sale] = []
        self.touches: list[Touch] = []
        self.carts: dict[str, list[tuple[int, Id]]] = {VIEWED: [], ADDED: []}  # on the plan's channel
        self.cheap: list[int] = []  # units of each order that the price mistake was paid in
        self.late: list[tuple[int, str]] = []  # delivered after the promise: when, order id
        self.events: defaultdict[tuple[str, int], int] = defaultdict(int)  # (connector, day)
        self._promised: dict[str, str] = {}  # order id -> ISO time
        self.attempts: dict[
            str, list[int]
        ] = {}  # on the plan's channel: payment id -> when it began, whether it won
        self.returned: defaultdict[str, dict[str, int]] = defaultdict(
            dict
        )  # order id -> return id -> since when
        self.refunds: list[tuple[int, str]] = []
        self.given: defaultdict[str, int] = defaultdict(int)  # order id -> fen given back
        self.paid: defaultdict[str, int] = defaultdict(int)  # order id -> payments that succeeded
        self.brought: dict[str, str] = {}  # order id -> channel, of goods from elsewhere that came to a store
        self.accounts: list[tuple[str, int, str, Id]] = []  # event, points or fen, reason, whose
        self.tickets: dict[str, tuple[str, str]] = {}  # ticket id -> order id, ISO time of its opening
        self.answers: list[tuple[str, str, str]] = []  # order id, ISO times of opening and first answer
        self.joined: list[tuple[int, Id]] = []
        self.units: defaultdict[tuple[str, str, int], int] = defaultdict(
            int
        )  # (channel, SKU, day), of the plan's

    def note(self, at: int, connector: str, who: Id | None, body: dict[str, Any]) -> None:
        """An event has left, whose first value that is somebody's alone is `who`."""
        self.events[connector, at // DAY] += 1
        event = body.get("event")
        if event in NOTED:
            self._keep(at, outlets.CHANNEL_OF[connector], who, event, body)
        elif event in ACCOUNTS and who:
            fields = body["properties"]
            amount = fields["points"] if event == POINTS else round(fields["amount"] * 100)
            self.accounts.append((event, amount, fields["reason"], who))
        elif event in RETURNS:
            self._returns(at, outlets.CHANNEL_OF[connector], event, body["properties"])
        elif event in BETWEEN:
            self._follows(at, outlets.CHANNEL_OF[connector], who, event, body)

    def _keep(self, at: int, channel: str, who: Id | None, event: str, body: dict[str, Any]) -> None:
        fields = body["properties"]
        if event == ORDERED:
            total = round(float(fields["total"]) * 100)
            self.sales.append(Sale(at, fields["order_id"], channel, fields.get("store", ""), who, total))
            self._price(at, channel, fields["products"])
        elif event == SHIPPED:
            self._promised[fields["order_id"]] = fields["promised_at"]
        elif event == DELIVERED:  # both times have the same offset: their texts lie as they do
            if body["timestamp"] > self._promised[fields["order_id"]]:
                self.late.append((at, fields["order_id"]))
        elif who and event == TOUCHED:
            self.touches.append(Touch(at, channel, fields["campaign"], who))
        elif who and channel == self._plan.carts:
            self.carts[event].append((at, who))

    def _follows(self, at: int, channel: str, who: Id | None, event: str, body: dict[str, Any]) -> None:
        """Payments, tickets and membership."""
        fields, arrival = body["properties"], self._plan.arrival
        if event in (STARTED, PAID):
            self.paid[fields["order_id"]] += event == PAID
            if arrival and channel == arrival.channel:
                attempt = self.attempts.setdefault(fields["payment_id"], [at, 0])
                attempt[1] += event == PAID
        elif event == OPENED:
            self.tickets[fields["ticket_id"]] = (fields.get("order_id", ""), body["timestamp"])
        elif event == RESOLVED:
            self.answers.append((*self.tickets.pop(fields["ticket_id"]), fields["first_response_at"]))
        elif who:
            self.joined.append((at, who))

    def _returns(self, at: int, channel: str, event: str, fields: dict[str, Any]) -> None:
        order = fields["order_id"]
        if event == REFUNDED:
            self.refunds.append((at, order))
            self.given[order] += round(float(fields["total"]) * 100)
            return
        self.returned[order].setdefault(fields["return_id"], at)
        if event == RETURNED and channel == outlets.STORES and "order_channel" in fields:
            self.brought[order] = fields["order_channel"]

    def _price(self, at: int, channel: str, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            if line["sku"] in self._counted:
                self.units[channel, line["sku"], at // DAY] += line["quantity"]
        mistake = self._plan.mistake
        if mistake and channel == mistake.channel and at // DAY == mistake.day:
            paid = [
                line["quantity"]
                for line in lines
                if line["sku"] == mistake.good.sku and line["price"] == self._wrong
            ]
            self.cheap += [sum(paid)] if paid else []
