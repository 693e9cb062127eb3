"""One person as a shop or a service desk asks: what they bought last, what they wait for, where to meet them.

Not here: all orders with their parts (queries.py), who a person is (profiles), segments.
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _

from kernel.db import Connection, Statements, array, rows
from kernel.periods import utc_text

SQL = Statements(__file__)
LAST_ORDERS: Final = 5
OPEN_TICKETS: Final = 20
HELD: Final = ("tickets", "answers", "memberships", "accounts", "payments")


def last_orders(db: Connection, workspace: int, sightings: Collection[int]) -> list[dict[str, Any]]:
    """The newest orders: [{"order_id", "channel", "occurred_at", "currency", "total", "refunded", "state"}]."""
    found = rows(db, SQL["last_orders"], workspace=workspace, sightings=array(sightings), limit=LAST_ORDERS)
    return [
        {
            "order_id": order,
            "channel": slug,
            "occurred_at": utc_text(at),
            "currency": currency,
            "total": f"{total:f}",
            "refunded": f"{refunded:f}",
            "state": state,
        }
        for order, slug, at, currency, total, refunded, state in found
    ]


def open_tickets(db: Connection, workspace: int, sightings: Collection[int]) -> list[dict[str, Any]]:
    """Tickets that are not resolved, newest first: [{"ticket_id", "channel", "opened_at", "topic", "order_id"}]."""
    found = rows(db, SQL["open_tickets"], workspace=workspace, sightings=array(sightings), limit=OPEN_TICKETS)
    return [
        {"ticket_id": key, "channel": slug, "opened_at": utc_text(at), "topic": topic, "order_id": order}
        for key, slug, at, topic, order in found
    ]


def best_channel(db: Connection, workspace: int, sightings: Collection[int]) -> dict[str, Any]:
    """Where to meet a person next: {"channel" (null: nothing is known), "purchases", "answers", "definition"}."""
    found = rows(db, SQL["best_channel"], workspace=workspace, sightings=array(sightings))
    slug, purchases, answers = found[0] if found else (None, 0, 0)
    return {"channel": slug, "purchases": purchases, "answers": answers, "definition": definition()}


DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)


def held(db: Connection, workspace: int, sightings: Collection[int]) -> dict[str, list[dict[str, Any]]]:
    """All else that facts keep of a person, whole: tickets, answers, memberships, accounts, payments. Amounts exact."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in HELD}
    for name, text in rows(db, SQL["held"], workspace=workspace, sightings=array(sightings)):
        found[name].append(DECODER.decode(text))
    return found


def definition() -> str:
    """How the next best channel is found, in words."""
    return _(
        "The channel with the most purchases (orders that were not cancelled) and answers to surveys together; "
        "of equals the one with the latest of them; without any, the channel of the latest event."
    )
