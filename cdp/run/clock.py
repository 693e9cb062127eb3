"""The clock's own small Celery application: it sends names at times, so it loads neither Django's models nor our work.

Run by `celery -A cdp.run.clock beat`, with a third of the worker application's memory. What is due: schedule.py.
"""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init

from cdp.schedule import SCHEDULE
from kernel.process import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")

app = Celery("clock", fixups=[])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE


@beat_init.connect
def _ticking(**_kwargs: Any) -> None:
    """The clock says that it lives."""
    heartbeat.Pulse(heartbeat.CLOCK).start()
