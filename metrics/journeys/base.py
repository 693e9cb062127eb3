"""What every journey is asked over: the mirror, the workspace, the days. Not here: any one question."""

from datetime import datetime
from typing import NamedTuple

from kernel import periods
from metrics.mirror.reading import Mirror
from metrics.query import ReportingSettings
from metrics.scope import Days

MOST_VALUES = 50  # of a dimension that are listed; the rest is OTHER
OTHER = "other"


class Asked(NamedTuple):
    """Over what a question is asked: both ends of `days` are inside."""

    mirror: Mirror
    settings: ReportingSettings
    days: Days

    @property
    def begin(self) -> datetime:
        """The first moment of the period, naive and in UTC as the mirror's times are."""
        return periods.begins(self.days.first, periods.zone(self.settings.zone)).replace(tzinfo=None)

    @property
    def end(self) -> datetime:
        """The first moment after it, the same."""
        return periods.ends(self.days.last, periods.zone(self.settings.zone)).replace(tzinfo=None)

    @property
    def as_of(self) -> str | None:
        """The newest event in the answer, as the API writes it."""
        return periods.utc_text(self.mirror.as_of)
