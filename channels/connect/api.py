"""Connectors over the API: the kinds there are, making and changing one. Secrets are written and never read.

Not here: what a kind wants (connectors/), the list with its health (channels/api.py), testing, pausing and running one
(channels/pulls/api.py).
"""

from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from channels import connectors
from channels.connect import answers, connections, pulled, setup
from channels.connectors.base import ConnectorKind
from channels.models import Channel, Connector
from kernel import audit
from kernel.errors import BadRequest, NotFound
from kernel.periods import utc_text
from kernel.web.api import ApiView, body, parameters, uuid_of

# What the list of all says of each.
LISTED = (
    *("connector", "name", "kind", "channel", "enabled", "rate_limit", "created_at"),
    *("hook_url", "next_run", "cursor", "last_success", "failure", "waiting", "given_up"),
)
PATCHED = frozenset(("name", "settings", "secrets"))
MADE = PATCHED | {"channel", "kind"}


def shown_kind(kind: ConnectorKind) -> dict[str, Any]:
    """A kind as the API says it."""
    return {
        "kind": kind.name,
        "label": str(kind.label),
        "category": kind.category,
        "direction": kind.direction,
        "about": str(kind.about),
        "settings_schema": connections.schema(kind),
        "secrets": [
            {"name": one.name, "label": str(one.label), "help": str(one.help), "needed": one.needed}
            for one in kind.secrets
        ],
        "docs": {
            "steps": [str(one) for one in kind.guide.steps],
            "untold": [str(one) for one in kind.guide.untold],
            "source": kind.guide.source,
            "read_on": kind.guide.read_on,
            "verified": kind.guide.verified,
        },
    }


def shown(request: Request, one: Connector, standing: pulled.Standing | None = None) -> dict[str, Any]:
    """A connector's settings as the API says them: no secret, but which are set. `standing`: where it is known."""
    kind = setup.known(one.kind)
    path = setup.hook_path(kind, one) if kind else ""
    own = one.settings.get(connections.OWN, {})
    return {
        "connector": str(one.uuid),
        "name": one.name,
        "kind": one.kind,
        "channel": one.channel.slug,
        "enabled": one.enabled,
        "rate_limit": one.rate_limit,
        "created_at": utc_text(one.created_at),
        "hook_url": request.build_absolute_uri(path) if path else None,
        "cursor": one.cursor or None,
        **pulled.shown(one, pulled.of_one(connection, one) if standing is None else standing),
        "settings": own if isinstance(own, dict) else {},
        "secrets_set": setup.secrets_set(one),
    }


class ConnectorKinds(ApiView):
    """Ways into the product."""

    @extend_schema(responses=answers.Kind(many=True))
    def get(self, request: Request) -> Response:
        """Every kind of connector, with the form of its settings."""
        parameters(request)
        return Response([shown_kind(kind) for kind in connectors.KINDS.values()])


def make(request: Request, workspace: Any) -> Response:
    """A new connector out of a request's body."""
    asked = _asked(request, MADE)
    channel = Channel.objects.filter(workspace=workspace, slug=str(asked.get("channel", ""))).first()
    if channel is None:
        raise BadRequest(
            f"There is no channel {asked.get('channel')!r} in this workspace.", "unknown_channel"
        )
    added = setup.make(
        channel,
        str(asked.get("kind", "")),
        str(asked.get("name") or ""),
        _object(asked, "settings"),
        _object(asked, "secrets"),
    )
    made = added.connector
    audit.note(
        workspace.pk,
        str(request.user),
        "connector.add",
        str(made.uuid),
        kind=made.kind,
        name=made.name,
        channel=channel.slug,
    )
    key = {"write_key": added.key} if added.key else {}
    return Response(shown(request, made) | key, status=201)


class ConnectorDetail(ApiView):
    """A connector's settings."""

    role = "admin"

    @extend_schema(responses=answers.Settings)
    def get(self, request: Request, uuid: str) -> Response:
        """What is set, without its secrets."""
        parameters(request)
        return Response(shown(request, one_of(self.access.workspace, uuid)))

    @extend_schema(request=answers.Patched, responses=answers.Settings)
    def patch(self, request: Request, uuid: str) -> Response:
        """Name, settings by field, secrets by name (an empty one goes)."""
        found, asked = one_of(self.access.workspace, uuid), _asked(request, PATCHED)
        changed = setup.change(
            found,
            name=str(asked["name"]) if "name" in asked else None,
            settings=_object(asked, "settings") if "settings" in asked else None,
            secrets=_object(asked, "secrets"),
        )
        if changed:
            audit.note(
                self.access.workspace.pk,
                str(request.user),
                "connector.change",
                str(found.uuid),
                changed=changed,
            )
        return Response(shown(request, one_of(self.access.workspace, uuid)))


def one_of(workspace: Any, uuid: str) -> Connector:
    """The connector of an address; raises NotFound."""
    found = None
    if uuid_of(uuid):
        found = Connector.objects.select_related("channel").filter(workspace=workspace, uuid=uuid).first()
    if found is None:
        raise NotFound(_("There is no such connector in this workspace."))
    return found


def _asked(request: Request, known: frozenset[str]) -> dict[str, Any]:
    asked = body(request)
    for name in asked:
        if name not in known:
            raise BadRequest(
                f"A connector has no {name[:60]!r}: {', '.join(sorted(known))}.", "unknown_field"
            )
    return asked


def _object(asked: dict[str, Any], name: str) -> dict[str, Any]:
    found = asked.get(name) or {}
    if not isinstance(found, dict):
        raise BadRequest(f'"{name}" is an object: {{"name": value, …}}.', "bad_request")
    return found
