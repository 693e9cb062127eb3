"""Batches of messages and records booked as the pipeline books them, and what then stands in the tables."""

from decimal import Decimal
from typing import Any

from django.db import connection

from kernel.db import rows
from kernel.event import Clean, Record
from metrics.facts import changes, orders
from tests.metrics.facts.builders import PLACE, WORKSPACE

TABLES = (
    *("order", "settlement", "order_line", "refund", "return", "return_line", "payment", "shipment"),
    "waiting",
    *("order_message", "fact_message", "answer", "ticket", "membership", "member_account", "rollup"),
    *("product", "price", "stock", "cost", "spend", "payout", "target", "rate"),
)


def books(*batches: list[Any]) -> list[changes.FactChanges]:
    """Books batches of messages and records as the pipeline does."""
    done = []
    for batch in batches:
        fresh = [one for one in batch if isinstance(one, Clean)]
        records = [one for one in batch if isinstance(one, Record)]
        orders.lock(connection, WORKSPACE, fresh, records)
        done.append(changes.apply(connection, PLACE, fresh, records))
    return done


def dump() -> dict[str, list[Any]]:
    """All tables of facts, as text, so that even decimals must be the same."""
    found = {}
    for table in TABLES:
        text = f"select t.*::text from metrics_{table} t where workspace_id = {WORKSPACE} order by 1"
        found[table] = rows(connection, text)
    return found


def empty() -> None:
    with connection.cursor() as db:
        for table in (*TABLES, "order_ref", "fact_ref"):
            db.execute(f"delete from metrics_{table}")


def rollup(*measures: str) -> dict[tuple[Any, ...], Decimal]:
    text = "select measure, channel_id, day, rate_day, currency, amount from metrics_rollup where workspace_id = 41"
    return {row[:-1]: row[-1] for row in rows(connection, text) if not measures or row[0] in measures}


def total(measure: str) -> Decimal:
    return sum(rollup(measure).values(), Decimal(0))
