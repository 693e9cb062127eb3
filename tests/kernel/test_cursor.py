"""Cursor pages: every row once, forwards and backwards, whatever the page size."""

# ruff: noqa: E501

import pytest
from django.db import connection

from kernel import cursor
from kernel.errors import BadRequest

ROWS = "select v.n, v.id from (select n / 3 as n, ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid as id from generate_series(1, 20) n) v"


def walk(order, at=None, size=4):
    return cursor.page(connection, ROWS, ["true"], {}, order, at, size, lambda row: (row[0], str(row[1])))


@pytest.mark.parametrize("falling", [True, False])
@pytest.mark.parametrize("size", [1, 3, 7, 20, 50])
def test_every_row_stands_on_exactly_one_page_both_ways(db, falling, size):
    order = cursor.Order("v.n", "int", "v.id", "uuid", falling)
    there, at, last = [], None, None
    while True:
        page = walk(order, at, size)
        there += page.items
        last = page
        if page.next is None:
            break
        at = page.next
    assert there == sorted(there, reverse=falling)
    assert len(set(there)) == 20
    back = list(last.items)
    while last.previous:
        last = walk(order, last.previous, size)
        back = last.items + back
    assert back == there


@pytest.mark.parametrize("text", ["x", "AAAA", "W10", "é", "eyJhIjoxfQ"])
def test_a_cursor_that_is_none_of_ours_is_refused(text):
    with pytest.raises(BadRequest):
        cursor.decode(text)


@pytest.mark.parametrize("text", ["0", "501", "-1", "ten", "1e3", "9999999999"])
def test_a_page_size_out_of_range_is_refused(text):
    with pytest.raises(BadRequest):
        cursor.limit_of(text)
