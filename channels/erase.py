"""What of a person lies in channels, and how it goes: bodies in the inbox above all, and what was kept of bad messages.

A body is written anew item by item: of the person's messages stays what is counted (mapping/left.py), with tokens
where her identifiers stood, so a rebuild comes to the same answers; others' stay as they are, without her values. A
delivery of a platform, or what a mapping read, is kept as the messages that were made of it: no later mapping reads it.
Not here: who the person is (profiles/erase.py), the order (cdp/pipeline/erasure.py).
"""

import json
from base64 import b64decode
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from channels import protocol, sender
from channels.inbox.log import Received
from channels.mapping import apply, decode, left, mapped, opening
from channels.protocol import KEPT
from channels.sender import Sender
from channels.snapshot import Snapshot
from kernel import erased, sweep, values
from kernel.db import Connection, Statements, array, rows, run
from kernel.erased import Person
from kernel.event import Clean, Prepared

SQL = Statements(__file__)
STEP = 500  # requests that are in memory at once

# Where in a table of channels a text may hold a value, beside what has a statement of its own here.
SWEPT: Mapping[str, tuple[str, ...]] = {
    "channels_lookup": ("name", "params", "failure"),
    "channels_watched": ("path", "note"),
    "channels_pull": ("failure",),
}


class Place(NamedTuple):
    """Where a request lies."""

    received_at: datetime
    request: UUID


class Rewritten(msgspec.Struct):
    """What became of the inbox: the messages as they are read now, and the places of those that are gone."""

    prepared: list[Prepared] = []
    hers: set[UUID] = set()  # of these events
    gone: list[tuple[UUID, int]] = []
    requests: int = 0


def busy(db: Connection, workspace: int) -> bool:
    """Whether a file is being read whose rows are not all in the inbox."""
    return bool(rows(db, SQL["running"], workspace=workspace)[0][0])


def places(db: Connection, workspace: int, received: Mapping[UUID, datetime]) -> set[Place]:
    """The requests of events, each by when it came."""
    found = rows(db, SQL["winners"], workspace=workspace, ids=array(received))
    return {Place(received[id_], request) for id_, request in found}


def won(db: Connection, workspace: int, ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, int]]:
    """Of messages the copy that was stored: its request and its place there."""
    found = rows(db, SQL["won"], workspace=workspace, ids=array(sorted(set(ids))))
    return {id_: (request, position) for id_, request, position in found}


def naming(db: Connection, workspace: int, person: Person) -> set[Place]:
    """Every request that holds a value: copies that did not win, what is not worked yet, what others wrote of her."""
    found = rows(db, SQL["naming"], workspace=workspace, patterns=patterns(person))
    return {Place(*row) for row in found}


def patterns(person: Person) -> list[str]:
    """Writings of values as PostgreSQL looks for them."""
    return sweep.inside(person.needles())


# ---- reading ------------------------------------------------------------------------------------


class _Open(NamedTuple):
    """A request as it is read today."""

    row: Received
    items: list[bytes]  # of each what is read: after a mapping and its rules
    raws: list[bytes]  # of each what a reject keeps
    prepared: Prepared
    plain: bool  # a client's own, read by no mapping

    @property
    def by_place(self) -> dict[int, Clean]:
        return {clean.position: clean for clean in self.prepared.cleans}


def _read(db: Connection, workspace: int, wanted: Iterable[Place], snapshot: Snapshot) -> Iterable[_Open]:
    ordered = sorted(wanted)
    for first in range(0, len(ordered), STEP):
        some = ordered[first : first + STEP]
        times, requests = array([one.received_at for one in some]), array([one.request for one in some])
        for values_ in rows(db, SQL["bodies"], workspace=workspace, times=times, requests=requests):
            row = Received._make(values_)
            if row.connector_id in snapshot.connectors:
                yield _opened(row, snapshot)


def _opened(row: Received, snapshot: Snapshot) -> _Open:
    found, _origin, _why = opening.opened(row, snapshot)
    said = sender.read(row.sender)
    plain = found.made is None and said.hook is None
    items = found.items if found.made is None else [one.item or left.GONE for one in found.made]
    return _Open(row, items, found.items, apply.prepare([row], snapshot), plain)


def learn(
    db: Connection,
    workspace: int,
    wanted: Iterable[Place],
    snapshot: Snapshot,
    person: Person,
    hers: Collection[UUID],
) -> None:
    """How her identifiers were written in her messages, beside their one form: copies are found by it."""
    asked: set[str] = set()
    for one in _read(db, workspace, wanted, snapshot):
        region = snapshot.connectors[one.row.connector_id].channel.region
        for position, clean in one.by_place.items():
            if clean.id in hers:
                said = set(erased.leaves(msgspec.json.decode(one.items[position])))
                _learn(person, said - asked, region)
                asked |= said


def _learn(person: Person, said: Iterable[str], region: str) -> None:
    for text in said:
        for one in person.known:
            if text != one.value and values.identifier(one.kind, text, region) == one.value:
                person.learn(text.strip(), one)


# ---- writing ------------------------------------------------------------------------------------


def rewrite(
    db: Connection,
    workspace: int,
    wanted: Iterable[Place],
    snapshot: Snapshot,
    person: Person,
    of: Callable[[Clean], bool | None],
) -> Rewritten:
    """Writes requests anew. `of`: whether a message is the person's; None: it has an identifier of hers, and is not."""
    done = Rewritten()
    for one in _read(db, workspace, wanted, snapshot):
        body, hers, gone = _rewritten(one, person, of)
        if body is None:
            continue
        row = one.row._replace(door=one.row.door if one.plain else KEPT, body=body, sender=_sender(one.row))
        _write(db, workspace, [row])
        done.prepared.append(apply.prepare([row], snapshot))
        done.hers |= hers
        done.gone += [(row.request, position) for position in gone]
        done.requests += 1
    return done


def _write(db: Connection, workspace: int, written: Sequence[Received]) -> None:
    run(
        db,
        SQL["write"],
        workspace=workspace,
        times=array([row.received_at for row in written]),
        requests=array([row.request for row in written]),
        doors=array([row.door for row in written]),
        bodies=[row.body for row in written],
        senders=array([row.sender for row in written]),
    )


def _sender(row: Received) -> str:
    said = sender.read(row.sender)
    return msgspec.json.encode(Sender(retries=said.retries, agent=said.agent, erased=True)).decode()


def _rewritten(
    one: _Open, person: Person, of: Callable[[Clean], bool | None]
) -> tuple[str | None, set[UUID], list[int]]:
    """A request's body without the person, None where nothing of her is in it; her events, the places that are gone."""
    cleans = one.by_place
    bad = {reject.position for reject in one.prepared.bads}
    items: list[bytes] = []
    hers: set[UUID] = set()
    gone: list[int] = []
    changed = False
    for position, item in enumerate(one.items):
        clean = cleans.get(position)
        mine = of(clean) if clean is not None else False
        if clean is not None and mine:
            hers.add(clean.id)
            items.append(left.of(clean, item, person))
        elif position in bad:
            there = person.named_in(one.raws[position].decode("utf-8", "replace"))
            items.append(left.GONE if there else one.raws[position])
            gone += [position] if there else []
        else:
            without = _without(item, person)
            changed = changed or without is not item
            items.append(without)
    if not (changed or hers or gone or _beside(one, person)):
        return None, hers, gone
    return _body(one, items, person, whole=len(hers) == len(one.items)), hers, gone


def _beside(one: _Open, person: Person) -> bool:
    """Whether a value stands beside the items: in what is said for all of them, in headers."""
    return person.named_in(one.row.sender or "") or person.named_in(one.row.body)


def _without(item: bytes, person: Person) -> bytes:
    """Another's message without her values; as it was sent where there are none."""
    if not person.named_in(item.decode("utf-8", "replace")):
        return item
    return mapped.ENCODER.encode(person.without(decode.record(item)))


def _body(one: _Open, items: list[bytes], person: Person, *, whole: bool) -> str:
    door = protocol.door(one.row.door if one.plain else KEPT)
    if not door.items:
        return items[0].decode("utf-8", "replace")
    text = f'{{"{door.items}":[' + ",".join(item.decode("utf-8", "replace") for item in items) + "]"
    if one.plain and not whole:
        said = decode.opened(one.row.door, one.row.body)
        if said.context is not None:
            text += f',"context":{json.dumps(person.without(said.context), ensure_ascii=False)}'
        if said.sent_at is not None:
            text += f',"sentAt":{json.dumps(said.sent_at)}'
    return text + "}"


# ---- the rest -----------------------------------------------------------------------------------


def rest(db: Connection, workspace: int, person: Person, done: Rewritten) -> dict[str, int]:
    """Rejects, repairs, examples, files: what of them went, by table."""
    looked = {"workspace": workspace, "patterns": patterns(person)}
    requests = array([request for request, _ in done.gone])
    positions = array([position for _, position in done.gone])
    rejects = rows(db, SQL["rejects"], requests=requests, positions=positions, **looked)
    ids = array([id_ for (id_,) in rejects])
    of_hers = array({clean.request for one in done.prepared for clean in one.cleans if clean.id in done.hers})
    return {
        "channels_inbox": done.requests,
        "channels_reject": len(rejects),
        "channels_repair": run(db, SQL["repairs"], ids=ids, **looked),
        "channels_violation": run(db, SQL["violations"], requests=of_hers, **looked),
        "channels_import_part": run(db, SQL["files"], workspace=workspace),
        "channels_import": run(db, SQL["previews"], **looked),
        "channels_import_chunk": run(db, SQL["problems"], **looked),
    }


def encoded_holding(db: Connection, workspace: int, forms: Sequence[str]) -> int:
    """How many bodies that are kept in base64 hold one of some writings."""
    found = 0
    for (body,) in rows(db, SQL["encoded"], workspace=workspace):
        text = b64decode(body).decode("utf-8", "replace")
        found += any(form in text for form in forms)
    return found


# ---- who was suppressed -------------------------------------------------------------------------


def turn_away(
    db: Connection, prepared: Prepared, rows_: Sequence[Any], snapshot: Snapshot, keys: set[UUID]
) -> int:
    """Takes messages of people who are suppressed out of a batch and of the inbox; how many there were.

    What counts without anybody (an order, a refund) stays as that; of all else only the place.
    """
    met = [clean for clean in prepared.cleans if any(one.key in keys for one in clean.identifiers)]
    if not met:
        return 0
    named = {one.key: one for clean in met for one in clean.identifiers if one.key in keys}
    known = [
        erased.Known(0, key, one.kind, one.namespace, one.value, erased.token()) for key, one in named.items()
    ]
    person = Person(known)
    for one in known:
        person.learn(one.value, one)
    ids = {clean.id for clean in met}
    requests = {clean.request for clean in met}
    by_request = {row.request: row for row in rows_ if row.request in requests}
    for row in by_request.values():
        _turned_away(db, prepared.workspace, row, snapshot, person, ids)
    again = apply.prepare([_again(db, prepared.workspace, row) for row in by_request.values()], snapshot)
    prepared.cleans = [one for one in prepared.cleans if one.id not in ids]
    prepared.cleans += [one for one in again.cleans if one.id in ids]
    prepared.cleans.sort(key=lambda one: (one.received_at, one.request.int, one.position))
    return len(met)


def _again(db: Connection, workspace: int, row: Received) -> Received:
    found = rows(
        db, SQL["bodies"], workspace=workspace, times=array([row.received_at]), requests=array([row.request])
    )
    return Received._make(found[0])


def _turned_away(
    db: Connection, workspace: int, row: Received, snapshot: Snapshot, person: Person, ids: set[UUID]
) -> None:
    one = _opened(_again(db, workspace, row), snapshot)
    region = snapshot.connectors[row.connector_id].channel.region
    cleans = one.by_place
    for position, clean in cleans.items():
        if clean.id in ids:
            _learn(person, set(erased.leaves(msgspec.json.decode(one.items[position]))), region)
    items = []
    for position, item in enumerate(one.items):
        met = cleans.get(position)
        if met is not None and met.id in ids:
            items.append(left.without_person(met, item, person))
        else:
            items.append(_without(item, person))
    body = _body(one, items, person, whole=all(clean.id in ids for clean in cleans.values()))
    _write(
        db, workspace, [row._replace(door=row.door if one.plain else KEPT, body=body, sender=_sender(row))]
    )
