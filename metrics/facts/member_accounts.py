"""Points and money on members' accounts: what came in, was spent, ran out. Not here: who is one (membership.py)."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from kernel.db import Connection, copy
from kernel.event import Clean
from metrics.facts.base import WorkspaceSettings
from metrics.facts.messages import meant

POINTS, BALANCE = "points", "balance"
UNITS: Final = {"points_changed": POINTS, "balance_changed": BALANCE}
EARNED, SPENT, EXPIRED = "earned", "spent", "expired"
# Reasons that say by themselves which way it went, as programmes write them; for any other the sign tells.
REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("earned", "earn", "granted", "topped up", "top up", "recharged"), EARNED),
        **dict.fromkeys(("spent", "spend", "redeemed", "used"), SPENT),
        **dict.fromkeys(("expired", "expiry", "forfeited"), EXPIRED),
    }
)
_JOINTS = re.compile(r"[\W_]+")


class AccountChange(NamedTuple):
    """A change of an account: each message is one. `amount` is below 0 for what went out; points have no currency."""

    id: UUID
    channel_id: int
    sighting_id: int | None
    occurred_at: datetime
    day: date
    unit: str  # points, balance
    kind: str  # earned, spent, expired
    amount: Decimal
    currency: str
    reason: str | None


def apply(db: Connection, settings: WorkspaceSettings, fresh: Iterable[Clean]) -> list[AccountChange]:
    """Writes the batch's changes of accounts."""
    changes = [
        _change(clean, UNITS[meaning.kind], meaning.fields, settings)
        for clean, meaning in meant(fresh, UNITS)
    ]
    changes.sort()
    copy(
        db,
        "metrics_member_account",
        ("workspace_id", *AccountChange._fields),
        [(settings.workspace, *change) for change in changes],
    )
    return changes


def went(reason: str | None, amount: Decimal) -> tuple[str, Decimal]:
    """What a change was, and its amount with the sign that goes with it."""
    kind = REASONS.get(_JOINTS.sub(" ", reason or "").strip().casefold())
    if kind is None:
        return (SPENT if amount < 0 else EARNED), amount
    return kind, abs(amount) if kind == EARNED else -abs(amount)


def _change(
    clean: Clean, unit: str, fields: Mapping[str, object], settings: WorkspaceSettings
) -> AccountChange:
    reason = fields.get("reason")
    said = None if reason is None else str(reason)
    kind, amount = went(said, Decimal(str(fields["points" if unit == POINTS else "amount"])))
    money = unit == BALANCE
    return AccountChange(
        clean.id,
        clean.channel,
        clean.sighting,
        clean.occurred_at,
        settings.day(clean.occurred_at),
        unit,
        kind,
        amount,
        str(fields.get("currency") or settings.currency_of(clean.channel)) if money else "",
        said,
    )
