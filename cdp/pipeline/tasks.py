"""What Celery runs, thin. Messages only wake: the work lies in PostgreSQL, every task may run never, twice or late."""

import gc
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import redis
from celery import shared_task
from celery.signals import worker_process_init
from django.conf import settings
from django.db import connection
from django.utils import timezone

from cdp.pipeline import (
    activation,
    attributions,
    batches,
    erasure,
    exports,
    guard,
    imports,
    jobs,
    mirroring,
    pulls,
    rebuild,
    remaps,
    replays,
    retention,
    segmenting,
    suggesting,
    watching,
)
from cdp.schedule import LOOK_SECONDS, TICK_SECONDS
from channels.imports import store as files
from channels.inbox import log
from channels.watching import store as watched
from kernel import caches
from kernel.process import ties
from profiles import partitions

logger = logging.getLogger("huiliu.tasks")

WAKE_KEY = "wake:drain"
REST_SECONDS: Final = 10.0  # without a message: then memory is tidied
AT_WORK: Final = threading.Lock()  # the task and the look of one process take turns


class _Memory:
    """Of this process: when it last went through the inbox, when it last found something there; and if it is tidy."""

    worked = found = float("-inf")
    tidy = True
    buried = False  # what workers that died before it left behind


def _asleep() -> None:
    """Takes the wake-up flag away, so that the next commit rings again; without Redis the beat tick does."""
    try:
        _broker().delete(WAKE_KEY)
    except redis.RedisError:
        logger.warning("the broker does not answer; the next tick drains")


@cache
def _broker() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


@contextmanager
def _closed_on_trouble() -> Iterator[None]:
    """The connection stays for the next task, unless something went wrong: what it holds goes with it."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


@shared_task(name="cdp.pipeline.tasks.drain", ignore_result=True)
def drain() -> None:
    """Works the inbox until nothing can be claimed."""
    _asleep()
    connection.close_if_unusable_or_obsolete()
    with AT_WORK, _noted(), _closed_on_trouble():
        _bury()
        rebuild.resume()
        if jobs.for_the_worker():
            replays.run(batches.drain)
            exports.run(batches.drain)
            imports.run(batches.drain)
            remaps.run()
            erasure.run_all()
        watching.run(batches.drain)
        counts = batches.drain()
    if counts["batches"]:
        _Memory.found, _Memory.tidy = time.monotonic(), False
        logger.info("drained %s", counts)
        ties.give_back()


@shared_task(name="cdp.pipeline.tasks.daily", ignore_result=True)
def daily() -> None:
    """Makes the partitions of the days and months to come; old files go."""
    today = timezone.now().date()
    retention.run_all(connection, timezone.now())
    exports.tidy()
    files.tidy(connection)
    watched.tidy(connection)
    log.ensure_days(connection, today)
    partitions.ensure(connection, today)


def _bury() -> None:
    """Before a worker's first work: a statement of a dead one would hold locks against it."""
    if not _Memory.buried:
        guard.bury(connection)
        _Memory.buried = True


# ---- without being woken -----------------------------------------------------------------------


@contextmanager
def _noted() -> Iterator[None]:
    """What ends well in here went through the inbox."""
    yield
    _Memory.worked = time.monotonic()


def unwoken() -> bool:
    """Works the inbox when something lies there and this process is at rest: its wake-up may be lost. True when it did.

    Now and then also without: with no broker nobody else says that somebody looks.
    """
    if not AT_WORK.acquire(blocking=False):
        return False
    try:
        long_ago = time.monotonic() - _Memory.worked > settings.STOPPED_SECONDS / 2
        if not long_ago and not log.left(connection):
            return False
        _bury()
        with _noted():
            batches.drain()
        _Memory.found, _Memory.tidy = time.monotonic(), False
        return True
    finally:
        AT_WORK.release()


def _tidied() -> None:
    """A process at rest keeps nothing for a batch that may not come for long."""
    if _Memory.tidy or time.monotonic() - _Memory.found < REST_SECONDS or not AT_WORK.acquire(blocking=False):
        return
    try:
        caches.forget()
        gc.collect()
        ties.give_back()
        _Memory.tidy = True
    finally:
        AT_WORK.release()


@worker_process_init.connect
def _by_itself(**_kwargs: Any) -> None:
    """A worker goes on without Redis, and finds what nobody called it for: late by the time of this look."""
    guard.GUARD.worker()
    threading.Thread(target=_look_now_and_then, name="unwoken", daemon=True).start()
    mirroring.start()
    pulls.start()
    attributions.start()
    activation.start()
    suggesting.start()
    segmenting.start()


def _look_now_and_then() -> None:
    """The connection stays open between looks (a new one costs fifty times the question), not after work."""
    pause = LOOK_SECONDS
    while True:
        time.sleep(pause)
        pause = LOOK_SECONDS
        try:
            if unwoken():
                connection.close()
            _tidied()
        except Exception as trouble:
            logger.warning("a look at the inbox failed: %s", str(trouble).strip())
            connection.close()
            pause = TICK_SECONDS  # each try counts against what is tried
