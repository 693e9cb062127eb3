"""Which rows of a list a filter leaves: the mirror says their keys, PostgreSQL lists them.

So a row has one judge of its city, tier or campaign, the one that counted it. Not here: the list (drill.py), what is
counted (breakdown/).
"""

from dataclasses import dataclass, field
from typing import Any

from kernel.db import Connection, array
from metrics import query
from metrics.breakdown import reading
from metrics.breakdown.terms import TERMS, Persons
from metrics.catalogue.base import Listed, Metric, terms
from metrics.catalogue.parts import Part
from metrics.mirror import reading as mirror

COLUMNS = (
    ("x.order_id", "text"),
    ("x.channel_id", "int"),
    ("x.line", "int"),
)  # of what an order's key is made


@dataclass(frozen=True)
class Kept:
    """What of a list is kept: a condition on its rows, and the values that it and the statement take."""

    condition: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    decided: bool = (
        False  # the keys are of those that count: what the rows say of the whole period does not matter
    )

    @property
    def filtered(self) -> bool:
        """Whether a filter was asked for."""
        return bool(self.condition)

    def where(self, term: Listed) -> str:
        """SQL: which rows of a term are in the list."""
        own = "true" if self.decided else term.where or "true"
        return f"({own}) and {self.condition}" if self.condition else own


ALL_ROWS = Kept()


def of(db: Connection, settings: query.ReportingSettings, metric: Metric, part: Part, ask: query.Ask) -> Kept:
    """What of the rows of a part the filters of a `plain` question leave."""
    if not query.from_mirror(metric, ask):
        return ALL_ROWS
    wanted = terms(part.term)
    with mirror.open_mirror(settings.workspace) as there:
        asked = query.asked_of(db, settings, metric, ask._replace(by=""), there)
        found = reading.keys(asked, wanted, 1 if ask.calendar else 0)
    if part.rows.people:
        return Kept("true", {"people": array([who for (who,) in found])}, decided=True)
    if isinstance(TERMS[wanted[0].name], Persons):
        return Kept("x.key = any(%(kept)s::text[])", {"kept": array([who for (who,) in found])}, decided=True)
    width = len(found[0]) if found else 1
    columns = COLUMNS[:width]
    names = ", ".join(name for name, _cast in columns)
    places = ", ".join(f"%(kept_{n})s::{cast}[]" for n, (_name, cast) in enumerate(columns))
    values = {f"kept_{n}": array([row[n] for row in found]) for n in range(width)}
    return Kept(f"({names}) in (select * from unnest({places}))", values)  # noqa: S608 (ours)
