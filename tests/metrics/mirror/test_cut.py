"""A writer that ends at any moment leaves a whole state; the next goes on from it, and nothing is in it twice."""

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from kernel.db import rows
from kernel.errors import TryAgain
from metrics import alerts
from metrics.mirror import files, sync
from metrics.mirror.files import Folder
from metrics.mirror.tables import ORDERS
from metrics.mirror.writer import EIGHT, Writer
from tests.metrics.mirror.state import anew, contents, folder, followed, manifest
from tests.shop import Shop, later, order, track

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.usefixtures("either")  # in a folder, and in a bucket
TOTAL = ORDERS.names.index("total")


class KilledError(Exception):
    """What stands for a kill."""


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.sends(track("Product Viewed", "u-1", later(hours=1)), order("o-1", "9.90", "u-1", later(hours=2)))
    followed(shop.workspace.pk)
    shop.sends(track("Product Added", "u-1", later(hours=3)), order("o-1", "19.90", "u-1", later(hours=2)))
    return shop


def killed(*_args: Any, **_kwargs: Any) -> None:
    """Ends here."""
    raise KilledError


@BOTH
@pytest.mark.parametrize(
    ("where", "name"),
    [
        pytest.param(Writer, "read", id="before anything is written"),
        pytest.param(Writer, "_replaced", id="between two tables"),
        pytest.param(Folder, "keep", id="before the state is laid down"),
        pytest.param(files, "_through", id="before the disk has it"),
        pytest.param(Folder, "lay", id="before its manifest is there"),
    ],
)
def test_a_cut_before_the_state_is_there_leaves_what_was_there(shop: Shop, monkeypatch, where, name):
    before = contents(shop.workspace.pk)
    with monkeypatch.context() as cut:
        cut.setattr(where, name, killed)
        with pytest.raises(KilledError):
            sync.follow(connection)
    assert contents(shop.workspace.pk) == before
    after = followed(shop.workspace.pk)
    assert [row[TOTAL] for row in after["orders"]] != [row[TOTAL] for row in before["orders"]]
    assert len(after["touches"]) == len(before["touches"]) + 2
    assert after == anew(shop.workspace.pk)


@BOTH
@pytest.mark.parametrize("told", [False, True], ids=["before the database is told", "behind it"])
def test_a_cut_behind_the_state_takes_nothing_up_twice(shop: Shop, monkeypatch, told):
    before, settle = contents(shop.workspace.pk), sync._Turn._settle

    def settled_and_killed(turn: Any, made: Any) -> None:
        if told:
            settle(turn, made)
        else:
            turn.writer.folder.keep(made.following(turn.present, turn.writer.folder.place, 0), turn.present)
        if turn.workspace == shop.workspace.pk:
            raise KilledError

    with monkeypatch.context() as cut:
        cut.setattr(sync._Turn, "_settle", settled_and_killed)
        with pytest.raises(KilledError):
            sync.follow(connection)
    after = contents(shop.workspace.pk)
    assert len(after["touches"]) == (4 if told else 2)
    assert (after == before) is not told
    assert followed(shop.workspace.pk) == anew(shop.workspace.pk)
    assert len(contents(shop.workspace.pk)["touches"]) == 4


@BOTH
def test_a_writer_that_was_overtaken_changes_nothing(shop: Shop, monkeypatch):
    settle = sync._Turn._settle

    def overtaken(turn: Any, made: Any) -> None:
        with monkeypatch.context() as alone:
            alone.setattr(sync._Turn, "_settle", settle)
            sync.follow(connection)  # one who took the lock when our session was gone
        settle(turn, made)

    with monkeypatch.context() as slow:
        slow.setattr(sync._Turn, "_settle", overtaken)
        with pytest.raises(TryAgain, match="by another"):
            sync.follow(connection)
    assert len(contents(shop.workspace.pk)["touches"]) == 4
    shop.sends(track("Product Viewed", "u-2", later(hours=5)))
    state = followed(shop.workspace.pk)
    assert len(state["touches"]) == 5
    assert state == anew(shop.workspace.pk)


@BOTH
def test_a_restored_backup_goes_on_from_the_state_of_its_time(shop: Shop):
    before, backup = contents(shop.workspace.pk), transaction.savepoint()
    shop.sends(track("Product Viewed", "u-3", later(hours=6)))
    assert len(followed(shop.workspace.pk)["touches"]) == 5
    transaction.savepoint_rollback(backup)  # the files are those of later days
    assert contents(shop.workspace.pk) == before
    state = followed(shop.workspace.pk)
    assert len(state["touches"]) == 4
    assert state == anew(shop.workspace.pk)


def test_what_is_in_the_files_is_forgotten(shop: Shop):
    kept = "select count(*) from metrics_mirror_change where workspace_id = %(workspace)s"
    assert rows(connection, kept, workspace=shop.workspace.pk) != [(0,)]
    followed(shop.workspace.pk)
    assert rows(connection, kept, workspace=shop.workspace.pk) == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_what_is_forgotten_takes_no_disk(monkeypatch):
    size = "select pg_relation_size('metrics_mirror_change')"
    shop = Shop()
    shop.sends(track("Product Viewed", "u-1", later(hours=1)))
    monkeypatch.setattr(sync, "KEPT_BYTES", 1 << 40)
    followed(shop.workspace.pk)
    assert rows(connection, size)[0][0] > 0
    shop.sends(track("Product Added", "u-1", later(hours=2)))
    monkeypatch.setattr(sync, "KEPT_BYTES", 0)
    followed(shop.workspace.pk)
    assert rows(connection, size) == [(0,)]


def test_small_files_become_one(shop: Shop):
    for n in range(2 * EIGHT):
        shop.sends(track("Product Viewed", "u-1", later(hours=4 + n)))
        state = followed(shop.workspace.pk)
    assert len(manifest(shop.workspace.pk).of("touches", "2026-03")) < EIGHT
    assert state == anew(shop.workspace.pk)


@BOTH
def test_files_that_no_state_names_go_after_a_while(shop: Shop, monkeypatch):
    place, first = folder(shop.workspace.pk), manifest(shop.workspace.pk)
    long_ago = time.time() - files.GRACE - 60
    for path in place.path.iterdir():
        os.utime(path, (long_ago, long_ago))
    followed(shop.workspace.pk)
    second = manifest(shop.workspace.pk)
    there = {path.name for path in place.path.iterdir()}
    assert there >= {
        first.name,
        second.name,
        *first.names,
        *second.names,
    }  # however old: it may still be read
    for path in place.path.iterdir():
        os.utime(path, (long_ago, long_ago))
    monkeypatch.setattr(files, "GRACE", 0.0)
    shop.sends(track("Product Viewed", "u-1", later(hours=5)))
    followed(shop.workspace.pk)
    monkeypatch.undo()
    third = manifest(shop.workspace.pk)
    assert set(third.left) >= {second.name}
    assert first.name not in third.left
    assert {path.name for path in place.path.iterdir()} == third.kept


def test_a_manifest_that_cannot_be_read_is_made_anew(shop: Shop):
    place, present = folder(shop.workspace.pk), manifest(shop.workspace.pk)
    (place.path / present.name).write_text("{")
    assert followed(shop.workspace.pk) == anew(shop.workspace.pk)


@BOTH
def test_a_damaged_or_missing_file_is_made_anew(shop: Shop):
    followed(shop.workspace.pk)
    shop.sends(order("o-1", "29.90", "u-1", later(hours=2)))
    place = folder(shop.workspace.pk)
    for file in manifest(shop.workspace.pk).of("orders"):
        (place.path / file.name).write_bytes(b"PAR1")
    assert [str(row[TOTAL]) for row in followed(shop.workspace.pk)["orders"]] == ["29.9000"]


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param("body = '{'", id="JSON"),
        pytest.param("touches = 'x'", id="what packs nothing"),
        pytest.param("touches = substr(touches, 1, 40)", id="half of touches"),
        pytest.param("touches = overlay(touches placing '\\xc401ff' from 2)", id="columns not equally long"),
    ],
)
def test_a_change_that_cannot_be_read_is_found_again_in_postgresql(shop: Shop, damaged):
    rows(
        connection,
        f"update metrics_mirror_change set {damaged} where workspace_id = %(workspace)s returning id",
        workspace=shop.workspace.pk,
    )
    assert len(followed(shop.workspace.pk)["touches"]) == 4


def test_an_amount_beyond_what_the_mirror_holds_holds_up_nothing(shop: Shop):
    line = {"product_id": "S-1", "quantity": 10**14, "price": "1", "cost": str(10**14)}
    shop.sends(order("o-2", "1", "u-1", later(hours=5), products=[line]))
    state = followed(shop.workspace.pk)
    assert [row[12] for row in state["order_lines"]] == [None]
    assert state == anew(shop.workspace.pk)


def test_a_mirror_that_does_not_follow_is_an_alarm(shop: Shop):
    now = datetime.now(UTC)
    assert not alerts.mirror(connection, shop.workspace.pk, now)
    alarms = alerts.mirror(connection, shop.workspace.pk, now + timedelta(minutes=6))
    assert [alarm.workspace for alarm in alarms] == [shop.workspace.pk]
    followed(shop.workspace.pk)
    assert not alerts.mirror(connection, shop.workspace.pk, now + timedelta(minutes=6))
