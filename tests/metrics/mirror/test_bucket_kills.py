"""A writer killed while it writes to the bucket, for real: what is there is whole, and the next one goes on from it."""

import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from metrics.mirror import sync
from tests.metrics.mirror.state import anew, contents, followed, manifest
from tests.metrics.mirror.store import Store
from tests.shop import Shop, later, order, track

SECONDS = 60  # on a busy machine
BUCKET = ("MIRROR_URL", "MIRROR_ENDPOINT", "MIRROR_REGION", "MIRROR_ACCESS_KEY", "MIRROR_SECRET_KEY")


def run(*words: str, environment: dict[str, str], **more: Any) -> "subprocess.Popen[bytes]":
    """A command of ours as a process."""
    return subprocess.Popen([sys.executable, *words], env=environment, **more)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("end", "moment"),
    [
        pytest.param(".parquet", "after", id="between two files"),
        pytest.param(".json", "before", id="between files and manifest"),
        pytest.param(".json", "after", id="before the database is told"),
    ],
)
def test_a_writer_killed_on_its_way_leaves_it_whole(
    end: str, moment: str, bucket: Store, servers: Any, machine: Any
):
    shop = Shop()
    shop.sends(track("Product Viewed", "u-1", later(hours=1)), order("o-1", "9.90", "u-1", later(hours=2)))
    sync.follow(connection)
    shop.sends(track("Product Added", "u-1", later(hours=3)), order("o-1", "19.90", "u-1", later(hours=2)))
    before, names = contents(shop.workspace.pk), bucket.names(shop.workspace.pk)
    own = {f"HUILIU_{name}": getattr(settings, name) for name in BUCKET}
    process = run(
        "manage.py", "mirror", environment=servers.environment(HUILIU_MIRROR=settings.MIRROR, **own)
    )

    def kill(method: str, path: str) -> None:
        if method == "PUT" and path.endswith(end):
            os.kill(process.pid, signal.SIGKILL)
            if moment == "before":
                raise ConnectionAbortedError  # what it was sending does not arrive

    setattr(bucket, moment, kill)
    assert process.wait(SECONDS) == -signal.SIGKILL
    bucket.free()
    left = bucket.names(shop.workspace.pk) - names
    assert left  # of the one that was killed
    assert any(name.endswith(".json") for name in left) is ((end, moment) == (".json", "after"))
    assert contents(shop.workspace.pk) == before
    machine("another")
    assert contents(shop.workspace.pk) == before
    after = followed(shop.workspace.pk)
    assert len(after["touches"]) == len(before["touches"]) + 2
    assert not left & set(manifest(shop.workspace.pk).names)
    assert after == anew(shop.workspace.pk)


def test_a_mirror_in_a_folder_loads_nothing_of_the_bucket_s(servers: Any):
    words = (
        "import django; django.setup(); from metrics.mirror import place, reading, sync; place.folder_of(1)"
    )
    check = (
        f"{words}; import sys; sys.exit('obstore' in sys.modules or 'metrics.mirror.cache' in sys.modules)"
    )
    assert run("-c", check, environment=servers.environment(HUILIU_MIRROR_URL="")).wait(SECONDS) == 0


@pytest.mark.parametrize("url", ["https://bucket.example.com", "s3:///prefix", "s3://key:secret@bucket"])
def test_an_address_that_is_none_is_said_at_the_start(servers: Any, url: str):
    process = run(
        *("manage.py", "mirror"),
        environment=servers.environment(HUILIU_MIRROR_URL=url),
        stderr=subprocess.PIPE,
    )
    _out, said = process.communicate(timeout=SECONDS)
    assert process.returncode
    assert b"must be like s3://bucket/prefix" in said
