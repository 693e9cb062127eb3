"""The Celery application: messages only wake, the work lies in PostgreSQL. Not here: what a task does (tasks.py)."""

import gc
import os
import signal
import warnings
from typing import Any

from celery import Celery
from celery.signals import worker_before_create_process, worker_process_init

from cdp.schedule import SCHEDULE
from kernel.process.ties import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
warnings.filterwarnings("ignore", message="You're running the worker with superuser", append=False)

app = Celery("huiliu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE
# A worker keeps its connection: a new one costs as much as the work on a single event. A broken one is seen before it
# is used (CONN_HEALTH_CHECKS), one that something went wrong with is closed by its task.
app.conf["CELERY_DB_REUSE_MAX"] = 1_000
app.autodiscover_tasks(["cdp.pipeline"])


class _Main:
    """The worker itself, as its children know it: one that ended before its child asked would never be noticed."""

    pid: int | None = None


@worker_process_init.connect
def _tied(**_kwargs: Any) -> None:
    """A worker's child ends with the worker, even one that was killed."""
    die_with_parent(signal.SIGKILL, _Main.pid)


@worker_before_create_process.connect
def _shared(**_kwargs: Any) -> None:
    """What is loaded stays shared between the worker and its child: the collector does not touch it."""
    _Main.pid = os.getpid()
    gc.collect()
    gc.freeze()
