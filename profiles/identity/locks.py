"""Holding profiles: their lock rows in id order, a savepoint to start again from. Not here: what is done meanwhile."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from cdp.kernel.db import Connection, Statements, array, rows, run
from cdp.kernel.errors import TryAgain

sql = Statements(__file__)

MOST_TRIES = 60  # each one holds more profiles than the one before

Result = TypeVar("Result")


class Unlocked(Exception):
    """Other profiles are needed too: everything read so far is dropped, and the larger set is locked in order."""

    def __init__(self, profiles: Iterable[int]) -> None:
        super().__init__("more profiles are needed")
        self.profiles = set(profiles)


class Beyond(Exception):
    """The change reaches too far for replays of a few profiles: all profiles of the workspace are held."""


class Stale(Exception):
    """What was looked up before the locks no longer holds: look it up again."""


class Held(NamedTuple):
    """The profiles whose lock rows we have until the transaction ends. `whole`: all of the workspace."""

    db: Connection
    workspace: int
    profiles: set[int]
    whole: bool

    def need(self, profiles: Iterable[int]) -> None:
        """Go on only with all these."""
        missing = set(profiles) - self.profiles
        if missing:
            raise Unlocked(missing)


def holding(
    db: Connection, workspace: int, profiles: Iterable[int], work: Callable[[Held], Result]
) -> Result:
    """Do the work with these profiles held; when it asks for more, undo it and start again with all."""
    wanted, whole = set(profiles), False
    for _ in range(MOST_TRIES):
        run(db, "savepoint profiles_identity")
        try:
            result = work(_lock(db, workspace, wanted, whole))
        except Unlocked as more:
            wanted |= more.profiles
        except Beyond:
            whole = True
        except Stale:
            run(db, "rollback to savepoint profiles_identity")
            raise
        else:
            run(db, "release savepoint profiles_identity")
            return result
        run(db, "rollback to savepoint profiles_identity")  # frees the row locks, so that the order is kept
    raise TryAgain("Too many profiles change under this batch: it is taken again later.")


def hold(db: Connection, workspace: int, profiles: Iterable[int]) -> Held:
    """These profiles, for who only reads what belongs to them and writes their rows elsewhere."""
    return _lock(db, workspace, set(profiles), False)


def hold_all(db: Connection, workspace: int) -> Held:
    """All profiles of a workspace, for what concerns every one of them."""
    return _lock(db, workspace, set(), True)


def _lock(db: Connection, workspace: int, wanted: set[int], whole: bool) -> Held:
    """The lock rows, in id order: two workers never wait for each other crosswise."""
    if whole:
        return Held(db, workspace, {row[0] for row in rows(db, sql["lock_all"], workspace=workspace)}, whole)
    if wanted:
        run(db, sql["lock"], workspace=workspace, ids=array(sorted(wanted)))
    return Held(db, workspace, set(wanted), whole)
