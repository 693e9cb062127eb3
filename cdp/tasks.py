"""What Celery runs, thin. Messages only wake: the work lies in PostgreSQL, every task may run never, twice or late."""

import logging

from celery import shared_task
from django.conf import settings
from django.db import connection
from django.utils import timezone

from cdp import pipeline
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
    counts = pipeline.drain()
    if counts["batches"]:
        logger.info("drained %s", counts)


@shared_task(name="cdp.tasks.daily", ignore_result=True)
def daily() -> None:
    """Makes the partitions of the days and months to come."""
    today = timezone.now().date()
    log.ensure_days(connection, today)
    partitions.ensure(connection, today)
