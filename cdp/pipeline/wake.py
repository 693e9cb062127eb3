"""Waking the worker after a commit, in a thread of its own: a lost call costs seconds, never an event.

A flag in Redis keeps it to one message however many commits ring. Not here: what the worker does (tasks.py).
"""

import functools
import logging
import threading
import time
from typing import Final

import redis
from django.conf import settings

from cdp.celery import app

logger = logging.getLogger("huiliu.wake")

FLAG: Final = "wake:drain"
FLAG_SECONDS: Final = 30
TASK: Final = "cdp.pipeline.tasks.drain"
ANSWER_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 1.0  # after a failure
GATHER_SECONDS: Final = 0.01  # after a call: under load the commits of this time are one
CALLED_SECONDS: Final = 0.03  # the same when the worker was called before and has not come yet


class Waker:
    """`notify()` returns at once, from any thread."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._redis = redis.Redis.from_url(
            settings.REDIS_URL or "redis://127.0.0.1:9/0",
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
        )
        threading.Thread(target=self._work, name="waker", daemon=True).start()

    def notify(self) -> None:
        """There is something in the inbox."""
        self._rung.set()

    def _work(self) -> None:
        failing = False
        while True:
            self._rung.wait()
            self._rung.clear()
            try:
                pause = GATHER_SECONDS if self._call() else CALLED_SECONDS
            except Exception as trouble:
                if not failing:
                    logger.warning("the worker cannot be woken, the next tick will: %s", trouble)
                failing = True
                time.sleep(PAUSE_SECONDS)
            else:
                failing = False
                time.sleep(pause)

    def _call(self) -> bool:
        """False: somebody has called already."""
        if not self._redis.set(FLAG, 1, nx=True, ex=FLAG_SECONDS):
            return False
        try:
            app.send_task(TASK, retry=False, ignore_result=True)
        except Exception:
            self._redis.delete(FLAG)
            raise
        return True


@functools.cache
def waker() -> Waker:
    """The one of this process."""
    return Waker()


def notify() -> None:
    """Something was put into the inbox by a person: the worker looks at once."""
    waker().notify()
