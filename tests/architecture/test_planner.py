"""The planner knows nothing of workspaces: no table forgets it, and what was known before goes, for every owner."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from channels.inbox import log
from kernel import planner
from kernel.db import Statements, rows, run
from profiles import partitions
from tests.shop import Shop, identify, order, track

TABLES = """
select c.relname::text, coalesce(a.attstattarget, -1) from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and a.attname = 'workspace_id'
"""
KNOWN = (
    "select tablename::text from pg_stats where attname = 'workspace_id' and schemaname = current_schema()"
    " and (n_distinct <> 10 or most_common_vals is not null or histogram_bounds is not null)"
)
TOLD = "select tablename::text from pg_stats where attname = 'workspace_id' and n_distinct = 10"


def looked_at() -> list[str]:
    """Tables whose workspaces the planner would come to know."""
    return sorted(name for name, target in rows(connection, TABLES) if target != 0)


def test_no_table_has_its_workspaces_counted(db: None) -> None:
    assert not looked_at(), "kernel/planner.py: without_workspaces, in a migration of the table's part"
    assert len(rows(connection, TABLES)) > 100  # with all partitions
    assert {name for (name,) in rows(connection, TOLD)} == {
        name for name, _target in rows(connection, TABLES)
    }


def test_days_and_months_made_later_have_it_too(db: None) -> None:
    before = len(rows(connection, TABLES))
    log.ensure_days(connection, date(2061, 5, 1))
    partitions.ensure(connection, date(2061, 5, 1))
    assert {name for (name,) in rows(connection, TOLD)} == {
        name for name, _target in rows(connection, TABLES)
    }
    run(connection, Statements("cdp/pipeline/rebuild.py")["keep_winners"])
    assert len(rows(connection, TABLES)) > before + 10
    assert not looked_at()


def test_nothing_is_known_of_them_after_an_analyze(db: None) -> None:
    for shop in (Shop(), Shop()):
        shop.sends(identify("ann", email="ann@example.com"), order("o-1", 90, "ann"), track("Seen", "bob"))
    run(connection, "set local lock_timeout = 0")  # autoanalyze may be at one of the tables just now
    run(connection, "set local statement_timeout = 0")  # all tables, on a busy machine
    run(connection, "analyze")
    assert rows(connection, KNOWN) == []
    assert rows(connection, "select count(*) from pg_stats where tablename = 'profiles_identifier'")[0][0] > 5


@pytest.fixture
def counted(db: None) -> Any:
    """Tables of a part of their own, analysed as they used to be; a view and partitions among them."""
    run(
        connection,
        "create table elsewhere_plain (workspace_id int not null, id int, primary key (workspace_id, id));"
        "create table elsewhere_empty (workspace_id int not null);"
        "create table elsewhere_parted (workspace_id int not null, id int) partition by range (id);"
        "create table elsewhere_low partition of elsewhere_parted for values from (0) to (50);"
        "create table elsewhere_high partition of elsewhere_parted for values from (50) to (1000);"
        "create view elsewhere_seen as select workspace_id, count(*) as n from elsewhere_plain group by 1;"
        "insert into elsewhere_plain select 1, n from generate_series(1, 200) n;"
        "insert into elsewhere_parted select 1, n from generate_series(1, 200) n;"
        "analyze elsewhere_plain, elsewhere_parted",
    )
    names = {name for (name,) in rows(connection, KNOWN)}
    assert names == {"elsewhere_plain", "elsewhere_parted", "elsewhere_low", "elsewhere_high"}
    return lambda: sorted(name for (name,) in rows(connection, KNOWN))


@pytest.mark.parametrize("way", ["cleared", "deleted", "retyped"])
def test_what_was_known_goes(counted: Any, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """By PostgreSQL 18's own function, by a superuser's hand, and as a plain owner of an older server has to."""
    if way != "cleared":
        monkeypatch.setattr(planner, "CLEARING_FROM", 10**9)
    if way == "retyped":
        run(connection, "create role landlord")
        for name in ("plain", "empty", "parted", "low", "high", "seen"):
            run(connection, f"alter table elsewhere_{name} owner to landlord")
        run(connection, "grant create on schema public to landlord; set role landlord")
    planner.without_workspaces(connection, "elsewhere")
    assert counted() == []
    run(connection, "analyze elsewhere_plain, elsewhere_parted")
    assert counted() == []
    assert rows(connection, "select workspace_id, n from elsewhere_seen") == [(1, 200)]


def test_what_cannot_go_stays_and_the_migration_goes_on(
    counted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "CLEARING_FROM", 10**9)
    run(connection, "create role landlord; grant create on schema public to landlord")
    for name in ("plain", "empty", "parted", "low", "high"):  # the view belongs to somebody else
        run(connection, f"alter table elsewhere_{name} owner to landlord")
    run(connection, "set role landlord")
    planner.without_workspaces(connection, "elsewhere")
    assert counted() == ["elsewhere_plain"]
    assert rows(connection, "select attstattarget from pg_attribute where attname = 'workspace_id'"
                " and attrelid = 'elsewhere_plain'::regclass") == [(0,)]  # fmt: skip


def test_an_empty_table_stays_unknown(counted: Any) -> None:
    """A table known to be empty is read whole by plans that are kept; one never counted is taken for a large one."""
    planner.without_workspaces(connection, "elsewhere")
    assert rows(connection, "select reltuples from pg_class where relname = 'elsewhere_empty'") == [(-1.0,)]
