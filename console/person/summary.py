"""What a shop or a service desk is told of whoever stands before it, by any identifier, in a few milliseconds.

Not here: the whole customer (profiles/queries.py:profile), how it is asked over HTTP (summary_api.py).
"""

from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from kernel.errors import Conflict, NotFound
from kernel.models import Workspace
from metrics import persons
from profiles import queries


def by_identifier(
    workspace: Workspace, kind: str, value: str, namespace: str | None, masked: bool
) -> dict[str, Any]:
    """The summary of the one customer that an identifier points to. NotFound for nobody, Conflict for several."""
    keys = queries.identifier_keys(connection, workspace.pk, f"{kind}:{value}", namespace)
    found = queries.owners(connection, workspace.pk, keys)
    if not found:
        raise NotFound(_("Nobody is known by this identifier."))
    if len(found) > 1:
        raise Conflict(
            _("Several customers have this value in different namespaces: name one by `namespace`.")
        )
    serial, public = found[0]
    db, place, key = connection, workspace.pk, str(public)
    sightings = queries.sightings(db, place, serial)
    return {
        "id": key,
        "name": queries.names_of(db, place, [key], masked=masked)[key],
        "traits": queries.best_traits(db, workspace, serial, masked),
        "segments": queries.segments_of(db, place, serial),
        "last_orders": persons.last_orders(db, place, sightings),
        "open_tickets": persons.open_tickets(db, place, sightings),
        "next_best_channel": persons.best_channel(db, place, sightings),
        "consent": queries.consent_now(db, place, serial, masked),
    }
