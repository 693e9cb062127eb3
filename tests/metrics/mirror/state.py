"""What the mirror's files hold, to compare: every table's rows, sorted. Follows as the pipeline leaves it."""

import json
from typing import Any

import duckdb
from django.db import connection

from metrics.mirror import place, state, sync
from metrics.mirror.files import Folder, Manifest
from metrics.mirror.selects import select_of
from metrics.mirror.tables import TABLES

State = dict[str, list[tuple[Any, ...]]]


def folder(workspace: int) -> Folder:
    """Where a workspace's files lie."""
    return place.folder_of(workspace)


def manifest(workspace: int) -> Manifest:
    """The present state's list of files."""
    found = state.readable(connection, workspace, folder(workspace))
    assert found is not None
    return found


def contents(workspace: int) -> State:
    """The rows of every table."""
    place, now, db = folder(workspace), manifest(workspace), duckdb.connect()
    found = {}
    for name, table in TABLES.items():
        rows = db.execute(select_of(table, place.path, now.of(name))).fetchall()
        if name == "touches":  # JSON: the same, however it is spaced
            rows = [(*rest, said and json.loads(said)) for *rest, said in rows]
        if name == "traits":  # the latest word alone is asked for
            rows = list({row[:2]: row for row in sorted(rows, key=lambda row: row[3:])}.values())
        found[name] = sorted(rows, key=repr)
    return found


def followed(workspace: int) -> State:
    """After all changes were taken up."""
    sync.follow(connection)
    return contents(workspace)


def anew(workspace: int) -> State:
    """Made again from PostgreSQL."""
    sync.follow(connection, anew=True)
    return contents(workspace)
