"""The facts and sums that one event touched: for the event's life. Reading only."""

from typing import Any
from uuid import UUID

from kernel.db import Connection, Statements, rows

SQL = Statements(__file__)
FACTS = (
    *("orders", "settlements", "fees", "payments", "refunds", "returns"),
    *("answers", "tickets", "memberships", "accounts", "waiting"),
)


def of(db: Connection, workspace: int, event: UUID) -> list[dict[str, Any]]:
    """Each: {"fact", "key", "channel", "day", "amount", "currency", "state"}; absent ones are None."""
    found: list[dict[str, Any]] = []
    for fact in FACTS:
        for key, channel, day, amount, currency, state in rows(
            db, SQL[fact], workspace=workspace, event=event
        ):
            found.append(
                {
                    "fact": fact.removesuffix("s") if fact != "waiting" else fact,
                    "key": key,
                    "channel": channel,
                    "day": day.isoformat() if day else None,
                    "amount": f"{amount:f}" if amount is not None else None,
                    "currency": currency,
                    "state": state,
                }
            )
    return found
