"""Whose orders are, by the models of attribution, as shares of decimals. One reading of the mirror serves all models.

Not here: the models (metrics/attribution), weighing them (sharing.py).
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

from kernel.db import Connection
from metrics.allocation.sharing import Key, Shares
from metrics.attribution import orders
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
        asked = Asked(there, settings, period)
        return {
            name: _shares(db, asked, Question(name, lookback=timedelta(days=lookback)), ids)
            for name in models
        }


def _shares(db: Connection, asked: Asked, question: Question, ids: Mapping[str, int]) -> Shares:
    """Of one model. What is credited to a channel that is not there any more is nobody's."""
    found: dict[Key, list[tuple[int | None, Decimal]]] = {}
    known: dict[Fraction, Decimal] = {}  # few paths, few shares
    with localcontext(EXACT):
        for one in orders.credits(db, asked, question):
            if one.share not in known:
                known[one.share] = Decimal(one.share.numerator) / one.share.denominator
            channel = ids.get(one.key) if one.key is not None else None
            found.setdefault((one.order_id, one.channel), []).append((channel, known[one.share]))
    return found
