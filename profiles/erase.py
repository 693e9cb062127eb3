"""What of a person lies in profiles, and how it goes: identifiers become tokens, all that was said of them goes.

No row moves: sightings, edges and activity point to identifiers by number, and these stay, so whatever is counted comes
out as before. Those who are suppressed stand as keyed hashes: the key of an identifier is an HMAC already.
Not here: bodies and rejects (channels/erase.py), the order of an erasure (cdp/pipeline/erasure.py).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.conf import settings

from kernel import erased
from kernel.db import Connection, Statements, array, rows, run
from kernel.erased import ABOVE, BELOW, SHORTEST_TEXT, Known, Person
from kernel.event import Clean, identifier_key
from kernel.web.access import CONTACT_NAMES
from profiles import events, golden, traits
from profiles.identity import kinds
from profiles.identity.sightings import sighting_key

SQL = Statements(__file__)
TRIES = 1_000  # drawings of tokens until the profile is named after the same identifier as before
# Traits whose words stand for the person: they go from what is kept of her messages too.
OF_A_PERSON = frozenset(name.lower() for name in golden.NAMES) | {
    "address",
    "street",
    "lastname",
    "firstname",
}
HOME = "+86"

# Where in a table of profiles a text may hold a value, beside what has a statement of its own here.
SWEPT: Mapping[str, tuple[str, ...]] = {
    "profiles_number": ("number",),
    "profiles_consent": ("purpose", "name", "channel", "text_version"),
}


class Sighted(NamedTuple):
    """A sighting that names the person; `own`: it is hers."""

    id: int
    members: list[int]
    own: bool


class Found(NamedTuple):
    """A person as she lies in profiles."""

    profile: int
    person: Person
    keys: dict[int, UUID]  # of her identifiers, as they will be
    sighted: list[Sighted]
    received: dict[UUID, datetime]  # all events of these sightings
    own: set[UUID]  # hers among them

    @property
    def ids(self) -> list[int]:
        """Her identifiers."""
        return sorted(self.keys)

    @property
    def sightings(self) -> list[int]:
        """Those that are hers."""
        return [one.id for one in self.sighted if one.own]


def of_keys(db: Connection, workspace: int, keys: Iterable[UUID]) -> list[tuple[UUID, int, bool]]:
    """Which of some keys there are: key, profile, whether it is shared by many."""
    return rows(db, SQL["by_keys"], workspace=workspace, keys=array(keys))


def find(db: Connection, workspace: int, profile: int) -> Found:
    """The person of a profile's number. The workspace is held by the caller."""
    named = rows(db, SQL["person"], workspace=workspace, profile=profile)
    ids = array([row[0] for row in named])
    sighted = [Sighted(*row) for row in rows(db, SQL["seen_together"], workspace=workspace, ids=ids)]
    person, keys = _tokens(db, workspace, profile, named, sighted)
    mine = {one.id for one in sighted if one.own}
    all_of = rows(db, SQL["events"], workspace=workspace, sightings=array([one.id for one in sighted]))
    _texts(db, workspace, person, mine)
    return Found(
        profile,
        person,
        keys,
        sighted,
        {id_: received for id_, received, _ in all_of},
        {id_ for id_, _, sighting in all_of if sighting in mine},
    )


def _tokens(
    db: Connection,
    workspace: int,
    profile: int,
    named: Sequence[tuple[int, UUID, str, str, str, datetime]],
    sighted: Sequence[Sighted],
) -> tuple[Person, dict[int, UUID]]:
    """A token for each identifier, in the order of the values; and the keys of these, of which the same one leads."""
    rules = kinds.of(db, workspace)
    plain = {row[0]: kinds.opened(workspace, row[2], row[4]) for row in named}
    above = _above(db, workspace, {row[0]: (row[2], row[3]) for row in named}, plain, sighted)
    ordered = sorted(named, key=lambda row: (row[2], row[3], plain[row[0]].encode()))
    for _try in range(TRIES):
        drawn = {sign: sorted(erased.token(sign) for _ in ordered) for sign in (ABOVE, BELOW)}
        given = {
            row[0]: drawn[BELOW if row[0] in above else ABOVE][place] for place, row in enumerate(ordered)
        }
        keys = {
            row[0]: identifier_key(settings.IDENTITY_SECRET, workspace, row[2], row[3], given[row[0]])
            for row in named
        }
        leads = min(named, key=lambda row: (rules[row[2]].rank, row[5], keys[row[0]]), default=None)
        if leads is None or leads[0] == profile:
            break
    known = [Known(row[0], row[1], row[2], row[3], plain[row[0]], given[row[0]]) for row in named]
    person = Person(known)
    for one in known:
        person.learn(one.value, one)
        if one.kind == "phone":
            person.learn(one.value.removeprefix("+"), one)
            if one.value.startswith(HOME):
                person.learn(one.value.removeprefix(HOME), one)
    return person, keys


def _above(
    db: Connection,
    workspace: int,
    sorts: Mapping[int, tuple[str, str]],
    plain: Mapping[int, str],
    sighted: Iterable[Sighted],
) -> set[int]:
    """Her identifiers beside which another's of the same kind stands that comes after them."""
    pairs = {(one, other) for seen in sighted for one in seen.members for other in seen.members}
    pairs = {(one, other) for one, other in pairs if one in sorts and other not in sorts}
    others = array(sorted({other for _, other in pairs}))
    found = {row[0]: row for row in rows(db, SQL["named"], workspace=workspace, ids=others)}
    return {
        one
        for one, other in pairs
        if other in found
        and (found[other][2], found[other][3]) == sorts[one]
        and kinds.opened(workspace, found[other][2], found[other][4]).encode() > plain[one].encode()
    }


def _texts(db: Connection, workspace: int, person: Person, sightings: Iterable[int]) -> None:
    """Names and addresses that were said of her."""
    for name, text in rows(db, SQL["said"], workspace=workspace, sightings=array(sorted(sightings))):
        if name.lower() in OF_A_PERSON:
            said = erased.leaves(traits.unseal(workspace, name, text))
            person.texts.update(one for one in said if len(one) >= SHORTEST_TEXT)


# ---- away ---------------------------------------------------------------------------------------


def erase(db: Connection, workspace: int, found: Found) -> dict[str, int]:
    """Everything but the events' own rows (`rewrite`); what changed, by table."""
    ids, mine = array(found.ids), array(found.sightings)
    others = array([one.id for one in found.sighted if not one.own])
    counts = {
        "profiles_identifier": run(db, SQL["tokens"], workspace=workspace, **_named(workspace, found)),
        "profiles_sighting": _sightings(db, workspace, found),
        "profiles_hint": run(db, SQL["hints"], workspace=workspace, ids=ids),
        "profiles_trait": run(db, SQL["forget_traits"], workspace=workspace, sightings=mine)
        + _others_said(db, workspace, others, found.person),
        "profiles_summary": run(
            db, SQL["summary"], workspace=workspace, profile=found.profile, key=found.keys[found.profile]
        ),
        "profiles_consent": run(db, SQL["proofs"], workspace=workspace, sightings=mine),
        "profiles_consent_signal": run(db, SQL["signals"], workspace=workspace, sightings=mine),
        "profiles_suggestion": run(
            db, SQL["suggestions"], workspace=workspace, keys=array([one.key for one in found.person.known])
        ),
        "profiles_gram": run(db, SQL["grams"], workspace=workspace, profile=found.profile),
        "profiles_manual": run(db, SQL["manual"], workspace=workspace, ids=ids),
    }
    return counts | _decided(db, workspace, found)


def _named(workspace: int, found: Found) -> dict[str, str]:
    known = found.person.known
    return {
        "ids": array([one.id for one in known]),
        "keys": array([found.keys[one.id] for one in known]),
        "values": array([kinds.sealed(workspace, one.kind, one.token) for one in known]),
    }


def _sightings(db: Connection, workspace: int, found: Found) -> int:
    """The keys of all sightings that name her, of which the identifiers have theirs by now."""
    wanted = sorted({one for seen in found.sighted for one in seen.members})
    key = {row[0]: row[1] for row in rows(db, SQL["named"], workspace=workspace, ids=array(wanted))}
    made = [UUID(sighting_key(tuple([key[one].int for one in seen.members]))) for seen in found.sighted]
    return run(
        db,
        SQL["sightings"],
        workspace=workspace,
        ids=array([one.id for one in found.sighted]),
        keys=array(made),
    )


def _others_said(db: Connection, workspace: int, sightings: str, person: Person) -> int:
    """Her phone or e-mail as somebody else's sightings said it."""
    gone = [
        (sighting, name, hash_)
        for sighting, name, _channel, hash_, text in rows(
            db, SQL["others_said"], workspace=workspace, sightings=sightings
        )
        if (said := traits.unseal(workspace, name, text)) != person.without(said)
    ]
    return run(
        db,
        SQL["forget_said"],
        workspace=workspace,
        sightings=array([row[0] for row in gone]),
        names=array([row[1] for row in gone]),
        hashes=array([row[2] for row in gone]),
    )


def _decided(db: Connection, workspace: int, found: Found) -> dict[str, int]:
    """What people decided, by the keys of now."""
    keys = {str(one.key): str(found.keys[one.id]) for one in found.person.known}
    edits = run(
        db,
        SQL["edits"],
        workspace=workspace,
        keys=array(keys),
        token_keys=array(keys.values()),
        values=array([kinds.sealed(workspace, one.kind, one.token) for one in found.person.known]),
    )
    for id_, lifted in rows(db, SQL["lifted"], workspace=workspace, patterns=[f"%{key}%" for key in keys]):
        pairs = [[keys.get(key, key) for key in pair] for pair in msgspec.json.decode(lifted)]
        run(db, SQL["write_lifted"], workspace=workspace, id=id_, lifted=msgspec.json.encode(pairs).decode())
    later = run(db, SQL["later"], workspace=workspace, keys=array(keys), token_keys=array(keys.values()))
    return {"profiles_edit": edits, "profiles_later": later}


def rewrite(db: Connection, workspace: int, cleans: Sequence[Clean], sightings: Sequence[int]) -> int:
    """Events as they are read now, by id and time; surroundings that only they had go.

    Of hers whose body is no longer kept nothing stays but name, time and channel.
    """
    mine = array(list(sightings))
    shared = [id_ for (id_,) in rows(db, SQL["surroundings"], workspace=workspace, sightings=mine)]
    done = run(
        db,
        SQL["rewrite"],
        workspace=workspace,
        ids=array([one.id for one in cleans]),
        times=array([one.occurred_at for one in cleans]),
        names=[one.name for one in cleans],
        touchpoints=[one.touchpoint for one in cleans],
        message_ids=[one.message_id for one in cleans],
        datas=[events.ENCODER.encode(events.payload(one, one.context)).decode() for one in cleans],
    )
    done += run(db, SQL["bare"], workspace=workspace, sightings=mine, ids=array([one.id for one in cleans]))
    run(db, SQL["forget_surroundings"], workspace=workspace, ids=array(shared))
    return done


def sealed_holding(db: Connection, workspace: int, forms: Sequence[str]) -> int:
    """How many traits that are kept encrypted hold one of some writings."""
    found = 0
    for name, text in rows(db, SQL["sealed"], workspace=workspace, names=array(sorted(CONTACT_NAMES))):
        said = f'"{traits.unseal(workspace, name, text)}"'
        found += any(form in said for form in forms)
    return found


# ---- not again ----------------------------------------------------------------------------------


def suppress(db: Connection, workspace: int, keys: Collection[UUID], erasure: UUID) -> int:
    """From now on messages with one of these identifiers make nobody."""
    return run(db, SQL["suppress"], workspace=workspace, keys=array(keys), erasure=erasure)


def suppressed(db: Connection, workspace: int, cleans: Sequence[Clean]) -> set[UUID]:
    """Keys of a batch's identifiers that are suppressed, counted. One look, none where there are none."""
    if not cleans or not rows(db, SQL["any_suppressed"], workspace=workspace)[0][0]:
        return set()
    keys = array({one.key for clean in cleans for one in clean.identifiers})
    found = {key for (key,) in rows(db, SQL["suppressed"], workspace=workspace, keys=keys)}
    if found:
        run(db, SQL["met"], workspace=workspace, keys=array(sorted(found)))
    return found


def are_suppressed(db: Connection, workspace: int, keys: Iterable[UUID]) -> set[UUID]:
    """Which of some keys are suppressed."""
    return {key for (key,) in rows(db, SQL["suppressed"], workspace=workspace, keys=array(keys))}
