"""CDNOW's customers of 1997, a public set: cohorts are those published, every cell is that of plain SQL in SQLite."""

import lzma
import sqlite3
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from metrics.journeys import retention, switching
from metrics.journeys.base import Asked
from metrics.journeys.retention import Question
from metrics.query import ReportingSettings
from metrics.scope import Days
from tests.metrics.mirror_tables import InMemory

FILE = Path("tests/samples/cdnow/CDNOW_master.txt.xz")
DAYS = Days(date(1997, 1, 1), date(1998, 6, 30))
# Published with the set: its customers began in January, February and March 1997.
CUSTOMERS, PURCHASES = 23_570, 69_659
COHORTS = {"1997-01-01": 7_846, "1997-02-01": 8_476, "1997-03-01": 7_248}
# A customer's month is a number, so that no calendar of the database is needed.
BACK = """
with bought as (select customer, cast(substr(day, 1, 4) as integer) * 12 + cast(substr(day, 5, 2) as integer) as month,
    dollars from purchases),
began as (select customer, min(month) as first from bought group by customer)
select first, month - first as number, count(distinct customer), count(*), sum(dollars)
from bought join began using (customer) group by first, number order by first, number
"""


def purchases() -> list[tuple[int, str, Decimal]]:
    """Customer, day as YYYYMMDD, dollars."""
    lines = lzma.decompress(FILE.read_bytes()).decode().splitlines()[1:]
    cells = (line.split() for line in lines)
    return [(int(customer), day, Decimal(dollars)) for customer, day, _cds, dollars in cells]


@pytest.fixture(scope="module")
def asked() -> Asked:
    mirror = InMemory()
    rows = purchases()
    everybody = sorted({customer for customer, _, _ in rows})
    mirror.put("customers", [{"sighting": n, "profile": n, "identified": True} for n in everybody])
    mirror.put(
        "orders",
        [
            {
                "order_id": f"o{place}",
                "channel": 1,
                "occurred_at": datetime.strptime(day, "%Y%m%d"),  # noqa: DTZ007 - as the mirror has it
                "day": date.fromisoformat(day),
                "tie": place,
                "sighting": customer,
                "currency": "USD",
                "total": dollars,
                "refunded": Decimal(0),
            }
            for place, (customer, day, dollars) in enumerate(rows)
        ],
    )
    return Asked(mirror, ReportingSettings(1, "UTC", "USD", {1: "cdnow"}), DAYS)


@pytest.fixture(scope="module")
def told() -> list[tuple[Any, ...]]:
    """Cohort (its month's number), intervals since, customers, purchases, cents."""
    db = sqlite3.connect(":memory:")
    db.execute("create table purchases (customer integer, day text, dollars integer)")
    db.executemany(
        "insert into purchases values (?, ?, ?)",
        [(customer, day, int(dollars * 100)) for customer, day, dollars in purchases()],
    )
    return db.execute(BACK).fetchall()


def cells(told: list[tuple[Any, ...]], column: int) -> list[list[int]]:
    """By cohort and interval; every one to June 1998."""
    found = {(row[0], row[1]): row[column] for row in told}
    firsts = sorted({row[0] for row in told})
    return [[found.get((first, n), 0) for n in range(18 - place)] for place, first in enumerate(firsts)]


def test_cohorts_are_those_that_were_published(asked: Asked) -> None:
    found = retention.retention(None, asked, Question()).cohorts
    sizes = {cohort.start.isoformat(): cohort.size for cohort in found if cohort.size}
    assert sizes == COHORTS
    assert sum(sizes.values()) == CUSTOMERS
    orders = retention.retention(None, asked, Question(measure="orders")).cohorts
    assert sum(sum(cohort.values) for cohort in orders) == PURCHASES


def test_who_came_back_in_every_month(asked: Asked, told: list[tuple[Any, ...]]) -> None:
    found = retention.retention(None, asked, Question()).cohorts
    assert [cohort.values for cohort in found if cohort.size] == cells(told, 2)
    orders = retention.retention(None, asked, Question(measure="orders")).cohorts
    assert [cohort.values for cohort in orders if cohort.size] == cells(told, 3)


def test_what_a_customer_has_brought_by_every_month(asked: Asked, told: list[tuple[Any, ...]]) -> None:
    found = retention.retention(None, asked, Question(measure="revenue")).cohorts
    for cohort, cents in zip((one for one in found if one.size), cells(told, 4), strict=True):
        so_far = [Decimal(sum(cents[: n + 1])) / 100 / cohort.size for n in range(len(cents))]
        assert all(
            abs(one - other) < Decimal("1e-9") for one, other in zip(cohort.values, so_far, strict=True)
        )


def test_every_purchase_is_a_step_from_the_one_before(asked: Asked) -> None:
    first, again = switching.switching(asked).cells
    assert (first.origin, first.steps, first.customers) == (None, CUSTOMERS, CUSTOMERS)
    assert again.steps == PURCHASES - CUSTOMERS
