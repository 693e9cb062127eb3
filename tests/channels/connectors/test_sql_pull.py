"""Somebody else's database, read by what is new in it: real servers, exact values, no row lost and none twice."""

import json
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as chance
from hypothesis import strategies as some

from channels.connect import connections
from channels.connectors import sql_servers, sql_values
from channels.connectors.base import Connection, Delivery
from channels.connectors.sql_pull import SQL_PULL, Settings
from kernel.errors import BadRequest, Refused
from kernel.outside import DatabaseSaid, ForbiddenAddress
from tests.channels.connectors.foreign import PASSWORD, Foreign

LONG_AGO = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SPAN = datetime(1000, 1, 1), datetime(9998, 1, 1)  # noqa: DTZ001 (hypothesis wants none)
NOBODY: Any = None  # the kind goes its own way out


def connection(foreign: Foreign, **own: Any) -> Connection:
    said = connections.checked(SQL_PULL, {**foreign.own, **own})
    return Connection(Settings(**said), {"password": PASSWORD}, ZoneInfo("Asia/Shanghai"), "CNY", "shop")


def pulled(
    one: Connection, cursor: dict[str, Any] | None = None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """All there is after a cursor, page by page, and the new cursor as it would be kept."""
    found: list[dict[str, Any]] = []
    cursor = cursor or {}
    for _ in range(1000):
        page = SQL_PULL.fetch(one, NOBODY, cursor)  # type: ignore[misc]
        cursor = json.loads(json.dumps(page.cursor))
        if page.body:
            held = json.loads(page.body)["rows"]
            assert page.rows == len(held) > 0
            found += held
        if not page.more:
            return found, cursor
    raise AssertionError("no end")


def stamp(foreign: Foreign) -> str:
    return "timestamptz" if foreign.engine == "postgresql" else "timestamp(6)"


def table(foreign: Foreign, name: str = "things") -> None:
    foreign.run(f"create table {name} (id bigint, updated_at {stamp(foreign)} null, what varchar(200))")


def put(foreign: Foreign, rows: list[tuple[int, datetime | None, str]], name: str = "things") -> None:
    naive = [
        (n, None if at is None else at.replace(tzinfo=None) if foreign.engine == "mysql" else at, w)
        for n, at, w in rows
    ]
    if foreign.engine == "mysql":
        foreign.run("set time_zone = '+00:00'")
    foreign.many(f"insert into {name} values (%s, %s, %s)", naive)


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return [row["id"] for row in rows]


@pytest.mark.parametrize("key", ["id", ""])
def test_what_is_new_comes_once_however_small_the_pages(foreign: Foreign, key: str) -> None:
    table(foreign)
    put(foreign, [(n, LONG_AGO + timedelta(seconds=n // 7), f"thing {n}") for n in range(50)])
    one = connection(foreign, table="things", key=key, batch=4)
    found, cursor = pulled(one)
    assert sorted(ids(found)) == list(range(50))
    assert pulled(one, cursor)[0] == []
    put(
        foreign,
        [(7, LONG_AGO + timedelta(seconds=90), "changed"), (50, LONG_AGO + timedelta(seconds=91), "new")],
    )
    found, cursor = pulled(one, cursor)
    assert [(row["id"], row["what"]) for row in found] == [(7, "changed"), (50, "new")]
    assert pulled(one, cursor)[0] == []


def test_rows_of_the_last_time_that_come_later_are_not_lost(foreign: Foreign) -> None:
    table(foreign)
    one = connection(foreign, table="things", batch=3)
    put(foreign, [(n, LONG_AGO, f"{n}") for n in range(8)])
    found, cursor = pulled(one)
    assert sorted(ids(found)) == list(range(8))
    put(foreign, [(n, LONG_AGO, f"{n}") for n in range(8, 12)])
    assert sorted(ids(pulled(one, cursor)[0])) == [8, 9, 10, 11]


def test_many_rows_of_one_time_are_a_matter_of_the_key(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    from channels.connectors import sql_pages

    monkeypatch.setattr(sql_pages, "TIED", 20)
    table(foreign)
    put(foreign, [(n, LONG_AGO, f"{n}") for n in range(60)])
    with pytest.raises(BadRequest, match="key column"):
        pulled(connection(foreign, table="things", batch=10))
    assert ids(pulled(connection(foreign, table="things", key="id", batch=10))[0]) == list(range(60))
    put(foreign, [(99, LONG_AGO, f"line {n}") for n in range(15)])
    found, _cursor = pulled(connection(foreign, table="things", key="id", batch=10))
    assert ids(found)[60:] == [99] * 15  # in one page, whatever its size
    put(foreign, [(99, LONG_AGO, f"line {n}") for n in range(15, 50)])
    with pytest.raises(BadRequest, match="key column"):
        pulled(connection(foreign, table="things", key="id", batch=10))


def test_rows_that_are_younger_than_the_lag_wait(foreign: Foreign) -> None:
    table(foreign)
    now = datetime.now(UTC)
    put(foreign, [(1, now - timedelta(minutes=10), "old"), (2, now - timedelta(seconds=5), "young")])
    put(foreign, [(3, None, "of no time"), (4, now + timedelta(days=1), "of tomorrow")])
    found, cursor = pulled(connection(foreign, table="things", key="id", lag=60))
    assert ids(found) == [1]
    assert ids(pulled(connection(foreign, table="things", key="id", lag=0), cursor)[0]) == [2]


def test_a_number_counts_up_exactly_beyond_what_a_float_holds(foreign: Foreign) -> None:
    foreign.run("create table counted (id bigint primary key, what varchar(20))")
    first = 2**60
    foreign.many("insert into counted values (%s, %s)", [(first + n, f"{n}") for n in range(5)])
    one = connection(foreign, table="counted", column="id", batch=2)
    found, cursor = pulled(one)
    assert ids(found) == [first + n for n in range(5)]
    foreign.run("insert into counted values (%s, %s)", first + 5, "5")
    assert ids(pulled(one, cursor)[0]) == [first + 5]


def test_a_day_is_read_when_it_is_over(foreign: Foreign) -> None:
    foreign.run("create table days (id int, day date)")
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    foreign.many("insert into days values (%s, %s)", [(n, today - timedelta(days=n)) for n in range(4)])
    one = connection(foreign, table="days", column="day", key="id", lag=0)
    assert ids(pulled(one)[0]) == [3, 2, 1]


def test_values_come_exactly_and_times_with_their_zone(foreign: Foreign) -> None:
    postgres = foreign.engine == "postgresql"
    columns = (
        "amount numeric(30,10), at timestamp, zoned timestamptz, day date, said jsonb, bytes bytea, yes boolean, "
        "several text[], one uuid"
        if postgres
        else "amount decimal(30,10), at datetime(6), zoned timestamp(6), day date, said json, bytes blob, yes bit(1)"
    )
    foreign.run(
        f"create table kinds (id int, updated_at timestamp null, {columns}, text text, ratio double precision)"
    )
    values: list[Any] = ["12345678901234567890.0123456789", "2026-03-02 10:00:00.5"]
    values += ["2026-03-02 02:00:00+00" if postgres else "2026-03-02 02:00:00", "2026-03-02"]
    values += ['{"a": [1, 2.50]}', b"\x00\xff"]
    foreign.run("set time_zone = '+00:00'" if not postgres else "set timezone = 'America/New_York'")
    rest = "true, '{a,\"b c\"}', '0b0e6a06-9e34-4e7f-9a8d-1f9b8d6a0001'" if postgres else "b'1'"
    foreign.run(
        f"insert into kinds values (1, '2026-03-02 10:00:00', %s, %s, %s, %s, %s, %s, {rest}, %s, %s)",
        *values,
        "汇流 ü 'quoted' 100%",
        0.1,
    )
    foreign.run("insert into kinds (id, updated_at) values (2, '2026-03-02 10:00:01')")
    first, second = pulled(connection(foreign, table="kinds", key="id"))[0]
    assert first["amount"] == "12345678901234567890.0123456789"
    assert first["at"] == "2026-03-02T10:00:00.500000+08:00"  # of the channel's zone
    assert first["zoned"] == "2026-03-02T02:00:00+00:00"
    assert (first["day"], first["text"], first["ratio"]) == ("2026-03-02", "汇流 ü 'quoted' 100%", "0.1")
    said = first["said"] if postgres else json.loads(first["said"])  # MariaDB's JSON is a text
    assert said == {"a": [1, 2.50]}
    assert first["bytes"] is None
    assert first["yes"] in (True, 1)
    if postgres:
        assert (first["several"], first["one"]) == (["a", "b c"], "0b0e6a06-9e34-4e7f-9a8d-1f9b8d6a0001")
    assert all(second[name] is None for name in ("amount", "at", "zoned", "said", "text"))
    assert pulled(connection(foreign, table="kinds", key="id", zone="UTC"))[0][0]["at"].endswith("+00:00")


def test_a_query_in_place_of_a_table(foreign: Foreign) -> None:
    table(foreign)
    put(foreign, [(n, LONG_AGO + timedelta(seconds=n), f"{n}%") for n in range(6)])
    query = (
        "select id /* even */ as number, updated_at as at from things where id % 2 = 0 and what like '%\\%' ;"
    )
    one = connection(foreign, query=query, column="at", key="number", batch=2)
    found, cursor = pulled(one)
    assert [row["number"] for row in found] == [0, 2, 4]
    assert pulled(one, cursor)[0] == []


@pytest.mark.parametrize(
    "query",
    [
        "select 1) x; drop table things; --",
        "delete from things",
        "select * from things; delete from things",
        "with gone as (delete from things returning *) select * from gone",
        "update things set what = 'x'",
    ],
)
def test_nothing_but_a_select_is_run(foreign: Foreign, query: str) -> None:
    table(foreign)
    put(foreign, [(1, LONG_AGO, "x")])
    if foreign.engine == "postgresql":
        foreign.run(f"grant all on things to {foreign.name}")
    else:
        foreign.run(f"grant all on {foreign.name}.* to {foreign.name}@'127.0.0.1'")
    with pytest.raises(Refused):
        pulled(connection(foreign, query=query))
    assert foreign.run("select what from things") in ([("x",)], [["x"]])


def test_the_transaction_cannot_write_whatever_a_function_does(foreign: Foreign) -> None:
    table(foreign)
    put(foreign, [(1, LONG_AGO, "x")])
    body = "update things set what = 'written'"
    if foreign.engine == "postgresql":
        foreign.run(
            f"create function sly() returns int language plpgsql security definer as $$ begin {body}; return 1; end $$"
        )
    else:
        foreign.run(f"create function sly() returns int sql security definer begin {body}; return 1; end")
        foreign.run(f"grant execute on function {foreign.name}.sly to {foreign.name}@'127.0.0.1'")
    with pytest.raises(DatabaseSaid, match=r"(?i)read.only"):
        pulled(connection(foreign, query="select t.*, sly() as s from things t", key="id"))
    assert foreign.run("select what from things")[0][0] == "x"


def test_what_takes_too_long_is_ended(foreign: Foreign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_servers, "STATEMENT_SECONDS", 1)
    table(foreign)
    put(foreign, [(1, LONG_AGO, "x")])
    sleep = "pg_sleep(20)" if foreign.engine == "postgresql" else "sleep(20)"
    began = time.monotonic()
    one = connection(foreign, query=f"select t.*, cast({sleep} as char(9)) as s from things t", key="id")
    if foreign.engine == "postgresql":
        with pytest.raises(DatabaseSaid, match="timeout"):
            pulled(one)
    else:
        try:
            pulled(one)  # MariaDB ends the sleep, and may go on with the row
        except DatabaseSaid as why:
            assert "max_statement_time" in str(why)  # noqa: PT017
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    ("own", "says"),
    [
        ({"table": "nothing_here", "key": ""}, "nothing_here"),
        ({"table": "things", "column": "changed_at"}, "There is no column “changed_at”"),
        ({"table": "things", "column": "what"}, "cannot say what is newer"),
        ({"table": "things", "query": "select 1"}, "one of the two"),
        ({}, "one of the two"),
        ({"query": "select from where"}, "database says"),
        ({"table": "things", "rows": "orders"}, "No column says"),
        ({"table": "things", "rows": "order_lines"}, "key column is needed"),
        ({"table": "things", "database": "no_such_database"}, "database says"),
    ],
    ids=str,
)
def test_what_cannot_be_read_says_why(foreign: Foreign, own: dict[str, Any], says: str) -> None:
    table(foreign)
    with pytest.raises(Refused, match=says):
        SQL_PULL.check(connection(foreign, **own))  # type: ignore[misc]


def test_the_test_says_what_there_is(foreign: Foreign) -> None:
    table(foreign)
    one = connection(foreign, table="things", key="id")
    assert "no rows yet" in SQL_PULL.check(one)  # type: ignore[misc]
    put(foreign, [(1, LONG_AGO, "x")])
    said = SQL_PULL.check(one)  # type: ignore[misc]
    assert "2026-03-02T10:00:00+00:00" in said
    assert "updated_at" in said


def test_a_wrong_password_and_a_server_that_is_none(foreign: Foreign) -> None:
    table(foreign)
    one = connection(foreign, table="things")
    if foreign.engine == "mysql":
        with pytest.raises(DatabaseSaid, match="Access denied"):
            pulled(one._replace(secrets={"password": "wrong"}))
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(DatabaseSaid):
            pulled(connection(foreign, table="things", port=closed.getsockname()[1]))


def test_a_private_address_is_not_called(foreign: Foreign, settings: Any) -> None:
    settings.ALLOW_ADDRESSES = []
    for host in ("127.0.0.1", "localhost", "0x7f000001", "::1", "169.254.169.254", "10.0.0.1"):
        with pytest.raises(ForbiddenAddress):
            pulled(connection(foreign, table="things", host=host))
    for odd in ("/var/run/postgresql", "a b", "x=y", "h;"):
        with pytest.raises(BadRequest):
            connection(foreign, host=odd)


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_a_server_that_says_nothing_holds_nobody(
    engine: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(sql_servers, "CONNECT_SECONDS", 2)
    settings.ALLOW_ADDRESSES = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        held: list[Any] = []
        threading.Thread(target=lambda: held.append(silent.accept()), daemon=True).start()
        own = {"engine": engine, "host": "127.0.0.1", "port": silent.getsockname()[1], "tls": "off"}
        said = connections.checked(SQL_PULL, own | {"database": "d", "user": "u", "table": "t"})
        one = Connection(Settings(**said), {"password": "p"}, ZoneInfo("UTC"), "CNY", "shop")
        began = time.monotonic()
        with pytest.raises(DatabaseSaid):
            pulled(one)
        assert time.monotonic() - began < 10


def test_tls_is_what_was_set(mariadb: Any, settings: Any) -> None:
    from tests.channels.connectors.foreign import ForeignMySQL

    settings.ALLOW_ADDRESSES = ["127.0.0.1"]
    foreign = ForeignMySQL(mariadb)
    try:
        table(foreign)
        put(foreign, [(1, LONG_AGO, "x")])
        foreign.run(f"alter user {foreign.name}@'127.0.0.1' require ssl")
        for own in ({"tls": "encrypt"}, {"tls": "verify", "ca": mariadb.certificate}):
            assert ids(pulled(connection(foreign, table="things", **own))[0]) == [1]
        with pytest.raises(DatabaseSaid, match=r"(?i)certificate"):
            pulled(connection(foreign, table="things", tls="verify"))
        with pytest.raises(DatabaseSaid, match="denied"):
            pulled(connection(foreign, table="things", tls="off"))
    finally:
        foreign.close()


def test_a_server_without_tls_gets_no_password_where_tls_is_set(settings: Any) -> None:
    settings.ALLOW_ADDRESSES = ["127.0.0.1"]
    from tests.channels.connectors.foreign import ForeignPostgres

    foreign = ForeignPostgres()
    try:
        table(foreign)
        for tls in ("encrypt", "verify"):
            with pytest.raises(DatabaseSaid, match="SSL"):
                pulled(connection(foreign, table="things", tls=tls))
    finally:
        foreign.close()


# ---- what rows say -----------------------------------------------------------------------------------


def said(one: Connection, rows: list[dict[str, Any]], key: str = "id") -> list[Any]:
    body = json.dumps({"column": "updated_at", "key": key, "rows": rows}).encode()
    return list(SQL_PULL.messages(one, Delivery("POST", {}, "", body), datetime.now(UTC)))  # type: ignore[misc]


def bare(**own: Any) -> Connection:
    given = connections.checked(SQL_PULL, own)
    return Connection(Settings(**given), {}, ZoneInfo("Asia/Shanghai"), "CNY", "shop")


def test_an_order_that_changed_is_a_later_word_of_the_same_order() -> None:
    one = bare(rows="orders", columns={"no": "order_id", "paid": "total"})
    row = {"id": 1, "no": "A1", "paid": "12.50", "updated_at": "2026-03-02T10:00:00+08:00", "note": None}
    later = row | {"paid": "9.00", "updated_at": "2026-03-02T10:00:00.000001+08:00"}
    [first], [second] = said(one, [row]), said(one, [later])
    assert first["properties"] == {"order_id": "A1", "total": "12.50"}
    assert first["messageId"].startswith("order:A1~")
    assert first["messageId"] < second["messageId"]
    assert said(one, [row]) == [first]


def test_lines_of_an_order_are_one_message_whatever_lies_between() -> None:
    one = bare(rows="order_lines", key="order_no", columns={"order_no": "order_id"})
    at = {"updated_at": "2026-03-02T10:00:00+08:00"}
    lines = [
        {"order_no": no, "sku": sku, "qty": 1, "price": "5"} | at
        for no, sku in (("A", "x"), ("B", "x"), ("A", "y"))
    ]
    first, second = said(one, lines, "order_no")
    assert [line["sku"] for line in first["properties"]["products"]] == ["x", "y"]
    assert second["properties"]["order_id"] == "B"


def test_a_mapping_reads_each_row_exactly() -> None:
    rows = b'[{"id": 7, "n": 1.10, "updated_at": 5}, {"id": 8, "updated_at": 5}]'
    body = b'{"column": "updated_at", "key": "id", "rows": ' + rows + b"}"
    found = list(SQL_PULL.payloads(bare(), Delivery("POST", {}, "", body)))  # type: ignore[misc]
    assert str(found[0].value["n"]) == "1.10"
    assert [one.id.partition("~")[0] for one in found] == ["7", "8"]
    assert found == list(SQL_PULL.payloads(bare(), Delivery("POST", {}, "", body)))  # type: ignore[misc]


@chance(max_examples=200)
@given(
    some.lists(some.integers(-(2**63), 2**64 - 1), min_size=2, max_size=6)
    | some.lists(some.decimals(-(10**15), 10**15, places=4, allow_nan=False).map(str), min_size=2, max_size=6)
    | some.lists(some.datetimes(*SPAN), min_size=2, max_size=6)
)
def test_names_sort_as_what_they_are_made_of(values: list[Any]) -> None:
    from decimal import Decimal

    plain = [
        value.replace(tzinfo=UTC).isoformat() if isinstance(value, datetime) else value for value in values
    ]
    by = Decimal if isinstance(values[0], str) else (lambda value: value)
    pairs = sorted(zip(values, map(sql_values.rank, plain), strict=True), key=lambda pair: by(pair[0]))
    ranks = [rank for _value, rank in pairs]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("key", ["id", ""])
@pytest.mark.parametrize("seed", range(4))
def test_any_history_of_a_table_is_read_once(foreign: Foreign, key: str, seed: int) -> None:
    """Rows come and change at times that never go back, in pages of any size: all is read, each once."""
    import random

    rng = random.Random(seed)
    table(foreign)
    at, wanted, got, cursor = LONG_AGO, [], [], dict[str, Any]()
    for turn in range(12):
        fresh = []
        for n in range(rng.randrange(12)):
            at += (
                timedelta(microseconds=rng.choice((0, 0, 1, 5_000_000)))
                if n or not key
                else timedelta(seconds=1)
            )
            fresh.append((turn * 100 + n, at, f"{turn} {n}"))
        put(foreign, fresh)
        wanted += [what for _id, _at, what in fresh]
        one = connection(foreign, table="things", key=key, batch=rng.choice((1, 2, 5, 100)))
        found, cursor = pulled(one, cursor)
        got += [row["what"] for row in found]
    assert sorted(got) == sorted(wanted)
    if key:
        assert got == wanted
