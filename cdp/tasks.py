"""What Celery runs, thin. Messages only wake: the work lies in PostgreSQL, every task may run never, twice or late."""

import logging
import threading
import time
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init
from django.conf import settings
from django.db import connection
from django.utils import timezone

from cdp import pipeline, rebuild, replays
from cdp.kernel import process, pulse
from channels.inbox import log
from profiles import partitions

logger = logging.getLogger("huiliu.tasks")

WAKE_KEY = "wake:drain"


def _asleep() -> None:
    """Takes the wake-up flag away, so that the next commit rings again; without Redis the beat tick does."""
    import redis

    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1).delete(WAKE_KEY)
    except redis.RedisError:
        logger.warning("the broker does not answer; the next tick drains")


@shared_task(name="cdp.tasks.drain", ignore_result=True)
def drain() -> None:
    """Works the inbox until nothing can be claimed."""
    _asleep()
    rebuild.resume()
    replays.run(pipeline.drain)
    counts = pipeline.drain()
    if counts["batches"]:
        logger.info("drained %s", counts)
        process.give_back()


@shared_task(name="cdp.tasks.daily", ignore_result=True)
def daily() -> None:
    """Makes the partitions of the days and months to come."""
    today = timezone.now().date()
    log.ensure_days(connection, today)
    partitions.ensure(connection, today)


# ---- without a broker --------------------------------------------------------------------------


def unwoken() -> bool:
    """Works the inbox when nobody has looked at it for long: no wake-up comes through. True when it did."""
    sign = pulse.signs(connection).get(pulse.INBOX)
    if sign and timezone.now() - sign.at < timedelta(seconds=settings.STOPPED_SECONDS / 2):
        return False
    pipeline.drain()
    return True


@worker_process_init.connect
def _by_itself(**_kwargs: Any) -> None:
    """A worker goes on without Redis, late by the time of this look."""
    threading.Thread(target=_look_now_and_then, name="unwoken", daemon=True).start()


def _look_now_and_then() -> None:
    while True:
        time.sleep(settings.STOPPED_SECONDS / 2)
        try:
            unwoken()
        except Exception as trouble:
            logger.warning("a look at the inbox failed: %s", str(trouble).strip())
        finally:
            connection.close()  # an idle one costs a server process
