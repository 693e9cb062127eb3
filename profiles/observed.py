"""What properties the events of a period have: how often, of which kind, which values. Reading only, of a sample.

Not here: what plan follows from it (channels/plan/proposal.py).
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from math import ceil
from typing import Any, Final, NamedTuple

from kernel.db import Connection, Statements, rows

SQL = Statements(__file__)

NEWEST: Final = 6_000  # events looked at: the newest ones
SPREAD: Final = 24_000  # and so many spread over the hours of the period
MOST_ITEMS: Final = 20  # of a list in an event
MOST_EVENTS: Final = 300  # by name, the most frequent
MOST_ROWS: Final = 20_000
MOST_VALUES: Final = 25  # texts of one property
LONGEST_PATH: Final = 255  # characters
HOUR: Final = 3_600  # seconds
# RFC 3339, with or without an offset.
DAY_TEXT: Final = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
TIME_TEXT: Final = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)?"
DATETIME: Final = f"^{DAY_TEXT}[Tt ]{TIME_TEXT}$"


class Observed(NamedTuple):
    """One property of an event. `of`: how many events, or objects on its path, could have it; `there`: have it.

    `kinds`: how many values of each kind; `distinct`: how many texts there are, `values`: the most frequent of them.
    """

    event: str
    events: int  # of that name that were looked at
    property: str
    of: int
    there: int
    kinds: Mapping[str, int]
    distinct: int
    values: tuple[str, ...]
    least: Decimal | None
    most: Decimal | None


def properties(db: Connection, workspace: int, since: datetime, until: datetime) -> list[Observed]:
    """By event, the most frequent first, and path; objects in objects are followed one level deep.

    At most 30,000 events are looked at; what fewer than one in a hundred have is left out.
    """
    hours = max(1, ceil((until - since).total_seconds() / HOUR))
    found = rows(
        db,
        SQL["properties"],
        workspace=workspace,
        since=since,
        until=until,
        newest=NEWEST,
        hourly=ceil(SPREAD / hours),
        most_events=MOST_EVENTS,
        items=MOST_ITEMS,
        datetime=DATETIME,
        longest=LONGEST_PATH,
        values=MOST_VALUES,
        most=MOST_ROWS,
    )
    together: dict[tuple[str, str], list[Any]] = {}
    for row in found:
        together.setdefault((row[0], row[2]), []).append(row)
    return [_observed(kinds) for kinds in together.values()]


def _observed(kinds: list[Any]) -> Observed:
    event, events, path, _kind, of, *_rest = kinds[0]
    numbers = [row for row in kinds if row[8] is not None]
    counts: dict[str, int] = {}
    for row in kinds:
        counts[row[3]] = counts.get(row[3], 0) + row[5]
    return Observed(
        event=event,
        events=events,
        property=path,
        of=of,
        there=min(of, sum(counts.values())),
        kinds=counts,
        distinct=sum(row[6] for row in kinds),
        values=tuple(text for row in kinds for text in row[7] or ()),
        least=min((row[8] for row in numbers), default=None),
        most=max((row[9] for row in numbers), default=None),
    )
