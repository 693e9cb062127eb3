"""Whose orders are, by the models of attribution.

Not here: the models (metrics/attribution), weighing them (sharing.py).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import gettext as _

from kernel.db import Connection
from kernel.errors import BadRequest
from metrics.allocation.rules import MODEL_WORDS
from metrics.allocation.sharing import Shares
from metrics.query import ReportingSettings
from metrics.scope import Days

# The models that can be asked for.
THERE: Final[tuple[str, ...]] = ()


def of(
    _db: Connection, _settings: ReportingSettings, models: Sequence[str], _period: Days, _lookback: int
) -> Mapping[str, Shares]:
    """By model the shares of each order of the period. BadRequest for a model that is not there."""
    if models:
        said = _("Orders cannot be credited by “%(model)s” here yet.")
        raise BadRequest(said % {"model": MODEL_WORDS[models[0]]}, "no_model")
    return {}
