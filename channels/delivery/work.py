"""A turn of a destination: some of what waits is claimed, judged, sent, and what came of it kept.

Claimed rows are this worker's for a lease, in a transaction of its own: who is killed while he sends leaves rows that
the next one sends again under the same key. So a receiver gets each at least once, and can tell which it knows.
Not here: putting a request together and sending it (sending.py), whose turn it is (cdp/pipeline/activation.py).
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from channels import destinations
from channels.delivery import rules, setup, words
from channels.delivery.said import WAIT
from channels.delivery.sending import Outcome, Sender
from channels.destinations.base import EVENT, DestinationKind, Target, Told
from channels.models import Destination
from kernel import told as telling
from kernel.db import Connection, Statements, array, rows, run
from kernel.told import Event, Person, Wanted

sql = Statements(__file__)

LEASE: Final = 60.0  # seconds; more than a turn takes with its last call
FILE_LEASE: Final = 300.0  # the same of a file, which its bucket may take a while for
TURN_SECONDS: Final = 20.0  # then what is left goes back
MOST_TRIES: Final = 8
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 3_600.0  # seconds; doubled with each failure
IN_A_ROW: Final = 3  # answers 5xx after which a server is left alone
NEEDS_SOMEBODY: Final = 900.0  # seconds, where trying again is no use by itself
ALONE: Final = 0x4445  # class of the advisory locks of destinations with a cap

People = Callable[[Connection, int, Collection[UUID], Wanted], dict[UUID, Person]]
Events = Callable[[Connection, int, Collection[tuple[datetime, UUID]]], dict[UUID, Event]]
Consented = Callable[[Connection, int, str, str, Collection[UUID]], set[UUID]]


class Ports(NamedTuple):
    """What sending asks of others. `consented`: of profiles (by public id) those that gave a purpose's consent for a
    channel; without one ("") it must have been given for all of them.
    """

    people: People
    events: Events
    consented: Consented


class Claimed(NamedTuple):
    """A delivery that is this worker's."""

    id: int
    key: UUID
    cause: str
    name: str
    at: datetime
    event: UUID | None
    profile: UUID | None
    tries: int


class Batch(NamedTuple):
    """What of a destination is claimed, with all that is known of it."""

    destination: Destination
    kind: DestinationKind
    target: Target
    claimed: list[Claimed]
    asked: tuple[str, ...]  # names of all values that are asked for
    people: Mapping[UUID, Person]
    events: Mapping[UUID, Event]


def due(db: Connection) -> list[int]:
    """Destinations that have something to send now."""
    return [one for (one,) in rows(db, sql["due"])]


def turn(db: Connection, number: int, ports: Ports, sender: Sender, now: datetime | None = None) -> int:
    """Sends some of what waits for a destination; how many it took up. Never raises for what a server does."""
    destination = Destination.objects.select_related("workspace").filter(pk=number, deleted_at=None).first()
    if destination is None or destination.kind not in destinations.KINDS:
        return 0
    if not destination.cap:
        return _turn(db, destination, ports, sender, now or datetime.now(UTC))
    key = number & 0x7FFFFFFF  # who counts what one person was sent does it alone
    if not rows(db, f"select pg_try_advisory_lock({ALONE}, {key})")[0][0]:
        return 0
    try:
        return _turn(db, destination, ports, sender, now or datetime.now(UTC))
    finally:
        rows(db, f"select pg_advisory_unlock({ALONE}, {key})")


def _turn(db: Connection, destination: Destination, ports: Ports, sender: Sender, now: datetime) -> int:
    kind = destinations.KINDS[destination.kind]
    try:
        target = setup.target(destination)
    except Exception as why:  # secrets or settings that cannot be opened: somebody has to look
        _hold(db, destination, Outcome.of(why, ()), NEEDS_SOMEBODY)
        return 0
    pause, most = (1 / kind.pace, 1) if kind.pace else (0.0, kind.at_once)
    if not run(db, sql["turn"], destination=destination.pk, seconds=pause):
        return 0
    found = rows(
        db,
        sql["claim"],
        destination=destination.pk,
        most=most,
        lease=LEASE if kind.file is None else FILE_LEASE,
    )
    batch = read(db, destination, kind, target, [Claimed(*row) for row in found], ports)
    came: dict[int, Outcome] = judged(db, batch, ports.consented, now)
    left = [one for one in batch.claimed if one.id not in came]
    try:
        _send(db, batch, left, sender, came)
    finally:
        _done(db, batch, came)
    return len(found)


# ---- whom it is about -----------------------------------------------------------------------------


def read(
    db: Connection,
    destination: Destination,
    kind: DestinationKind,
    target: Target,
    claimed: list[Claimed],
    ports: Ports,
) -> Batch:
    """People as they are now, and events where something of them is asked for."""
    asked = tuple(sorted({*target.fields, *kind.needs(target.settings)}))
    workspace = destination.workspace_id
    ids = {one.profile for one in claimed if one.profile}
    people = ports.people(db, workspace, ids, telling.wanted(asked)) if ids else {}
    events: dict[UUID, Event] = {}
    if any(name == "channel" or name.startswith("property.") for name in asked):
        pairs = [(one.at, one.event) for one in claimed if one.event]
        events = ports.events(db, workspace, pairs) if pairs else {}
    return Batch(destination, kind, target, claimed, asked, people, events)


def told(batch: Batch, one: Claimed) -> Told:
    """A delivery as its kind reads it."""
    person = _whom(batch, one)
    event = batch.events.get(one.event) if one.event else None
    values: dict[str, Any] = {}
    for name in batch.asked:
        value = _value(batch, one, person, event, name)
        if value is not None:
            values[name] = value
    return Told(one.key, one.cause, one.name, one.at, person.id if person else None, values, one.event)


def _whom(batch: Batch, one: Claimed) -> Person | None:
    return batch.people.get(one.profile) if one.profile else None


def _value(batch: Batch, one: Claimed, person: Person | None, event: Event | None, name: str) -> Any:
    family, _dot, rest = name.partition(".")
    if family == "property":
        return telling.inside(event.properties, rest.split(".")) if event else None
    if name == "channel":
        return event.channel if event else None
    plain = PLAIN.get(name)
    return plain(batch, one, person) if plain else telling.of_person(person, name)


# What is known of any delivery.
PLAIN: Final[Mapping[str, Callable[[Batch, Claimed, Person | None], Any]]] = {
    "id": lambda _batch, _one, person: str(person.id) if person else None,
    "key": lambda _batch, one, _person: str(one.key),
    "at": lambda _batch, one, _person: telling.moment(one.at),
    "workspace": lambda batch, _one, _person: batch.destination.workspace.slug,
    "event": lambda _batch, one, _person: one.name if one.cause == EVENT else None,
    "segment": lambda _batch, one, _person: None if one.cause == EVENT else one.name,
    "change": lambda _batch, one, _person: None if one.cause == EVENT else one.cause,
}


# ---- whether it goes out --------------------------------------------------------------------------


def judged(db: Connection, batch: Batch, consented: Consented, now: datetime) -> dict[int, Outcome]:
    """Those that do not go out now, and why. In the order in which it matters: a person who did not consent is not
    counted, one who is held out is not waited for.
    """
    destination, came = batch.destination, dict[int, Outcome]()
    for one in batch.claimed:
        why = _impossible(batch, one)
        if why:
            came[one.id] = why
    ids = {one.id: person.id for one in batch.claimed if (person := _whom(batch, one))}
    agreed = _agreed(db, destination, consented, set(ids.values()))
    rest = rules.rests(destination.quiet, now, ZoneInfo(destination.workspace.timezone))
    for one in batch.claimed:
        if one.id not in came and (why := _unwanted(destination, ids.get(one.id), agreed)):
            came[one.id] = why
        elif one.id not in came and rest is not None:
            came[one.id] = _at_rest(destination, (rest - now).total_seconds())
    if destination.cap:
        _capped(db, batch, came)
    return came


def _impossible(batch: Batch, one: Claimed) -> Outcome | None:
    if one.tries > MOST_TRIES:
        return Outcome("dead", words.DIED)
    if one.profile and one.profile not in batch.people:
        return Outcome("refused", words.GONE)
    if not one.profile and (batch.destination.purpose or batch.kind.personal):
        return Outcome("refused", words.NOBODY)
    must = batch.kind.must(batch.target.settings)
    person = _whom(batch, one)
    if any(not telling.of_person(person, name) for name in must):
        return Outcome("refused", words.NO_ADDRESS)
    return None


def _agreed(db: Connection, destination: Destination, consented: Consented, people: set[UUID]) -> set[UUID]:
    if not destination.purpose or not people:
        return set()
    return consented(db, destination.workspace_id, destination.purpose, destination.purpose_channel, people)


def _unwanted(destination: Destination, person: UUID | None, agreed: set[UUID]) -> Outcome | None:
    if destination.purpose and person not in agreed:
        return Outcome("refused", words.NO_CONSENT)
    if person and rules.held_out(destination.uuid, person, destination.holdout):
        return Outcome("held", words.HELD_OUT)
    return None


def _at_rest(destination: Destination, seconds: float) -> Outcome:
    """It waits for the end of the rest, and that was no try."""
    if (destination.quiet or {}).get("then") != WAIT:
        return Outcome("refused", words.QUIET)
    return Outcome("waiting", words.QUIET, seconds=max(seconds, 1.0), back=1)


def _capped(db: Connection, batch: Batch, came: dict[int, Outcome]) -> None:
    """Those who were sent enough; of several for one person the first ones go."""
    destination = batch.destination
    cap = destination.cap or {}
    going = [
        (one.id, person) for one in batch.claimed if one.id not in came and (person := _whom(batch, one))
    ]
    if not going:
        return
    keys = {key for _id, person in going for key in person.keys}
    counts = Counter[UUID]()
    owner = {key: person.id for person in batch.people.values() for key in person.keys}
    for profile, n in rows(
        db,
        sql["sent_to"],
        workspace=destination.workspace_id,
        destination=destination.pk,
        profiles=array(sorted(keys)),
        ids=array(one.id for one in batch.claimed),
        hours=cap["hours"],
    ):
        counts[owner[profile]] += n
    for number, person in sorted(going, key=itemgetter(0)):
        if counts[person.id] >= cap["count"]:
            came[number] = Outcome("refused", words.CAPPED)
        else:
            counts[person.id] += 1


# ---- sending --------------------------------------------------------------------------------------


def _send(
    db: Connection, batch: Batch, going: Sequence[Claimed], sender: Sender, came: dict[int, Outcome]
) -> None:
    """One after the other, until a server is to be left alone; what is left goes back as if it had not been taken."""
    until, failing, held = time.monotonic() + TURN_SECONDS, 0, False
    if batch.kind.file is not None and going:
        outcome = sender.put(batch.kind, batch.target, [told(batch, one) for one in going])
        came |= {one.id: _patient(outcome, one) for one in going}
        _heard(db, batch.destination, outcome, held=bool(outcome.reason))
        return
    left = list(going)
    while left:
        some, left = left[: sender.width], left[sender.width :]
        outcomes = sender.several(batch.kind, batch.target, [told(batch, one) for one in some])
        for one, outcome in zip(some, outcomes, strict=True):
            came[one.id] = _patient(outcome, one)
            failing = failing + 1 if outcome.server else 0
        bad = next((outcome for outcome in outcomes if outcome.holds), None)
        held = bad is not None or failing >= IN_A_ROW
        if held:
            _heard(db, batch.destination, bad or outcomes[-1], held=True)
        if held or time.monotonic() > until:
            came |= {one.id: Outcome("waiting", seconds=0.0, back=1) for one in left}
            break
    if going and not held:
        _heard(db, batch.destination, Outcome("sent"), held=False)


def _patient(outcome: Outcome, one: Claimed) -> Outcome:
    """A failure is tried again, later each time, until it was tried often enough."""
    if outcome.state != "failed":
        return outcome
    if one.tries >= MOST_TRIES:
        return outcome._replace(state="dead")
    return outcome._replace(seconds=max(pause(one.tries - 1), outcome.seconds))


def pause(tries: int) -> float:
    """Seconds until the next try."""
    return float(min(FIRST_PAUSE * 2 ** min(tries, 20), LONGEST_PAUSE))


def _heard(db: Connection, destination: Destination, outcome: Outcome, *, held: bool) -> None:
    """How its server is."""
    if held:
        _hold(db, destination, outcome, max(pause(destination.troubles), outcome.seconds))
    elif destination.troubles or destination.trouble:
        run(db, sql["well"], destination=destination.pk)


def _hold(db: Connection, destination: Destination, outcome: Outcome, seconds: float) -> None:
    trouble = {
        "code": outcome.reason,
        "params": outcome.params,
        "words": outcome.answer,
        "at": telling.moment(datetime.now(UTC)),
    }
    run(
        db,
        sql["held"],
        destination=destination.pk,
        seconds=seconds,
        trouble=msgspec.json.encode(trouble).decode(),
    )


def _done(db: Connection, batch: Batch, came: Mapping[int, Outcome]) -> None:
    """What came of all that was claimed, in one statement."""
    several = [(one, came[one.id]) for one in batch.claimed if one.id in came]
    if not several:
        return
    run(
        db,
        sql["done"],
        ids=array(one.id for one, _ in several),
        tries=array(one.tries for one, _ in several),
        states=array(outcome.state for _, outcome in several),
        reasons=array(outcome.reason for _, outcome in several),
        params=array(
            msgspec.json.encode(outcome.params).decode() if outcome.params else None for _, outcome in several
        ),
        statuses=array(outcome.status for _, outcome in several),
        answers=array(outcome.answer for _, outcome in several),
        seconds=array(outcome.seconds for _, outcome in several),
        backs=array(outcome.back for _, outcome in several),
    )
