"""Where a double's records arrive: a connector of its kind beside the channel's others, made once, with its mapping."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import connection

from channels.connect import setup
from channels.models import Channel, Connector
from channels.studio import versions
from kernel.errors import Trouble
from kernel.models import Workspace

AUTHOR = "demo"


class Wanted(NamedTuple):
    """A connector that a double needs. `slug`: of its channel."""

    slug: str
    kind: str
    name: str
    settings: Mapping[str, Any]
    mapping: str = ""


def connector(workspace: Workspace, wanted: Wanted, **secrets: str) -> Connector:
    """The connector of a name on a channel; secrets are of a new one. What an admin changed of it stays."""
    slug, kind, name, settings, mapping = wanted
    channel = Channel.objects.filter(workspace=workspace, slug=slug).first()
    if channel is None:
        raise Trouble(f"The demo's channel {slug} is gone: run `manage.py demo` in a new workspace.")
    found = channel.connector_set.filter(name=name, kind=kind).first()
    if found is None:
        found = setup.make(channel, kind, name, settings, secrets).connector
    if mapping and not versions.all_of(connection, found):
        versions.save(connection, found, mapping, AUTHOR, "As the system's documentation says.")
    return found
