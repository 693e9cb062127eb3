"""The mirror in a bucket: any machine with the settings answers as the one that wrote it; what is lost, late or away
harms nobody."""

import logging
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from console.api import merge
from kernel.db import rows
from metrics import alerts
from metrics.mirror import bucket as client
from metrics.mirror import cache, fetching, files, sync
from tests.metrics.mirror.state import contents, followed, manifest
from tests.metrics.mirror.store import KEY, SECRET, Store
from tests.shop import Shop, later, order, track

pytestmark = pytest.mark.django_db
FUNNEL = "/api/journeys/funnel/"
ASKED = {"steps": "Product Viewed,Product Added", "from": "2026-03-01", "to": "2026-03-31"}
LONG_AGO = files.GRACE + 60
SOON = 60  # seconds, on a busy machine: far less than a request may take in that test


@pytest.fixture
def shop(bucket: Store) -> Shop:
    """Three look, one of them adds; the mirror of this machine has followed."""
    shop = Shop()
    shop.sends(
        *(track("Product Viewed", anonymous=f"a-{n}", at=later(hours=1)) for n in range(3)),
        track("Product Added", anonymous="a-0", at=later(hours=2)),
        order("o-1", "9.90", "u-1", later(hours=3)),
    )
    sync.follow(connection)
    return shop


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failure it is tried again at once, and nobody waits for long."""
    monkeypatch.setattr(fetching, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(client, "RETRIES", 0)


def customers(shop: Shop) -> list[int]:
    """How many came to each step, over HTTP."""
    return [step["customers"] for step in shop.get(FUNNEL, **ASKED)["steps"]]


def more(shop: Shop) -> None:
    """A second one adds; not in the mirror yet."""
    shop.sends(track("Product Added", anonymous="a-1", at=later(hours=4)))


def waiting(shop: Shop) -> int:
    """How many changes are not in the mirror."""
    found = rows(
        connection,
        "select count(*) from metrics_mirror_change where workspace_id = %(workspace)s",
        workspace=shop.workspace.pk,
    )
    return int(found[0][0])


def age(folder: Path) -> None:
    """Everything in a folder was written, and used, long ago."""
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - LONG_AGO,) * 2)


def test_another_machine_with_an_empty_folder_gives_the_same_answer(shop: Shop, machine: Any):
    here = shop.get(FUNNEL, **ASKED)
    assert [step["customers"] for step in here["steps"]] == [3, 1]
    state = contents(shop.workspace.pk)
    there = machine("another")
    assert shop.get(FUNNEL, **ASKED) == here
    assert contents(shop.workspace.pk) == state
    assert {path.name for path in (there / str(shop.workspace.pk)).iterdir()} == manifest(
        shop.workspace.pk
    ).kept


def test_what_follows_reaches_it_joins_and_all_and_nothing_is_fetched_twice(
    bucket: Store, shop: Shop, machine: Any
):
    machine("another")
    assert customers(shop) == [3, 1]
    machine("here")
    more(shop)
    keys = rows(
        connection,
        "select i.key::text from profiles_identifier i where i.workspace_id = %(workspace)s order by i.id",
        workspace=shop.workspace.pk,
    )
    merge(shop.workspace.pk, keys[0][0], keys[1][0], "one person", "test")
    shop.sends(track("Order Refunded", "u-1", later(hours=5), order_id="o-1", refund_id="r-1", total="3"))
    state = followed(shop.workspace.pk)
    machine("another")
    bucket.asked.clear()
    assert customers(shop) == [2, 1]
    assert contents(shop.workspace.pk) == state
    got = [path for method, path in bucket.asked if method == "GET"]
    assert len(got) == len(set(got)) < len(list(manifest(shop.workspace.pk).names)) + 1
    bucket.asked.clear()
    assert customers(shop) == [2, 1]
    assert not bucket.asked  # the database says which state is the present one: the bucket is not asked


def test_another_machine_writes_on(shop: Shop, machine: Any):
    machine("another")
    more(shop)
    state = followed(shop.workspace.pk)
    machine("here")
    assert customers(shop) == [3, 2]
    more(shop)
    assert len(followed(shop.workspace.pk)["touches"]) == len(state["touches"]) + 1


def test_while_the_bucket_is_away_changes_are_kept_and_what_is_here_is_read(
    bucket: Store, shop: Shop, machine: Any, settings: Any, at_once: None, caplog: pytest.LogCaptureFixture
):
    machine("another")
    before = shop.get(FUNNEL, **ASKED)
    machine("here")
    more(shop)
    kept, present = waiting(shop), manifest(shop.workspace.pk)
    bucket.proxy.set("cut")
    with pytest.raises(CommandError, match="Nothing is lost"):
        call_command("mirror")
    call_command("drain")  # the inbox is empty all the same
    assert "The mirror follows later" in caplog.text
    assert waiting(shop) == kept > 0
    folder = Path(settings.MIRROR) / str(shop.workspace.pk)
    assert {path.name for path in folder.iterdir()} == present.kept  # nothing is written in vain
    assert shop.get(FUNNEL, **ASKED) == before
    now = datetime.now(UTC) + timedelta(minutes=6)
    assert [alarm.name for alarm in alerts.mirror(connection, shop.workspace.pk, now)] == ["mirror_late"]

    bucket.proxy.set("pass")
    call_command("mirror")
    assert waiting(shop) == 0
    assert not alerts.mirror(connection, shop.workspace.pk, now)
    bucket.proxy.set("cut")
    machine("another")
    assert shop.get(FUNNEL, **ASKED) == before  # an earlier state, and its as_of says so
    machine("a third")
    answer = shop.api().get(FUNNEL, ASKED)
    assert (answer.status_code, answer.json()["code"]) == (503, "try_again")
    bucket.proxy.set("pass")
    for name in ("another", "a third"):
        machine(name)
        after = shop.get(FUNNEL, **ASKED)
        assert [step["customers"] for step in after["steps"]] == [3, 2]
        assert after["as_of"] > before["as_of"]


def test_a_bucket_that_takes_and_never_answers_holds_up_nobody_for_long(
    bucket: Store, shop: Shop, machine: Any, at_once: None, monkeypatch: pytest.MonkeyPatch
):
    machine("another")
    before = shop.get(FUNNEL, **ASKED)
    machine("here")
    more(shop)
    followed(shop.workspace.pk)
    more(shop)
    monkeypatch.setattr(client, "REQUEST_SECONDS", 2)
    monkeypatch.setattr(cache, "WAIT_SECONDS", 0.5)
    monkeypatch.setattr(cache, "WAIT_LONGER", 0.5)
    client._store.cache_clear()
    bucket.proxy.set("hold")
    with pytest.raises(client.Unreachable, match="does not answer"):
        sync.follow(connection)
    monkeypatch.setattr(client, "REQUEST_SECONDS", LONG_AGO)
    client._store.cache_clear()
    began = time.monotonic()
    machine("another")
    assert shop.get(FUNNEL, **ASKED) == before
    machine("a third")
    assert shop.api().get(FUNNEL, ASKED).status_code == 503
    assert time.monotonic() - began < SOON
    client._store.cache_clear()


def test_a_rebuild_is_another_making_that_all_follow(bucket: Store, shop: Shop, machine: Any):
    machine("another")
    assert customers(shop) == [3, 1]
    machine("here")
    first = manifest(shop.workspace.pk)
    call_command("mirror", "--rebuild")
    second = manifest(shop.workspace.pk)
    assert second.generation != first.generation
    assert not set(second.names) & set(first.names)
    state = contents(shop.workspace.pk)
    machine("another")
    assert contents(shop.workspace.pk) == state
    assert bucket.names(shop.workspace.pk) >= {*first.names, *second.names}


def test_what_no_state_names_goes_from_the_bucket_and_the_folders_after_a_while(
    bucket: Store, shop: Shop, machine: Any, monkeypatch: pytest.MonkeyPatch
):
    there = machine("another")
    assert customers(shop) == [3, 1]
    first = manifest(shop.workspace.pk)
    machine("here")
    call_command("mirror", "--rebuild")
    more(shop)
    followed(shop.workspace.pk)
    assert bucket.names(shop.workspace.pk) > {first.name, *first.names}  # they may still be read
    monkeypatch.setattr(files, "GRACE", 0.0)
    monkeypatch.setattr(cache, "GRACE", 0.0)
    time.sleep(1.1)  # the bucket counts in whole seconds
    more(shop)
    followed(shop.workspace.pk)
    monkeypatch.setattr(files, "GRACE", LONG_AGO)
    monkeypatch.setattr(cache, "GRACE", LONG_AGO - 30)
    present = manifest(shop.workspace.pk)
    assert bucket.names(shop.workspace.pk) == present.kept
    machine("another")
    age(there)
    (there / str(shop.workspace.pk) / "orders-2026-03-0.parquet").write_text(
        "a writer's, not yet in a manifest"
    )
    assert customers(shop) == [3, 2]
    found = {path.name for path in (there / str(shop.workspace.pk)).iterdir()}
    assert found == {present.name, *present.names, "orders-2026-03-0.parquet"}


def test_a_file_that_lies_here_cut_short_is_fetched_again(shop: Shop, machine: Any):
    there, state = machine("another"), contents(shop.workspace.pk)
    for name in manifest(shop.workspace.pk).names:
        path = there / str(shop.workspace.pk) / name
        path.write_bytes(path.read_bytes()[:100])
    assert contents(shop.workspace.pk) == state


def test_what_is_gone_from_the_bucket_is_put_there_again_or_made_anew(
    bucket: Store, shop: Shop, machine: Any, at_once: None, monkeypatch: pytest.MonkeyPatch
):
    name = next(file.name for file in manifest(shop.workspace.pk).of("touches"))
    bucket.remove(shop.workspace.pk, name)
    machine("another")
    assert shop.api().get(FUNNEL, ASKED).status_code == 503
    machine("here")
    cache._listed.clear()
    more(shop)
    state = followed(shop.workspace.pk)
    machine("another")
    assert contents(shop.workspace.pk) == state
    bucket.remove(shop.workspace.pk, name)
    machine("a third")
    more(shop)
    assert len(followed(shop.workspace.pk)["touches"]) == len(state["touches"]) + 1


def test_a_folder_s_mirror_is_not_taken_for_the_bucket_s(bucket: Store, settings: Any, machine: Any):
    url, settings.MIRROR_URL = settings.MIRROR_URL, ""
    shop = Shop()
    shop.sends(track("Product Viewed", anonymous="a-1", at=later(hours=1)))
    state = followed(shop.workspace.pk)
    settings.MIRROR_URL = url
    assert shop.api().get(FUNNEL, ASKED).status_code == 503
    sync.follow(connection)
    machine("another")
    assert contents(shop.workspace.pk) == state


def test_a_large_file_goes_in_parts_and_what_is_not_as_large_as_it_must_be_is_none(
    bucket: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client, "PART", 5 << 20)  # the least that a part may have
    there, back, size = client.ours(), tmp_path / "back", (11 << 20) + 7
    (tmp_path / "large").write_bytes(os.urandom(size))
    there.put("large", tmp_path / "large")
    assert len([path for method, path in bucket.asked if method == "PUT"]) == 3
    assert there.fetch("large", size, back)
    assert back.read_bytes() == (tmp_path / "large").read_bytes()
    for wrong in (size - 1, size + 1, size + client.PART):
        assert there.fetch("large", wrong, tmp_path / "wrong") is (wrong < size)
    assert not there.fetch("none", 1, tmp_path / "none")
    assert {path.name for path in tmp_path.iterdir()} == {"large", "back", "wrong"}


def test_no_key_stands_in_a_log_or_an_answer(
    bucket: Store, shop: Shop, machine: Any, at_once: None, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    more(shop)
    bucket.refusal = b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
    with pytest.raises(CommandError, match="403 Forbidden, SignatureDoesNotMatch") as refused:
        call_command("mirror")
    machine("another")
    answer = shop.api().get(FUNNEL, ASKED)
    assert answer.status_code == 503
    said = caplog.text + str(refused.value) + answer.content.decode()
    assert "403 Forbidden" in caplog.text
    assert KEY not in said
    assert SECRET not in said
