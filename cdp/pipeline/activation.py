"""OUT: what changed -> deliveries -> sent. Events in the line's own transaction, segments and sending beside it.

Threads of each worker: one looks, and wakes the others when something is due. Many send at once, of one destination all
but one at most, so that a server that hangs holds up itself. Not here: a delivery's way (channels/delivery/).
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from django.db import connection, transaction

from channels.delivery import outgoing, work
from channels.delivery.outgoing import Change
from channels.delivery.sending import Sender
from channels.delivery.work import Ports
from channels.models import Destination
from kernel.db import Connection
from kernel.event import Clean, Owners
from metrics.segments import changes
from profiles import outgoing as profiles

logger = logging.getLogger("huiliu.activation")

ChangesAfter = Callable[[Connection, int, int], list[Change]]

EVERY_SECONDS: Final = 0.5
AFTER_TROUBLE: Final = 5.0  # seconds
SENDERS: Final = 4
MOST_OF_ONE: Final = SENDERS - 1  # that send to one destination
PORTS = Ports(profiles.people, profiles.events, profiles.consented)
_STOP, _BUSY = threading.Event(), threading.Event()
_at: Counter[int] = Counter()  # threads of this process by destination
_lock = threading.Lock()


def ports() -> Ports:
    """What sending asks of the other parts."""
    return PORTS


# ---- in the line ----------------------------------------------------------------------------------


def keep(db: Connection, workspace: int, fresh: list[Clean], owners: Owners) -> None:
    """Notes the events of a batch that somebody asks for: one look-up by key, where nobody does."""
    by_name = outgoing.asking(db, workspace)
    found = outgoing.wanted(by_name, fresh) if by_name else []
    if not found:
        return
    numbers = {
        clean.sighting: owners.profile[clean.sighting] for _, clean in found if clean.sighting is not None
    }
    public = profiles.publics(db, workspace, numbers.values())
    people = {sighting: public[number] for sighting, number in numbers.items() if number in public}
    outgoing.keep(db, workspace, outgoing.of_events(found, people))


# ---- beside it ------------------------------------------------------------------------------------


def start() -> None:
    """Begins to look and to send, in a worker's process."""
    _STOP.clear()
    _BUSY.clear()
    threading.Thread(target=_look, name="activation", daemon=True).start()
    for n in range(SENDERS):
        threading.Thread(target=_serve, name=f"sender-{n}", daemon=True).start()


def stop() -> None:
    """Nothing is taken up any more after what is under way."""
    _STOP.set()
    _BUSY.set()


def segment_changes(db: Connection, workspace: int, number: int) -> list[Change]:
    """The changes of segments after a number, some thousand at a time."""
    return [Change(*one) for one in changes.after(db, workspace, number)]


def find(db: Connection, read: ChangesAfter = segment_changes) -> int:
    """Notes what changed in the segments that destinations follow; how many deliveries are new."""
    noted = 0
    for one in Destination.objects.filter(deleted_at=None).exclude(segments=[]).order_by("pk"):
        noted += _follow(db, one, read)
    return noted


def _follow(db: Connection, one: Destination, read: ChangesAfter) -> int:
    """All that a destination has not looked at; each part with its place in one transaction."""
    noted = 0
    while True:
        found = read(db, one.workspace_id, one.changes_read)
        if not found:
            return noted
        number = max(change.number for change in found)
        with transaction.atomic():
            if not outgoing.read_up_to(db, one, number):
                return noted  # another worker did, or somebody changed it
            noted += outgoing.keep(db, one.workspace_id, outgoing.of_changes(one, found))
        one.changes_read = number


def run(sender: Sender | None = None) -> int:
    """Sends until nothing is due, one thing after the other; how many deliveries were taken up."""
    if sender is None:
        with Sender() as made:
            return run(made)
    done = 0
    while not _STOP.is_set():
        n = sum(_one(number, sender) for number in work.due(connection))
        if not n:
            return done
        done += n
    return done


def _one(number: int, sender: Sender) -> int:
    """A turn of a destination, unless enough of this process are at it."""
    with _lock:
        if _at[number] >= MOST_OF_ONE:
            return 0
        _at[number] += 1
    try:
        return work.turn(connection, number, PORTS, sender)
    finally:
        with _lock:
            _at[number] -= 1


def _look() -> None:
    """The connection stays open between looks; not after trouble, and what it holds goes with it."""
    pause = 0.0
    while not _STOP.wait(pause):
        pause = EVERY_SECONDS
        try:
            find(connection)
            if work.due(connection):
                _BUSY.set()
        except Exception as trouble:
            logger.warning("sending waits: %s", str(trouble).strip())
            connection.close()
            pause = AFTER_TROUBLE


def _serve() -> None:
    """Sends while there is something to send; then its connections are closed."""
    while not _STOP.is_set():
        _BUSY.wait()
        try:
            with Sender() as sender:
                run(sender)
        except Exception:
            logger.exception("a delivery could not be sent; what was claimed is taken up again")
            _STOP.wait(AFTER_TROUBLE)
        finally:
            _BUSY.clear()
            with suppress(Exception):
                connection.close()
