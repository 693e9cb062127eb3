"""What mapping needs of the settings, read once per batch as plain values. Not here: the tables (models.py)."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from cdp.kernel import normalise, periods
from cdp.kernel.db import Connection, Statements, rows

sql = Statements(__file__)


class ChannelPlace(msgspec.Struct, frozen=True):
    """A channel as a message sees it."""

    id: int
    slug: str
    currency: str
    zone: tzinfo
    region: str  # whose phone numbers are meant


class ConnectorPlace(msgspec.Struct, frozen=True):
    """A connector as a message sees it."""

    id: int
    uuid: UUID
    channel: ChannelPlace
    app: str  # namespace of its openids
    previous_is_user: bool  # alias joins two user ids, as a person's merge would


class Snapshot(msgspec.Struct, frozen=True):
    """One workspace's settings at one moment."""

    workspace: int
    zone: tzinfo
    currency: str
    secret: bytes
    connectors: dict[int, ConnectorPlace]
    channels: dict[str, ChannelPlace]  # by slug
    # Of values that are no identifiers: kind ("" is every kind) and pattern.
    blocked: Sequence[tuple[str, str]] = ()


def _settings(value: Any) -> dict[str, Any]:
    found = msgspec.json.decode(value) if isinstance(value, str) else value
    return found if isinstance(found, dict) else {}


def _region(own: dict[str, Any], zone_name: str) -> str:
    chosen = own.get("region")
    return chosen.upper() if isinstance(chosen, str) and chosen else normalise.region(zone_name)


def of(db: Connection, workspace: int, blocked: Sequence[tuple[str, str]] = ()) -> Snapshot:
    """The settings as they are now. A batch reads them once: a channel made a moment ago is known."""
    zone_name, currency = rows(db, sql["workspace"], workspace=workspace)[0]
    channels = {
        slug: ChannelPlace(key, slug, money, periods.zone(where), _region(_settings(own), where))
        for key, slug, money, where, own in rows(db, sql["channels"], workspace=workspace)
    }
    connectors = {}
    for key, uuid, slug, own in rows(db, sql["connectors"], workspace=workspace):
        options = _settings(own)
        connectors[key] = ConnectorPlace(
            id=key,
            uuid=UUID(str(uuid)),
            channel=channels[slug],
            app=normalise.text(options.get("app")) or slug,
            previous_is_user=options.get("previous_id") == "user_id",
        )
    return Snapshot(
        workspace=workspace,
        zone=periods.zone(zone_name),
        currency=currency,
        secret=settings.IDENTITY_SECRET,
        connectors=connectors,
        channels=channels,
        blocked=tuple(blocked),
    )
