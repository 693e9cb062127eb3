"""Touches as they are packed and read into DuckDB: what comes out is what went in, whatever people write."""

import json
from datetime import UTC, datetime, timedelta

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from metrics.mirror import packed, touched

SINCE = datetime(2000, 1, 1)  # noqa: DTZ001 (the mirror's times are naive)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
KINDS = st.tuples(
    st.integers(1, 3),
    WORDS,
    WORDS,
    st.booleans(),
    st.none() | WORDS.filter(bool),
    st.none() | WORDS.filter(bool),
)
TOUCHES = st.tuples(
    st.integers(-(10**15), 10**15),
    st.integers(0, 2**64 - 1),
    st.integers(1, 2**62),
    KINDS,
    st.none()
    | st.dictionaries(WORDS, WORDS | st.integers(-(10**9), 10**9) | st.booleans(), min_size=1, max_size=3),
)


@given(st.lists(st.lists(TOUCHES, min_size=1, max_size=6), max_size=3))
def test_what_is_packed_is_read(batches):
    with duckdb.connect() as db:
        there = touched.load(db, [packed.pack(*zip(*batch, strict=True)) for batch in batches])
        found = db.execute("select * from touched").fetchall() if there else []
    wanted = [
        (SINCE + timedelta(microseconds=moment), tie - 2**63, sighting, *kind, said)
        for moment, tie, sighting, kind, said in (touch for batch in batches for touch in batch)
    ]
    read = [(*row[:-1], None if row[-1] is None else json.loads(row[-1])) for row in found]
    assert sorted(map(repr, read)) == sorted(map(repr, wanted))


def test_nothing_is_no_table():
    with duckdb.connect() as db:
        assert not touched.load(db, [])


def test_a_time_is_the_same_instant_as_in_postgresql():
    at = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    micros = (at - datetime(2000, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    kind = (1, "web", "Product Viewed", True, None, None)
    with duckdb.connect() as db:
        touched.load(db, [packed.pack([micros], [0], [1], [kind], [None])])
        assert db.execute("select occurred_at from touched").fetchall() == [(at.replace(tzinfo=None),)]
