"""A process of its own that compares customers: rows in, pairs of one person out. Splink on DuckDB, without labels.

Started by `cdp/pipeline/suggesting.py` so that its memory goes with it; it knows no database and keeps nothing. What it
reads and writes: messages of msgpack, each behind its length. Not here: what is compared (model.py, features.py).
"""

import argparse
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, Final, NamedTuple

import duckdb

from kernel.process.ties import die_with_parent
from profiles.suggestions import features, model, wire
from profiles.suggestions.wire import Customer, Pair

NICE: Final = 10  # nobody waits for it
ALIVE_SECONDS: Final = 5.0  # between signs of life
SEED: Final = 2026
SAMPLED: Final = 1_000_000  # pairs that say how often strangers are alike
SMALL, SLICES = (
    2_000,
    10,
)  # customers; from there on the sample is looked at in slices, until it has said enough
TAUGHT_BY: Final = 300_000  # pairs of each training
TEACHES: Final = 20  # pairs that agree in a column: from so many on it teaches the others
LEAST: Final = 2  # customers
MOST_PAIRS: Final = 200_000  # that are handed out, the likeliest
PAGE: Final = 1_000  # of them at a time


class Size(NamedTuple):
    """What the process may use."""

    memory_mb: int
    threads: int


def pairs(
    rows: Iterable[list[features.Features]], size: Size, tell: Callable[[str], None]
) -> Iterator[list[Pair]]:
    """The pairs that are likely one person, the likeliest first, some at a time. Two runs agree on them."""
    with tempfile.TemporaryDirectory(prefix="huiliu-pairs-") as spill:
        db = _opened(size, spill)
        try:
            count = _take(db, rows)
            if count < LEAST:
                return
            tell("blocking")
            _forget_nobodys(db)
            _key(db)
            yield from _scored(db, count, tell)
        finally:
            db.close()


def _opened(size: Size, spill: str) -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    db.execute(f"set memory_limit = '{size.memory_mb}MB'")
    db.execute(f"set threads = {size.threads}")
    db.execute(f"set temp_directory = '{spill}'")
    db.execute("set preserve_insertion_order = false")
    return db


def _take(db: duckdb.DuckDBPyConnection, rows: Iterable[list[features.Features]]) -> int:
    """The customers as a table; how many."""
    import pyarrow

    fields = features.Features._fields
    kind = pyarrow.schema([(name, pyarrow.int64() if name == "id" else pyarrow.string()) for name in fields])
    db.execute(
        f"create table said ({', '.join(f'{n} bigint' if n == 'id' else f'{n} varchar' for n in fields)})"
    )
    count = 0
    for some in rows:
        if some:
            columns = [list(column) for column in zip(*some, strict=True)]
            page = pyarrow.Table.from_arrays(
                [pyarrow.array(column, one.type) for column, one in zip(columns, kind, strict=True)],
                schema=kind,
            )
            db.register("page", page)
            db.execute("insert into said select * from page")
            db.unregister("page")
            count += len(some)
    return count


def _forget_nobodys(db: duckdb.DuckDBPyConnection) -> None:
    """Values that stand with too many customers are no evidence."""
    for column, most in model.MOST_OF_VALUE.items():
        _forget(db, column, most)
    known = int(db.execute("select count(birthday) from said").fetchall()[0][0])
    _forget(db, "birthday", max(model.COMMON_LEAST, int(known * model.COMMON_SHARE)))


def _forget(db: duckdb.DuckDBPyConnection, column: str, most: int) -> None:
    more = ", mailbox = null" if column == "email" else ""
    db.execute(
        f"update said set {column} = null{more} where {column} in"
        f" (select {column} from said where {column} is not null group by {column} having count(*) > {most})"
    )


def _key(db: duckdb.DuckDBPyConnection) -> None:
    """The table that is compared: each customer with its blocking keys, but those that too many share."""
    few = " union all ".join(
        f"select {n} as n, hash({key}) as k from said where ({key}) is not null"
        f" group by 2 having count(*) between 2 and {model.MOST_IN_BLOCK}"
        for n, key in enumerate(model.KEYS)
    )
    db.execute(f"create temp table few as {few}")
    keyed = ", ".join(
        f"case when ({key}) is not null and hash({key}) in (select k from few where n = {n})"
        f" then hash({key}) end as k{n}"
        for n, key in enumerate(model.KEYS)
    )
    db.execute(f"create table customers as select *, {keyed} from said order by id")
    db.execute("drop table few; drop table said")


def _scored(db: duckdb.DuckDBPyConnection, count: int, tell: Callable[[str], None]) -> Iterator[list[Pair]]:
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = model.settings()
    settings["probability_two_random_records_match"] = _expected(db, count)
    api = DuckDBAPI(db)
    linker = Linker(api.register("customers"), settings, log_level=logging.ERROR, validate_settings=False)
    tell("training")
    _train(db, linker, count)
    tell("scoring")
    found = linker.inference.predict(
        threshold_match_probability=model.LEAST_PROBABILITY, warning_mode="never"
    )
    yield from _read(db, found.physical_name)


def _expected(db: duckdb.DuckDBPyConnection, count: int) -> float:
    """How likely two customers taken by chance are one: by the pairs that are so for sure."""
    sure = 0
    for key in model.SURE:
        found = db.execute(
            f"select coalesce(sum(n * (n - 1) / 2), 0) from (select count(*) as n from customers"
            f" where ({key}) is not null group by {key} having count(*) between 2 and {model.MOST_IN_BLOCK})"
        ).fetchall()
        sure = max(sure, int(found[0][0]))
    expected = max(sure / model.SURE_SHARE, count * model.EXPECTED_LEAST, 1.0)
    return float(min(0.5, expected / (count * (count - 1) / 2)))


def _train(db: duckdb.DuckDBPyConnection, linker: Any, count: int) -> None:
    """How often strangers are alike by a sample of pairs; how often one person's records are, by expectation
    maximisation over pairs that agree in something else. A degree no pair shows keeps what model.py says."""
    chunks = SLICES if count > SMALL else 1
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED, seed=SEED, num_chunks=chunks)
    for column in model.TRAINED_BY:
        if _teaches(db, column):
            linker.training.estimate_parameters_using_expectation_maximisation(
                f"l.{column} = r.{column}",
                estimate_without_term_frequencies=True,
                max_pairs=TAUGHT_BY,
                record_sample_proportion=1.0,
            )


def _teaches(db: duckdb.DuckDBPyConnection, column: str) -> bool:
    """Whether enough pairs agree in a column."""
    found = db.execute(
        f"select coalesce(sum(n * (n - 1) / 2), 0) from (select count(*) as n from customers"
        f" where {column} is not null group by {column})"
    ).fetchall()
    return int(found[0][0]) >= TEACHES


def _read(db: duckdb.DuckDBPyConnection, table: str) -> Iterator[list[Pair]]:
    """The pairs with what each field says, the likeliest first."""
    levels = ", ".join(_level(one) for one in model.COMPARISONS)
    weights = ", ".join(_weight(one) for one in model.COMPARISONS)
    found = db.execute(
        f"with pairs as (select p.*, {columns()} from {table} p"
        " join customers l on l.id = p.id_l join customers r on r.id = p.id_r)"
        f" select least(id_l, id_r), greatest(id_l, id_r), match_probability, match_weight, [{levels}], [{weights}]"
        f" from pairs order by round(match_weight, 6) desc, 1, 2 limit {MOST_PAIRS}"
    )
    while some := found.fetchmany(PAGE):
        yield [
            Pair(a, b, round(score, 6), round(weight, 6), level, weights)
            for a, b, score, weight, level, weights in some
        ]


def columns() -> str:
    """Both sides' values, under the names that model.py has for them."""
    return ", ".join(f"l.{n} as {n}_l, r.{n} as {n}_r" for n in features.Features._fields if n != "id")


def _level(one: model.Comparison) -> str:
    """Which degree of likeness a pair shows: 0 the most, -1 where there is nothing to compare."""
    cases = " ".join(f"when {level.when} then {n}" for n, level in enumerate(one.levels))
    return (
        f"case when {one.given}_l is null or {one.given}_r is null then -1 {cases} else {len(one.levels)} end"
    )


def _weight(one: model.Comparison) -> str:
    rare = f" + coalesce(mw_tf_adj_{one.field}, 0)" if any(level.tf for level in one.levels) else ""
    return f"round(mw_{one.field}{rare}, 4)"


def serve(source: BinaryIO, out: BinaryIO, size: Size) -> None:
    """Customers until their end, then what is done and the pairs."""
    rows = ([features.of(one.id, one.traits) for one in page] for page in wire.pages(source, list[Customer]))
    telling = Telling(out)
    for some in pairs(rows, size, telling.stage):
        telling.pairs(some)
    telling.end()


class Telling:
    """Messages to the parent, one at a time; the stage again and again while it takes long: a sign of life, by which
    the parent also hears in time that nobody wants it any more."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._lock, self._stage, self._over = out, threading.Lock(), "", threading.Event()

    def stage(self, name: str) -> None:
        """What is done from now on."""
        with self._lock:
            if not self._stage:
                threading.Thread(target=self._repeat, name="alive", daemon=True).start()
            self._stage = name
            wire.send(self._out, name)

    def pairs(self, some: list[Pair]) -> None:
        """Some of what was found: no stage follows."""
        self._over.set()
        with self._lock:
            wire.send(self._out, some)

    def end(self) -> None:
        """All is said."""
        self._over.set()
        with self._lock:
            wire.end(self._out)

    def _repeat(self) -> None:
        while not self._over.wait(ALIVE_SECONDS):
            with self._lock:
                if not self._over.is_set():
                    wire.send(self._out, self._stage)


def main(arguments: list[str]) -> None:
    """What the parent starts. Nothing but messages goes to its standard output, whatever a library prints."""
    die_with_parent()
    os.nice(NICE)
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory-mb", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args(arguments)
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        serve(sys.stdin.buffer, out, Size(options.memory_mb, options.threads))


if __name__ == "__main__":
    main(sys.argv[1:])
