"""Rows in COPY's binary format come out of the table as they went in."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import repeat
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection

from kernel import binary
from kernel.binary import Shape
from kernel.db import rows, run
from kernel.errors import Trouble

SHAPE = Shape(
    "binary_rows",
    "workspace_id int, id bigint, key uuid, at timestamptz, day date, good bool",
    ("owner", "name", "data", "channels", "numbers"),
)
FIRST, LAST = -(2**63), 2**63 - 1
IN_SHANGHAI = timezone(timedelta(hours=8))


@pytest.fixture
def table(db: None) -> None:
    run(
        connection,
        "create temp table binary_rows (workspace_id int, id bigint primary key, key uuid, at timestamptz, day date,"
        " good bool, owner bigint, name text, data json, channels int[], numbers bigint[]) on commit drop",
    )


def row(owner: int | None, name: str, data: bytes, channels: list[int], numbers: list[int]) -> bytes:
    """The columns of any width."""
    return b"".join(
        (
            binary.optional(owner),
            binary.text(name),
            binary.sized(data),
            binary.array("int", channels),
            binary.array("bigint", numbers),
        )
    )


def test_every_type_comes_back(table: None) -> None:
    keys = [uuid4(), uuid4()]
    times = [datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 11, 29, 9, 30, 1, 234567, tzinfo=IN_SHANGHAI)]
    days = [date(1999, 12, 31), date(2026, 2, 28)]
    odd = 'a\tb\\n\n\r"\\N" 客户 😀 \\.'
    more = [
        row(None, "", b"{}", [], []),
        row(LAST, odd, b'{"a":"\\n\\\\"}', [3, -1], [FIRST, 0, LAST]),
    ]
    fixed = (
        repeat(7),
        [FIRST, 2],
        [binary.raw(key) for key in keys],
        [binary.micros(at) for at in times],
        [binary.day_number(day) for day in days],
        [True, False],
    )
    SHAPE.copy(connection, SHAPE.rows(fixed, more))
    found = rows(connection, "select * from binary_rows order by id")
    assert found == [
        (7, FIRST, keys[0], times[0], days[0], True, None, "", {}, [], []),
        (7, 2, keys[1], times[1], days[1], False, LAST, odd, {"a": "\n\\"}, [3, -1], [FIRST, 0, LAST]),
    ]


def test_half_a_character_is_replaced(table: None) -> None:
    assert binary.text("a\ud83d") == binary.text("a?")


def test_no_rows_are_no_statement(table: None) -> None:
    SHAPE.copy(connection, SHAPE.rows(((), (), (), (), (), ()), ()))
    assert rows(connection, "select count(*) from binary_rows") == [(0,)]


def test_columns_of_two_lengths_are_refused() -> None:
    with pytest.raises(Trouble, match="not equally long"):
        SHAPE.rows((repeat(7), [1, 2], [b"", b""], [0], [0, 0], [True, True]))


def test_what_the_table_refuses_rises_as_of_any_statement(table: None) -> None:
    small = Shape("binary_rows", "id bigint")
    with pytest.raises(IntegrityError, match="duplicate key"):
        small.copy(connection, small.rows(([1, 1],)))
