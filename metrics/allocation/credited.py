"""Whose orders are, by the models of attribution, as shares of decimals. One reading of the mirror serves all models.

Orders that went the same way have one and the same list: who works on them may remember by it.
Not here: the models (metrics/attribution), weighing them (sharing.py).
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

from kernel.db import Connection
from metrics.allocation.sharing import Key, Shares
from metrics.attribution import orders
from metrics.attribution.orders import Alike
from metrics.attribution.question import Question
from metrics.journeys.base import Asked
from metrics.mirror import reading as mirror
from metrics.query import EXACT, ReportingSettings
from metrics.scope import Days


def of(
    db: Connection, settings: ReportingSettings, models: Sequence[str], period: Days, lookback: int
) -> Mapping[str, Shares]:
    """By model the shares of each order of the period. Raises TryAgain where the mirror cannot be read."""
    if not models:
        return {}
    ids = {slug: channel for channel, slug in settings.channels.items()}
    with mirror.open_mirror(settings.workspace) as there:
        question = Question(lookback=timedelta(days=lookback))
        found = orders.alike(db, Asked(there, settings, period), question, models)
    return {name: shares(alike, ids) for name, alike in found.items()}


def shares(found: Sequence[Alike], ids: Mapping[str, int]) -> Shares:
    """Of one model. What is credited to a channel that is not there any more is nobody's."""
    known: dict[tuple[str | None, int, int], tuple[int | None, Decimal]] = {}
    lists: dict[tuple[tuple[str | None, int, int], ...], list[tuple[int | None, Decimal]]] = {}
    made: dict[Key, list[tuple[int | None, Decimal]]] = {}
    with localcontext(EXACT):
        for way in found:
            whose = lists.get(way.shares)
            if whose is None:
                for one in way.shares:
                    if one not in known:
                        key, part, of_all = one
                        channel = ids.get(key) if key is not None else None
                        known[one] = channel, _decimal(part, of_all)
                whose = lists[way.shares] = [known[one] for one in way.shares]
            made.update(dict.fromkeys(way.orders, whose))
    return made


def _decimal(part: int, of_all: int) -> Decimal:
    exact = Fraction(part, of_all)
    return Decimal(exact.numerator) / exact.denominator
