"""How long each stage took, and where the work is now: a watch that adds up by name. Not here: where that is shown.

Another thread may read `stage` and `since`, and say that the time is up: then the next stage does not begin.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from kernel.errors import TooSlow


class StageTimer:
    """`with watch("identity"): …`; `seconds` has the sums by stage, in order of first use."""

    moves: ClassVar[int] = 0  # of this process: stages begun, by all watches

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.stage, self.since = "", time.perf_counter()
        self.over = False

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Adds the time spent inside to a stage."""
        if self.over:
            raise TooSlow("The time of this work is up.")
        StageTimer.moves += 1
        self.stage = stage
        self.since = begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - begin
