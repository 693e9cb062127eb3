"""A worker killed while it takes files out of a folder: each is taken once, and cleared away when it is read."""

import random
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import batches, imports, watching
from channels.imports import chunks
from channels.models import Import
from channels.watching import look
from kernel.db import rows
from tests.channels.imports.dropping import LINES, text
from tests.channels.watching.watched import put, settled, watcher
from tests.dump import differences
from tests.faults.failpoint import Copy, Watched, die
from tests.faults.state import comparable, violations

KILLS = 300


def files(folder: Path) -> None:
    """Three files, the last of which changes an order of the first."""
    folder.mkdir(parents=True)
    for n in (1, 2):
        lines = [
            [f"T{n}{k:02}", "2026-03-01", "", f"S{j}", "x", "1", "5"] for k in range(1, 11) for j in range(2)
        ]
        put(folder, f"{n}.csv", text(LINES, *lines))
    put(folder, "3.csv", text(LINES, ["T101", "2026-03-01", "", "S0", "x", "2", "7"]))


def work() -> None:
    imports.run(batches.drain)
    watching.run(batches.drain)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_look_takes_nothing_twice(
    shops: Any, seed: int, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "ROWS", 10)
    monkeypatch.setattr(imports, "AHEAD", 20)
    monkeypatch.setattr(look, "FOLDER_SECONDS", 0.0)
    settings.WATCH_DIR = str(tmp_path)
    undisturbed = shops()
    files(tmp_path / undisturbed.workspace.slug / "till")
    one = watcher(undisturbed, rows="order_lines", after="moved")
    for _ in range(3):
        settled(one)
        work()
    wanted = comparable(connection, undisturbed.workspace.pk)
    shop, rng = shops(), random.Random(seed)
    folder = tmp_path / shop.workspace.slug / "till"
    files(folder)
    one = watcher(shop, rows="order_lines", after="moved")
    kills = 0
    for _ in range(3):
        settled(one)
        while Copy(work, Watched(die, rng.randrange(40, 200))).ended() < 0:
            kills += 1
            settled(one)
            assert kills < KILLS
    work()
    assert kills > 2
    found = Import.objects.filter(workspace=shop.workspace).select_related("job")
    assert sorted((one.name, one.job.state, one.bad) for one in found) == [
        (f"{n}.csv", "done", 0) for n in (1, 2, 3)
    ]
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.csv")) == [
        f"done/{n}.csv" for n in (1, 2, 3)
    ]
    assert rows(connection, "select count(*) from channels_import_part") == [(0,)]
    assert violations(connection) == {}
    assert differences(wanted, comparable(connection, shop.workspace.pk)) == {}
