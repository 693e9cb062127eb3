"""The Celery application: messages only wake, the work lies in PostgreSQL. Not here: what a task does (tasks.py)."""

import os
import signal
import warnings
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from cdp.kernel.process import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
warnings.filterwarnings("ignore", message="You're running the worker with superuser", append=False)

TICK_SECONDS = 5.0  # how long a lost wake-up is felt
HOUR_SECONDS = 3600.0

app = Celery("huiliu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["cdp", "channels", "profiles", "metrics"])
app.conf.beat_schedule = {
    "drain": {"task": "cdp.tasks.drain", "schedule": TICK_SECONDS, "options": {"expires": TICK_SECONDS}},
    "daily": {"task": "cdp.tasks.daily", "schedule": HOUR_SECONDS, "options": {"expires": HOUR_SECONDS}},
}


@worker_process_init.connect
def _tied(**_kwargs: Any) -> None:
    """A worker's child ends with the worker, even one that was killed."""
    die_with_parent(signal.SIGKILL)
