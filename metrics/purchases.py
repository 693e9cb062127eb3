"""What profiles bought, summed up for their summary rows: orders less refunds, in the workspace's currency.

Not here: the ledger of an order (facts/ledger), sums by day (rollups).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, localcontext

from kernel import money
from kernel.db import Connection, Statements, array, rows, run
from kernel.event import Spent
from metrics.facts.base import EXACT, WorkspaceSettings
from metrics.facts.rates import Rates

SQL = Statements(__file__)
NO_DAY = date.min  # where no rate is needed


class Sums:
    """The purchases of one profile while they are added up."""

    def __init__(self) -> None:
        self.orders = 0
        self.revenue = Decimal(0)
        self.unconverted: dict[str, Decimal] = defaultdict(Decimal)
        self.times: list[datetime] = []

    def add(
        self, count: int, net: Decimal, currency: str, rate: Decimal | None, times: tuple[datetime, datetime]
    ) -> None:
        """Orders of one worth; the times of the first and the last."""
        self.orders += count
        self.times += times
        if rate is None:
            self.unconverted[currency] += net
        else:
            self.revenue += net * rate

    def spent(self, currency: str) -> Spent:
        """The sums as a summary row holds them; revenue is exact, it is rounded where it is shown."""
        apart = {code: f"{value:f}" for code, value in sorted(self.unconverted.items())}
        revenue = money.at_least(self.revenue, currency)
        times = self.times
        return Spent(
            self.orders, revenue, json.dumps(apart), min(times, default=None), max(times, default=None)
        )


def spent(db: Connection, settings: WorkspaceSettings, profiles: Mapping[int, int]) -> dict[int, Spent]:
    """`profiles`: sighting -> profile, all sightings of each. What each of these profiles bought, nothing included."""
    if not profiles:
        return {}
    rate_of = rates(db, settings).of
    sums: dict[int, Sums] = {profile: Sums() for profile in profiles.values()}
    with localcontext(EXACT):
        wanted = sorted(profiles)
        for profile, currency, day, count, net, *times in rows(
            db,
            SQL["purchases"],
            workspace=settings.workspace,
            own=settings.currency,
            sightings=array(wanted),
            profiles=array([profiles[sighting] for sighting in wanted]),
        ):
            rate = rate_of(currency, day or NO_DAY)
            sums[profile].add(count, net, currency, rate, (times[0], times[1]))
        return {profile: found.spent(settings.currency) for profile, found in sums.items()}


def rates(db: Connection, settings: WorkspaceSettings) -> Rates:
    """The workspace's rates, to look up."""
    found: list[tuple[str, datetime, date, Decimal]] = rows(db, SQL["rates"], workspace=settings.workspace)
    return Rates(settings.currency, found)


def mark_stale(db: Connection, workspace: int, currencies: Iterable[str]) -> None:
    """Notes that the worth of these currencies changed: profiles with orders in them are to be summed up again."""
    wanted = sorted(set(currencies))
    if wanted:
        run(db, SQL["owe"], workspace=workspace, currencies=array(wanted))


def owed(db: Connection) -> list[tuple[int, str]]:
    """What `owe` noted, taken over by this transaction: (workspace, currency)."""
    return rows(db, SQL["owed"])


def clear(db: Connection, workspace: int, currency: str) -> None:
    """The profiles of a currency are summed up; the note goes with the transaction."""
    run(db, SQL["settled"], workspace=workspace, currency=currency)


def sightings_with(db: Connection, workspace: int, currency: str) -> list[int]:
    """The sightings that bought in a currency."""
    return [s for (s,) in rows(db, SQL["sightings_with"], workspace=workspace, currency=currency)]
