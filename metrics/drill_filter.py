"""Which rows of a list a filter leaves: the mirror says their keys, PostgreSQL lists them.

So a row has one judge of its city, tier or campaign, the one that counted it. Not here: the list (drill.py), what is
counted (breakdown/).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel.db import Connection, array
from metrics import query
from metrics.breakdown import reading
from metrics.breakdown.terms import TERMS, Persons
from metrics.catalogue.base import Listed, Metric, terms
from metrics.catalogue.parts import Part
from metrics.mirror import reading as mirror


@dataclass(frozen=True)
class Kept:
    """What of a list is kept: a condition on its rows, and the values that it and the statement take."""

    condition: str = ""
    own: Mapping[str, str] = field(
        default_factory=dict
    )  # of single terms, by name: conditions of theirs instead
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
        condition = self.own.get(term.name, self.condition)
        return f"({own}) and {condition}" if condition else own


ALL_ROWS = Kept()


def of(db: Connection, settings: query.ReportingSettings, metric: Metric, part: Part, ask: query.Ask) -> Kept:
    """What of the rows of a part the filters of a `plain` question leave."""
    if not query.from_mirror(metric, ask):
        return ALL_ROWS
    wanted = terms(part.term)
    with mirror.open_mirror(settings.workspace) as there:
        asked = query.asked_of(db, settings, metric, ask._replace(by=""), there)
        several = [reading.keys(asked, [term], 1 if ask.calendar else 0) for term in wanted]
    if part.rows.people:
        return Kept("true", values={"people": array([who for (who,) in several[0]])}, decided=True)
    if isinstance(TERMS[wanted[0].name], Persons):
        own = {term.name: f"x.key = any(%(kept_{n})s::text[])" for n, term in enumerate(wanted)}
        values = {f"kept_{n}": array([who for (who,) in found]) for n, found in enumerate(several)}
        return Kept("true", own, values, decided=True)
    found = list(dict.fromkeys(key for one in several for key in one))
    of_row = TERMS[wanted[0].name].fact.keys
    names = ", ".join(one.listed for one in of_row)
    places = ", ".join(f"%(kept_{n})s::{one.cast}[]" for n, one in enumerate(of_row))
    values = {f"kept_{n}": array([row[n] for row in found]) for n in range(len(of_row))}
    return Kept(f"({names}) in (select * from unnest({places}))", values=values)  # noqa: S608 (ours)
