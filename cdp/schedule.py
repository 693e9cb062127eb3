"""What is due when. Not here: what it does (tasks.py), who sends it (clock.py), who works it (celery.py)."""

from typing import Any, Final

TICK_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 1.0  # how long a lost wake-up is felt: a worker's own look at the inbox
HOUR_SECONDS: Final = 3600.0

SCHEDULE: Final[dict[str, Any]] = {
    "drain": {
        "task": "cdp.pipeline.tasks.drain",
        "schedule": TICK_SECONDS,
        "options": {"expires": TICK_SECONDS},
    },
    "daily": {
        "task": "cdp.pipeline.tasks.daily",
        "schedule": HOUR_SECONDS,
        "options": {"expires": HOUR_SECONDS},
    },
}
