"""What mapping needs of the settings, read once per batch as plain values. Not here: the tables (models.py)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from channels import connectors
from channels.connect import connections
from channels.connect.connections import OWN, Kept
from channels.language import mapping
from channels.language.errors import Wrong
from channels.plan import versions as plan
from channels.plan.versions import Valid
from channels.plan.versions import Versions as PlanVersions
from kernel import contacts, periods, values
from kernel.db import Connection, Statements, rows

sql = Statements(__file__)

SEGMENTS = Kept("http", "", "{}", "", "UTC", "", "")  # of a kind that reads nothing more
REMEMBERED = 64  # workspaces' settings; a workspace may have hundreds of connectors


class ChannelSettings(msgspec.Struct, frozen=True):
    """A channel as a message sees it."""

    id: int
    slug: str
    currency: str
    zone: tzinfo
    region: str  # whose phone numbers are meant


class ConnectorSettings(msgspec.Struct, frozen=True):
    """A connector as a message sees it."""

    id: int
    uuid: UUID
    channel: ChannelSettings
    app: str  # namespace of its openids
    previous_is_user: bool  # alias joins two user ids, as a person's merge would
    kept: Kept = SEGMENTS  # what its kind reads of it

    @property
    def kind(self) -> str:
        """Its kind's name."""
        return self.kept.kind

    @property
    def second_hand(self) -> bool:
        """Whether its messages may be about another channel than its own."""
        kind = connectors.KINDS.get(self.kept.kind)
        return kind is not None and kind.second_hand


class Version(msgspec.Struct, frozen=True):
    """A version of a connector's mapping. `digest` names its text, which is read when it is needed."""

    number: int
    valid_from: datetime
    digest: str


class Versions(msgspec.Struct, frozen=True):
    """All versions of a connector's mapping, the newest first."""

    all: tuple[Version, ...]
    read: Callable[[str], mapping.Mapping | Wrong]

    def at(self, received_at: datetime) -> mapping.Mapping | Wrong | None:
        """The mapping that a request of this time is read by: the newest that was valid then. None: none was."""
        found = next((one for one in self.all if one.valid_from <= received_at), None)
        return None if found is None else self.read(found.digest)

    def since(self, received_at: datetime) -> mapping.Mapping | Wrong | None:
        """The newest mapping, where a request of this time was read by another one or by none."""
        newest = self.all[0]
        then = next((one for one in self.all if one.valid_from <= received_at), None)
        return None if then is not None and then.digest == newest.digest else self.read(newest.digest)


class Snapshot(msgspec.Struct, frozen=True):
    """One workspace's settings at one moment."""

    workspace: int
    zone: tzinfo
    currency: str
    secret: bytes
    connectors: dict[int, ConnectorSettings]
    channels: dict[str, ChannelSettings]  # by slug
    made_by: Mapping[str, str] = {}  # who makes the workspace's own events (kernel/contacts.py)
    # Of values that are no identifiers: kind ("" is every kind) and pattern.
    blocked: Sequence[tuple[str, str]] = ()
    mappings: Mapping[int, Versions] = {}  # of the connectors that have one
    plans: PlanVersions | None = None  # None: there is no tracking plan


def _settings(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _region(own: dict[str, Any], zone_name: str) -> str:
    chosen = own.get("region")
    return chosen.upper() if isinstance(chosen, str) and chosen else values.region(zone_name)


def of(db: Connection, workspace: int, blocked: Sequence[tuple[str, str]] = ()) -> Snapshot:
    """The settings as they are now. A batch reads them once: a channel made a moment ago is known."""
    zone_name, currency, made_by, channels, connectors, versions, plans = rows(
        db, sql["settings"], workspace=workspace
    )[0]
    by_slug, by_id = _places(channels or "[]", connectors or "[]")
    return Snapshot(
        workspace=workspace,
        zone=periods.zone(zone_name),
        currency=currency,
        secret=settings.IDENTITY_SECRET,
        connectors=by_id,
        channels=by_slug,
        made_by=_made_by(made_by or "{}"),
        blocked=tuple(blocked),
        mappings=_mappings(db, workspace, versions) if versions else {},
        plans=PlanVersions(_valid(plans), partial(plan.compiled, db, workspace)) if plans else None,
    )


@lru_cache(maxsize=REMEMBERED)
def _made_by(said: str) -> dict[str, str]:
    return contacts.own_names(msgspec.json.decode(said))


@lru_cache(maxsize=REMEMBERED)
def _places(
    channels: str, connectors: str
) -> tuple[dict[str, ChannelSettings], dict[int, ConnectorSettings]]:
    """Channels by slug and connectors by id. They rarely differ from those of the batch before."""
    by_slug = {
        slug: ChannelSettings(key, slug, money, periods.zone(where), _region(_settings(own), where))
        for key, slug, money, where, own in msgspec.json.decode(channels)
    }
    zones = {slug: where for _key, slug, _money, where, _own in msgspec.json.decode(channels)}
    by_id = {}
    for key, uuid, slug, own, kind, sealed in msgspec.json.decode(connectors):
        options = _settings(own)
        app = values.text(options.get("app")) or slug
        said = connections.encoded(options.get(OWN))
        by_id[key] = ConnectorSettings(
            id=key,
            uuid=UUID(uuid),
            channel=by_slug[slug],
            app=app,
            previous_is_user=options.get("previous_id") == "user_id",
            kept=Kept(kind, uuid, said, sealed, zones[slug], by_slug[slug].currency, app),
        )
    return by_slug, by_id


@lru_cache(maxsize=REMEMBERED)
def _valid(said: str) -> tuple[Valid, ...]:
    """The versions of a plan, the newest first."""
    found = msgspec.json.decode(said)
    return tuple(Valid(datetime.fromisoformat(valid_from), digest) for valid_from, digest in found)


# ---- mappings -----------------------------------------------------------------------------------

_READ: dict[str, mapping.Mapping | Wrong] = {}  # by the digest of the text


def _mappings(db: Connection, workspace: int, said: str) -> dict[int, Versions]:
    read = partial(_by_digest, db, workspace)
    return {connector: Versions(found, read) for connector, found in _versions(said).items()}


@lru_cache(maxsize=REMEMBERED)
def _versions(said: str) -> dict[int, tuple[Version, ...]]:
    found: dict[int, list[Version]] = {}
    for connector, number, digest, valid_from in msgspec.json.decode(said):
        version = Version(number, datetime.fromisoformat(valid_from), digest)
        found.setdefault(connector, []).append(version)
    return {connector: tuple(versions) for connector, versions in found.items()}


def _by_digest(db: Connection, workspace: int, digest: str) -> mapping.Mapping | Wrong:
    """The mapping of a text, which a process asks for once."""
    found = _READ.get(digest)
    if found is None:
        [(text,)] = rows(db, sql["mapping"], workspace=workspace, digest=digest)
        found = mapping.known(text)
        if len(_READ) >= mapping.REMEMBERED:
            _READ.clear()
        _READ[digest] = found
    return found
