"""A watched folder: whole files are taken once, in their order, and cleared away; nothing leads out of it."""

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from channels.models import Import
from channels.watching import folder, words
from channels.watching import look as looking
from channels.watching.words import Changed
from kernel.db import rows
from tests.channels.watching.watched import look, orders, put, states, watcher
from tests.shop import Shop

A, B = ["1001", "2026-03-02 10:00", "10", "13812345678"], ["1002", "2026-03-02 11:00", "20", "13812345678"]


def test_a_file_that_is_dropped_is_taken_once(shop: Shop, drop: Path) -> None:
    one = watcher(shop, pattern="*.csv")
    put(drop, "orders.csv", orders(A, B))
    put(drop, "notes.txt", "nothing of ours")
    put(drop, ".orders.csv.part", orders(A))
    assert states(look(one)) == {"orders.csv": "seen"}  # the first look only sees it
    assert (states(look(one)), shop.value("gmv")) == ({"orders.csv": "done"}, "30")
    look(one, 3)
    assert (shop.value("gmv"), Import.objects.count(), sorted(os.listdir(drop))) == (
        "30",
        1,
        [".orders.csv.part", "notes.txt", "orders.csv"],
    )
    [made] = shop.get("/api/imports/", connector=str(one.uuid))["results"]
    assert (made["name"], made["state"], made["good"]) == ("orders.csv", "done", 2)


def test_a_file_that_is_being_written_waits(shop: Shop, drop: Path) -> None:
    one = watcher(shop, settle=3600)
    path = put(drop, "orders.csv", orders(A))
    assert states(look(one)) == {"orders.csv": "seen"}
    path.write_text(orders(A, B))  # it was not whole
    assert states(look(one)) == {"orders.csv": "seen"}
    assert Import.objects.count() == 0
    assert (states(look(one)), shop.value("orders")) == ({"orders.csv": "done"}, "2")


def test_a_file_that_changes_while_it_is_read_is_not_half_of_it(
    shop: Shop, drop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = watcher(shop)
    path = put(drop, "orders.csv", orders(A))
    look(one)
    read = folder.Folder.pieces

    def written_to(self: Any, file: Any) -> Any:
        for piece in read(self, file):
            path.write_text(orders(A, B))
            yield piece

    monkeypatch.setattr(folder.Folder, "pieces", written_to)
    assert states(look(one)) == {"orders.csv": "seen"}
    assert Import.objects.count() == 0
    monkeypatch.undo()
    from django.conf import settings as held

    held.WATCH_DIR = str(drop.parents[1])
    look(one)
    assert (states(look(one)), shop.value("orders")) == ({"orders.csv": "done"}, "2")


@pytest.mark.parametrize("after", ["moved", "deleted"])
def test_what_was_read_is_cleared_away(shop: Shop, drop: Path, after: str) -> None:
    one = watcher(shop, after=after)
    for n, row in enumerate((A, B)):
        put(drop, "orders.csv", orders(row))
        look(one, 2)
        assert shop.value("orders") == str(n + 1)
        assert states(look(one)) == {"orders.csv": "gone"}
    left = sorted(str(path.relative_to(drop)) for path in drop.rglob("*") if path.is_file())
    assert len(left) == (2 if after == "moved" else 0)
    assert all(name.startswith("done/orders") for name in left)
    if after == "moved":
        kept = [(drop / name).read_bytes().decode() for name in left]
        assert sorted(kept) == sorted((orders(A), orders(B)))


def test_what_cannot_be_read_stays_with_its_sentence_until_somebody_mends_it(shop: Shop, drop: Path) -> None:
    from channels.connect import setup as connecting

    one = watcher(shop, after="deleted")
    put(drop, "odd.csv", "number;when;sum\n1;2026-03-02;5\n")
    look(one, 2)
    found = look(one)
    assert states(found) == {"odd.csv": "failed"}
    assert found.found[0].notes[0][0] in ("no_header", "lacking")
    assert (drop / "odd.csv").exists()
    assert Import.objects.count() == 1  # not again and again
    columns = {"number": "order_id", "when": "ordered_at", "sum": "total"}
    connecting.change(one, settings={"columns": columns})
    one.refresh_from_db()
    look(one, 3)
    assert (shop.value("orders"), (drop / "odd.csv").exists()) == ("1", False)


def test_the_same_bytes_again_are_not_read_again(shop: Shop, drop: Path) -> None:
    one = watcher(shop, after="moved")
    put(drop, "a.csv", orders(A))
    look(one, 3)
    put(drop, "b.csv", orders(A))
    look(one, 2)
    assert (states(look(one)), Import.objects.count()) == ({"a.csv": "gone", "b.csv": "gone"}, 1)
    assert sorted(os.listdir(drop / "done")) == ["a.csv", "b.csv"]


def test_of_two_files_the_later_one_has_the_last_word(shop: Shop, drop: Path) -> None:
    one = watcher(shop)
    for name, total, ago in (("a.csv", "3", 10), ("b.csv", "1", 30), ("c.csv", "2", 20)):
        path = put(drop, name, orders(["1", "2026-03-02", total, ""]))
        os.utime(path, (time.time() - ago, time.time() - ago))
    look(one, 2)
    assert (shop.value("gmv"), Import.objects.count()) == ("3", 3)
    assert list(Import.objects.order_by("pk").values_list("name", flat=True)) == ["b.csv", "c.csv", "a.csv"]


def test_too_large_a_file_says_so(shop: Shop, drop: Path, settings: Any) -> None:
    settings.IMPORT_MB = 1
    one = watcher(shop)
    put(drop, "large.csv", b"x" * (1024 * 1024 + 1))
    found = look(one, 2)
    assert states(found) == {"large.csv": "refused"}
    assert "at most 1 MB" in words.said(found.found[0].note)
    settings.IMPORT_MB = 2
    assert states(look(one)) == {"large.csv": "refused"}


# ---- nothing leads out --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "watch", ["../other", "till/../../other", "/etc", "..", "till/..", "./till", "link", "till/in"]
)
def test_no_path_leads_out(shop: Shop, drop: Path, tmp_path: Path, watch: str) -> None:
    other = tmp_path / "drop" / "other"
    other.mkdir()
    put(other, "secret.csv", orders(A))
    (drop.parent / "link").symlink_to(other)
    (drop / "in").symlink_to(other)
    found = look(watcher(shop, watch), 2)
    assert found.failure is not None
    assert found.failure["code"] in ("bad_path", "no_folder")
    assert words.said(found.failure)
    assert Import.objects.count() == 0


def test_links_pipes_and_folders_are_not_read(shop: Shop, drop: Path, tmp_path: Path) -> None:
    put(tmp_path, "secret.csv", orders(A))
    (drop / "link.csv").symlink_to(tmp_path / "secret.csv")
    os.mkfifo(drop / "pipe.csv")
    (drop / "folder.csv").mkdir()
    put(drop, "real.csv", orders(B))
    found = look(watcher(shop), 2)
    assert states(found) == {"link.csv": "refused", "pipe.csv": "refused", "real.csv": "done"}
    assert shop.value("gmv") == "20"


def test_a_link_that_takes_a_file_s_place_is_not_read(
    shop: Shop, drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = watcher(shop)
    path, secret = put(drop, "a.csv", orders(A)), put(tmp_path, "secret.csv", orders(B))
    look(one)
    listed = folder.Folder.list

    def swapped(self: Any, pattern: str) -> Any:
        found = listed(self, pattern)
        path.unlink()
        path.symlink_to(secret)
        return found

    monkeypatch.setattr(folder.Folder, "list", swapped)
    assert states(look(one)) == {"a.csv": "refused"}
    assert Import.objects.count() == 0


def test_a_file_that_is_replaced_before_it_is_cleared_away_stays(tmp_path: Path, settings: Any) -> None:
    settings.WATCH_DIR = str(tmp_path)
    (tmp_path / "ws" / "till").mkdir(parents=True)
    path = put(tmp_path / "ws" / "till", "a.csv", "old")
    with folder.opened("ws", "till") as place:
        [file], _more = place.list("*")
        path.write_text("newer")
        for how in ("moved", "deleted"):
            with pytest.raises(Changed):
                place.clear(file, how)
    assert path.read_text() == "newer"


def test_without_a_folder_of_the_operator_s_there_is_none(shop: Shop, settings: Any) -> None:
    settings.WATCH_DIR = ""
    found = look(watcher(shop))
    assert "HUILIU_WATCH_DIR" in words.said(found.failure)


def test_a_paused_connector_does_not_look(shop: Shop, drop: Path) -> None:
    one = watcher(shop)
    put(drop, "a.csv", orders(A))
    one.enabled = False
    one.save()
    assert look(one, 2).looked_at is None


def test_another_workspace_s_folder_is_not_there(shop: Shop, drop: Path) -> None:
    put(drop, "a.csv", orders(A))
    other = Shop()
    found = look(watcher(other), 2)
    assert found.failure is not None
    assert found.failure["code"] == "no_folder"
    assert Import.objects.filter(workspace=other.workspace).count() == 0


def test_two_workers_take_a_file_once(transactional_db: None, settings: Any, tmp_path: Path) -> None:
    from cdp.pipeline import batches, watching

    shop = Shop()
    settings.WATCH_DIR = str(tmp_path)
    drop = tmp_path / shop.workspace.slug / "till"
    drop.mkdir(parents=True)
    one = watcher(shop)
    for n in range(1, 6):
        put(drop, f"{n}.csv", orders([f"{n}", "2026-03-02", "1", ""]))
    look(one)
    from tests.channels.watching.watched import settled

    settled(one)

    def work() -> None:
        try:
            watching.run(batches.drain)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    look(one, 2)
    assert (Import.objects.filter(workspace=shop.workspace).count(), shop.value("orders")) == (5, "5")
    assert rows(connection, "select count(*) from channels_watched where state <> 'taken'") == [(0,)]
    assert looking.FOLDER_SECONDS < 60
