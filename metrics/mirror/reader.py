"""The process that reads the mirror: `python -m metrics.mirror.reader`, a child of whoever asks (reading.py).

A process of its own, and nice: DuckDB takes both cores and its memory here, never the front door's, and what runs too
long is ended with it. Questions come in and answers go out as pickles, each behind its length; several run at once.
It imports nothing of Django's.
"""

import argparse
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

import duckdb

from kernel.process.ties import die_with_parent
from metrics.mirror.tables import TABLES, VIEWS
from metrics.mirror.wire import SPILL, Answer, Cancel, Question, receive, send

STATES_KEPT: Final = 8  # states of workspaces whose views stand ready
NICE: Final = 5
AT_ONCE: Final = 4  # questions side by side; more wait


class Reader:
    """DuckDB with the views of the states that were asked for last."""

    def __init__(self, memory_mb: int, threads: int, root: Path) -> None:
        self._db = duckdb.connect()
        self._db.execute(f"set memory_limit = '{memory_mb}MB'")
        self._db.execute(f"set threads = {threads}")
        self._db.execute("set preserve_insertion_order = false")
        self._db.execute("set TimeZone = 'UTC'")
        self._db.execute(f"set temp_directory = '{_quoted(root / SPILL)}'")
        # Nothing but the mirror's own files can be read, whatever a question says.
        self._db.execute(f"set allowed_directories = ['{_quoted(root)}']")
        self._db.execute("set enable_external_access = false")
        self._db.execute("set lock_configuration = true")
        self._states: OrderedDict[str, str] = OrderedDict()
        self._made = 0
        self._lock = threading.Lock()
        self._running: dict[int, duckdb.DuckDBPyConnection] = {}

    def answer(self, question: Question) -> Answer:
        """Its rows."""
        cursor = self._db.cursor()
        self._running[question.id] = cursor
        try:
            cursor.execute(f"set search_path = '{self._schema(question)}'")
            return Answer(question.id, cursor.execute(question.sql, question.values).fetchall())
        except duckdb.Error as error:
            return Answer(question.id, [], f"{type(error).__name__}: {error}")
        finally:
            del self._running[question.id]
            cursor.close()

    def cancel(self, id_: int) -> None:
        """Stops a question."""
        cursor = self._running.get(id_)
        if cursor is not None:
            cursor.interrupt()

    def _schema(self, question: Question) -> str:
        """The schema whose views read the state asked for."""
        with self._lock:
            schema = self._states.get(question.state)
            if schema is None:
                self._made += 1
                schema = self._states[question.state] = f"state_{self._made}"
                self._make(schema, question.tables)
                while len(self._states) > STATES_KEPT:
                    _, old = self._states.popitem(last=False)
                    self._db.execute(f"drop schema {old} cascade")
            self._states.move_to_end(question.state)
            return schema

    def _make(self, schema: str, tables: dict[str, str]) -> None:
        cursor = self._db.cursor()
        cursor.execute(f"create schema {schema}")
        cursor.execute(f"set search_path = '{schema}'")
        for name, select in [*tables.items(), *VIEWS.items()]:
            cursor.execute(f"create view {schema}.{name} as {select}")
        cursor.close()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def serve(reader: Reader, source: BinaryIO, out: BinaryIO) -> None:
    """Answers until the source ends."""
    told, slots = threading.Lock(), threading.BoundedSemaphore(AT_ONCE)

    def work(question: Question) -> None:
        with slots:
            answer = reader.answer(question)
        with told, suppress(BrokenPipeError):
            send(out, answer)

    while (message := receive(source)) is not None:
        if isinstance(message, Cancel):
            reader.cancel(message.id)
        else:
            threading.Thread(target=work, args=(message,), daemon=True).start()


def main(arguments: list[str], leave: Callable[[int], Any] = os._exit) -> None:
    """What the parent starts."""
    die_with_parent()
    os.nice(NICE)
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory-mb", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--root", type=Path, required=True)
    options = parser.parse_args(arguments)
    assert set(TABLES)  # noqa: S101 (the tables that questions name)
    serve(Reader(options.memory_mb, options.threads, options.root), sys.stdin.buffer, sys.stdout.buffer)
    leave(0)


if __name__ == "__main__":
    main(sys.argv[1:])
