"""The partitions of the event table: one per year long ago, one per month since. Not here: what lies in them."""

from datetime import date

from kernel import planner
from kernel.db import Connection, rows, run

FIRST_YEAR = 2015  # older events lie together in profiles_event_old (schema.sql)
YEARS_IN_MONTHS = 3
MONTHS_AHEAD = 3
UNCOUNTED = ("data", "id", "received_at", "message_id")  # by these alone nothing is looked for

_EXISTING = """
select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'profiles_event'::regclass
"""


def ensure(db: Connection, today: date) -> list[str]:
    """Make the partitions that are missing up to three months ahead; what was made. Called daily and by migrate."""
    there = {name for (name,) in rows(db, _EXISTING)}
    made = []
    for name, begin, end in _wanted(today):
        in_months = any(other.startswith(f"profiles_event_{begin.year}_") for other in there)
        in_a_year = f"profiles_event_{begin.year}" in there
        if name in there or in_a_year or (in_months and "_" not in name.removeprefix("profiles_event_")):
            continue
        days = f"from ('{begin} 00:00+00') to ('{end} 00:00+00')"
        run(db, f"create table {name} partition of profiles_event for values {days}")
        for column in UNCOUNTED:
            run(db, f"alter table {name} alter column {column} set statistics 0")
        planner.plain_by_name(db, name)
        made.append(name)
    return made


def _wanted(today: date) -> list[tuple[str, date, date]]:
    """Name, first day and the day after the last."""
    months_from = today.year - YEARS_IN_MONTHS
    years = [
        (f"profiles_event_{year}", date(year, 1, 1), date(year + 1, 1, 1))
        for year in range(FIRST_YEAR, months_from)
    ]
    last = today.year * 12 + today.month - 1 + MONTHS_AHEAD
    months = [(divmod(n, 12), divmod(n + 1, 12)) for n in range(months_from * 12, last + 1)]
    return years + [
        (
            f"profiles_event_{year}_{month + 1:02}",
            date(year, month + 1, 1),
            date(next_year, next_month + 1, 1),
        )
        for (year, month), (next_year, next_month) in months
    ]
