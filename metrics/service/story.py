"""One order from end to end: ordered, paid, sent, brought back somewhere else, refunded, asked about, judged; by time.

Out of PostgreSQL, as it is now. Tickets and answers are those that name the order. Not here: all orders (queries.py),
what goods brought back come to (returns.py).
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from kernel.db import Connection, Statements, rows
from kernel.errors import NotFound
from kernel.periods import utc_text
from kernel.web import access
from metrics import queries
from metrics.query import ReportingSettings
from metrics.service.base import said
from profiles import queries as people

SQL = Statements(__file__)
# What can happen to an order; at one moment, in this order.
WHAT: Final = (
    *("ordered", "payment_started", "payment_failed", "paid", "cancelled", "shipped", "delivered"),
    *(
        "return_requested",
        "return_received",
        "refunded",
        "ticket_opened",
        "ticket_answered",
        "ticket_resolved",
    ),
    "feedback",
)


class Happening(NamedTuple):
    """Something that happened to an order. `channel`: where, by id; `key`: of the payment, return, ticket …"""

    at: datetime
    what: str
    channel: int
    key: str
    amount: Decimal | None = None
    detail: str = ""  # in the sender's words: method, reason, store, carrier, topic, score


class Story(NamedTuple):
    """An order as metrics/queries.py has it, its customer, and what happened to it by time."""

    order: dict[str, Any]
    profile: str | None
    customer: str
    happenings: list[Happening]

    @property
    def elsewhere(self) -> bool:
        """Whether goods of it came back in another channel than its own."""
        own = self.order["channel_id"]
        return any(one.what == "return_received" and one.channel != own for one in self.happenings)

    def json(self, settings: ReportingSettings, *, masked: bool) -> dict[str, Any]:
        """As the API gives it."""
        order = self.order
        answer = {
            "order_id": order["order_id"],
            "channel": order["channel"],
            "occurred_at": utc_text(order["occurred_at"]),
            "currency": order["currency"],
            "total": said(order["total"]),
            "refunded": said(order["refunded"]),
            "state": order["state"],
            "returned_elsewhere": self.elsewhere,
            "profile": self.profile,
            "customer": self.customer,
            "lines": [_line(order, line) for line in order["lines"]],
            "events": [
                {
                    "at": utc_text(one.at),
                    "what": one.what,
                    "channel": settings.channels.get(one.channel),
                    "key": one.key,
                    "amount": said(one.amount),
                    "detail": one.detail,
                }
                for one in self.happenings
            ],
        }
        if masked:
            words = {name: answer[name] for name in ("order_id", "customer")}
            answer |= access.scrub(words)
            answer["lines"] = access.scrub(answer["lines"])
            answer["events"] = [
                one | access.scrub({"key": one["key"], "detail": one["detail"]}) for one in answer["events"]
            ]
        return answer


def story(db: Connection, settings: ReportingSettings, channel: str, order_id: str) -> Story:
    """An order whole. Raises NotFound for one that there is not."""
    ids = {slug: number for number, slug in settings.channels.items()}
    order = channel in ids and queries.order_of(db, settings.workspace, ids[channel], order_id)
    if not order:
        raise NotFound(f"There is no order “{order_id[:200]}” on “{channel[:100]}”.")
    about = {"workspace": settings.workspace, "order": order_id, "channel": ids[channel]}
    found = [*_of_order(order), *_tickets(db, about), *_answers(db, about)]
    found.sort(key=lambda one: (one.at, WHAT.index(one.what), one.key))
    who = people.known(db, settings.workspace, [order["profile"]] if order["profile"] is not None else [])
    key, name = who.get(order["profile"], (None, ""))
    return Story(order, str(key) if key else None, name, found)


def _line(order: dict[str, Any], line: dict[str, Any]) -> dict[str, Any]:
    back = [
        one["quantity"]
        for one in order["return_lines"]
        if one["line"] == line["line"] and one["kind"] == "return"
    ]
    return {
        "sku": line["sku"],
        "name": line["name"],
        "quantity": said(line["quantity"]),
        "price": said(line["price"]),
        "returned": said(sum(back, Decimal(0))),
    }


def _of_order(order: dict[str, Any]) -> Iterator[Happening]:
    own = order["channel_id"]
    yield Happening(
        order["occurred_at"], "ordered", own, order["order_id"], order["total"], order["store"] or ""
    )
    if order["cancelled_at"]:
        yield Happening(
            order["cancelled_at"], "cancelled", own, order["order_id"], None, order["reason"] or ""
        )
    for one in order["payments"]:
        yield from _steps(
            one,
            {"started_at": "payment_started", "failed_at": "payment_failed", "succeeded_at": "paid"},
            one["amount"],
            {"failed_at": _joined(one["method"], one["reason"])},
            one["method"] or "",
        )
    for one in order["shipments"]:
        yield from _steps(
            one, {"shipped_at": "shipped", "delivered_at": "delivered"}, None, {}, one["carrier"] or ""
        )
    for one in order["returns"]:
        steps = {"requested_at": "return_requested", "received_at": "return_received"}
        yield from _steps(one, steps, None, {}, one["store"] or "")
    for one in order["refunds"]:
        if one["kind"] == "refund" or one["amount"]:
            where = one["service_channel_id"]
            yield Happening(
                one["occurred_at"], "refunded", where, one["key"], one["amount"], one["reason"] or ""
            )


def _steps(
    one: dict[str, Any], steps: dict[str, str], amount: Decimal | None, details: dict[str, str], else_: str
) -> Iterator[Happening]:
    for field, what in steps.items():
        if one[field]:
            detail = details.get(field, else_)
            yield Happening(one[field], what, one["service_channel_id"], one["key"], amount, detail)


def _tickets(db: Connection, about: dict[str, Any]) -> Iterator[Happening]:
    for channel, key, topic, first, opened, answered, resolved, closed, _again in rows(
        db, SQL["tickets"], **about
    ):
        yield Happening(opened or first, "ticket_opened", channel, key, None, topic or "")
        if answered:
            yield Happening(answered, "ticket_answered", channel, key, None, topic or "")
        for at in dict.fromkeys((resolved, closed)):
            if at:
                yield Happening(at, "ticket_resolved", channel, key, None, topic or "")


def _answers(db: Connection, about: dict[str, Any]) -> Iterator[Happening]:
    for channel, key, at, score, scale, _satisfied, subject, text in rows(db, SQL["answers"], **about):
        marks = f"{score.normalize():f}/{scale.normalize():f}"
        yield Happening(at, "feedback", channel, key, None, _joined(marks, subject, text))


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)
