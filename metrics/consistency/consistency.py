"""One answer: every channel against the mean, the churn of who met a gap, the gaps that cost most.

Not here: each of them (standing.py, churn.py, costs.py), HTTP (api.py).
"""

from datetime import timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from kernel.db import Connection
from kernel.errors import BadRequest
from metrics.consistency import churn, costs, standing
from metrics.consistency.churn import WITHIN, Looked
from metrics.consistency.costs import Gap
from metrics.consistency.standing import Standings
from metrics.journeys.base import Asked


class Consistency(NamedTuple):
    """The answer."""

    asked: Asked
    within: timedelta
    standings: Standings
    looked: Looked
    gaps: list[Gap]


def consistency(db: Connection, asked: Asked, within: timedelta = WITHIN) -> Consistency:
    """Of a period. Raises BadRequest where there is one channel only."""
    check(asked)
    looked = churn.churn(db, asked, within)
    return Consistency(asked, within, standing.standings(db, asked), looked, costs.gaps(db, asked, looked))


def check(asked: Asked) -> None:
    """Raises BadRequest where there is nothing to be consistent with."""
    if len(asked.settings.channels) <= 1:
        raise BadRequest(
            _("This workspace has one channel: there is no other one to be consistent with."),
            "one_channel_only",
        )
