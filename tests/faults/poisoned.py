"""The product's Celery application, but its children die at one message: `celery -A tests.faults.poisoned worker`."""

from typing import Any

from celery.signals import worker_process_init

from cdp.celery import app as app
from tests.faults.failpoint import Watched, die

POISON = "poison-message"


@worker_process_init.connect
def _armed(**_kwargs: Any) -> None:
    Watched(die, marker=POISON).install()
