"""What money hangs on something that goes wrong: the orders that usually come in hours in which nothing does, and
amounts of several currencies as one. What cannot be known is None, never a guess.

Not here: what goes wrong (channels/health.py, console/overview/action_items.py).
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kernel import periods
from kernel.db import Connection, Statements, array, rows
from kernel.models import Workspace
from metrics.conversion import rates

SQL = Statements(__file__)

HOUR = timedelta(hours=1)
DAYS = 7  # before the silence, that say what is usual
LONGEST = timedelta(days=7)  # of a silence: beyond it nobody knows what would have come


def usual_orders(
    db: Connection, workspace: Workspace, silences: Mapping[int, datetime], now: datetime
) -> dict[int, Decimal]:
    """Channel -> what its orders usually come to in the hours since its last message, where they come to anything.

    By the hours of the day: a night without orders is worth little. In the workspace's currency.
    """
    known = {channel: since for channel, since in silences.items() if now - since <= LONGEST}
    if not known:
        return {}
    zone = periods.zone(workspace.timezone)
    found: dict[int, dict[int, dict[str, Decimal]]] = defaultdict(lambda: defaultdict(dict))
    for channel, hour, currency, total in rows(
        db,
        SQL["usual_hours"],
        workspace=workspace.pk,
        zone=workspace.timezone,
        channels=array(known),
        sinces=array(known.values()),
    ):
        found[channel][hour][currency] = total
    usual = {}
    for channel, hours in found.items():
        at, amounts = known[channel], defaultdict[str, Fraction](Fraction)
        while at < now:
            upto = min(now, at.replace(minute=0, second=0, microsecond=0) + HOUR)
            share = Fraction(int((upto - at).total_seconds()), int(HOUR.total_seconds()) * DAYS)
            for currency, total in hours[at.astimezone(zone).hour].items():
                amounts[currency] += Fraction(total) * share
            at = upto
        said = {one: Decimal(value.numerator) / value.denominator for one, value in amounts.items()}
        if worth := in_own(db, workspace, said, now):
            usual[channel] = worth
    return usual


def in_own(
    db: Connection, workspace: Workspace, amounts: Mapping[str, Decimal], now: datetime
) -> Decimal | None:
    """Amounts by currency as one in the workspace's, by today's rates; None: nothing, or one has no rate."""
    rate = rates(db, workspace.pk, workspace.currency, set(amounts))
    today = periods.day(now, periods.zone(workspace.timezone))
    total = Decimal(0)
    for currency, amount in amounts.items():
        one = rate(currency, today)
        if one is None:
            return None
        total += amount * one
    return total or None
