"""Making and changing connectors of every kind: settings and secrets, checked by the kind. API and pages call this.

Not here: channels, write keys, limits (channels/setup.py), who may do it (kernel/web/access.py).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from channels import connectors, setup
from channels.connect import connections
from channels.connect.connections import OWN, Kept
from channels.connectors.base import API, Connection, ConnectorKind
from channels.models import Channel, Connector
from kernel.errors import BadRequest, Refused


class Tried(NamedTuple):
    """What a test of a connection came to."""

    ok: bool
    message: str


def make(
    channel: Channel, kind: str, name: str, settings: Mapping[str, Any], secrets: Mapping[str, Any]
) -> setup.Added:
    """A connector of a kind, whole or not at all; one that is sent to with a write key gets one."""
    found = connectors.kind(kind)
    own = connections.checked(found, settings)
    with transaction.atomic():
        added = setup.add_connector(channel, name, kind, keyed=found.direction == API)
        made = added.connector
        made.settings = made.settings | {OWN: own}
        made.secrets = connections.sealed(found, str(made.uuid), "", secrets)
        made.save(update_fields=["settings", "secrets"])
    return added


def change(
    connector: Connector,
    *,
    name: str | None = None,
    settings: Mapping[str, Any] | None = None,
    secrets: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What is given, nothing else; settings by field. What changed, before and after; of a secret only that it did."""
    kind = connectors.kind(connector.kind)
    changed: dict[str, Any] = {}
    with transaction.atomic():
        held = Connector.objects.select_for_update().get(pk=connector.pk)
        if name is not None and setup.named(name) != held.name:
            changed["name"] = [held.name, setup.named(name)]
            held.name = setup.named(name)
        if settings is not None:
            before = held.settings.get(OWN, {})
            after = connections.checked(kind, {**before, **settings})
            changed |= {
                one: [before.get(one), value] for one, value in after.items() if before.get(one) != value
            }
            held.settings = held.settings | {OWN: after}
        if secrets:
            held.secrets = connections.sealed(kind, str(held.uuid), held.secrets, secrets)
            changed |= dict.fromkeys(secrets, "changed")
        held.save(update_fields=["name", "settings", "secrets"])
    return changed


def switch(connector: Connector, *, on: bool) -> Tried:
    """Paused, or going on."""
    Connector.objects.filter(pk=connector.pk).update(enabled=on)
    return Tried(True, _("The connector receives again.") if on else _("The connector is paused."))


def test(connector: Connector) -> Tried:
    """What a look at the other side came to; settings that cannot work say so."""
    kind = connectors.kind(connector.kind)
    if kind.check is None:
        return Tried(True, _("Nothing can be tried from here: send an event with the write key."))
    try:
        return Tried(True, kind.check(opened(connector)))
    except Refused as why:
        return Tried(False, str(why))


def opened(connector: Connector) -> Connection:
    """A connector as its kind sees it."""
    return connections.opened(kept(connector))


def kept(connector: Connector) -> Kept:
    """What its kind's reading depends on."""
    channel = connector.channel
    own = connections.encoded(connector.settings.get(OWN, {}))
    app = str(connector.settings.get("app") or channel.slug)
    return Kept(
        connector.kind, str(connector.uuid), own, connector.secrets, channel.timezone, channel.currency, app
    )


def secrets_set(connector: Connector) -> list[str]:
    """The names of the secrets that are there; what they are is never read."""
    return sorted(connections.unsealed(str(connector.uuid), connector.secrets))


def hook_path(kind: ConnectorKind, connector: Connector) -> str:
    """Where its platform posts to; empty for a kind that takes no deliveries."""
    return f"/hooks/{connector.uuid}/" if kind.verify is not None else ""


def known(name: str) -> ConnectorKind | None:
    """A kind, or None for one that a newer version made."""
    return connectors.KINDS.get(name)


def nothing_to_run(kind: ConnectorKind) -> BadRequest:
    """A connector that is sent to does nothing by itself."""
    return BadRequest(
        _("A connector of kind “%(kind)s” is sent to: there is nothing to run.") % {"kind": kind.label},
        "nothing_to_run",
    )
