"""Answers that a process has made, until anything they are made of changes. Not here: making them (answers.py).

An answer holds for one state of the mirror, one setting of the workspace, and the spend and rates as they are.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from hashlib import sha256
from threading import Lock
from typing import Any, Final, NamedTuple, Protocol, TypeVar, cast

from kernel.db import Connection, Statements, rows
from metrics.attribution.question import Question
from metrics.journeys.base import Asked

SQL: Final = Statements(__file__)
MOST: Final = 64  # questions, the latest asked


class Answer(Protocol):
    """What is kept: a model's answer."""

    @property
    def model(self) -> str: ...


A = TypeVar("A", bound=Answer)


class Place(NamedTuple):
    """What an answer hangs on: the mirror's state, and all else, as a digest."""

    state: str
    question: str


class Kept:
    """By question, what each model answered."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._lock = most, Lock()
        self._found: OrderedDict[Hashable, dict[str, Any]] = OrderedDict()

    def several(
        self, key: Hashable | None, models: Sequence[str], make: Callable[[Sequence[str]], list[A]]
    ) -> list[A]:
        """What the models answer; those not asked so far are made. Without a key nothing is kept."""
        if key is None:
            return make(models)
        with self._lock:
            known = dict(self._found.get(key, {}))
        lacking = [name for name in dict.fromkeys(models) if name not in known]
        if lacking:
            known |= {one.model: one for one in make(lacking)}
        with self._lock:
            self._found[key] = {**self._found.get(key, {}), **known}
            self._found.move_to_end(key)
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        return cast(list[A], [known[name] for name in models])

    def has(self, key: Hashable, models: Sequence[str]) -> bool:
        """Whether all these models' answers are there."""
        with self._lock:
            return set(models) <= self._found.get(key, {}).keys()

    def put(self, key: Hashable, found: Mapping[str, Answer]) -> None:
        """Answers made elsewhere."""
        self.several(key, list(found), lambda names: [found[name] for name in names])

    def forget(self) -> None:
        """All of it: it is made again when it is asked for."""
        with self._lock:
            self._found.clear()


KEPT: Final = Kept()


HOW: Final = 2  # one more whenever models say something else than before of the same paths


def key_of(db: Connection, asked: Asked, question: Question) -> Place | None:
    """What an answer hangs on; None where the mirror's state has no name."""
    state = getattr(asked.mirror, "state", None)
    if state is None:
        return None
    settings = asked.settings
    of_records = rows(db, SQL["records"], workspace=settings.workspace)[0]
    own = (settings.workspace, settings.zone, settings.currency, tuple(settings.channels.items()))
    asks = question._replace(model="", compare="")  # rows lie by what is measured
    text = repr((HOW, own, asked.days, asks, of_records))
    return Place(state, sha256(text.encode()).hexdigest())
