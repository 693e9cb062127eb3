"""How long each stage took: a watch that adds up by name. Not here: where the figures are shown."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Watch:
    """`with watch("identity"): …`; `seconds` has the sums by stage, in order of first use."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Adds the time spent inside to a stage."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - begin
