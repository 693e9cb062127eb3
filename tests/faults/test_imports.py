"""A worker killed while it reads a file: the next one goes on where it was, and nothing is there twice."""

import random
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import batches, imports
from channels.imports import chunks
from channels.models import Import
from kernel.db import rows
from tests.channels.imports.dropping import LINES, file_connector, post, text
from tests.channels.imports.test_lines import expected, many, numbers, orders_of
from tests.dump import differences
from tests.faults.failpoint import Copy, Watched, die
from tests.faults.state import comparable, violations

KILLS = 200


def work() -> None:
    imports.run(batches.drain)


def drop(shop: Any, file: str) -> tuple[Any, int]:
    one = file_connector(shop, "order_lines")
    answer = post(shop, one, file)
    assert answer.status_code == 202, answer.content
    return one, answer.json()["id"]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many steps of few rows, each followed by its work in the pipeline."""
    monkeypatch.setattr(chunks, "ROWS", 10)
    monkeypatch.setattr(imports, "AHEAD", 20)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_import_goes_on_where_it_was(shops: Any, seed: int) -> None:
    lines = many(60, seed)
    lines.insert(20, ["T999", "2026-03-01", "", "S1", "x", "1", "a lot"])
    file = text(LINES, *lines)
    undisturbed = shops()
    drop(undisturbed, file)
    work()
    wanted = comparable(connection, undisturbed.workspace.pk)
    shop, rng = shops(), random.Random(seed)
    one, number = drop(shop, file)
    kills = 0
    while Copy(work, Watched(die, rng.randrange(20, 140))).ended() < 0:
        kills += 1
        assert kills < KILLS
    work()
    assert kills > 3
    found = Import.objects.select_related("job").get(pk=number)
    assert (found.job.state, found.rows, found.good, found.bad) == ("done", len(lines), len(lines) - 1, 1)
    assert numbers({k: v for k, v in orders_of(one).items() if k != "T999"}) == expected(
        [line for line in lines if line[0] != "T999"]
    )
    assert violations(connection) == {}
    assert differences(wanted, comparable(connection, shop.workspace.pk)) == {}
    assert rows(
        connection, "select count(*) from channels_import_part where import_id = %(i)s", i=number
    ) == [(0,)]
